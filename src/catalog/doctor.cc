#include "catalog/doctor.h"

#include <set>

#include "catalog/table_location.h"

namespace tarn::catalog {

namespace {

// The table folders of the warehouse, <warehouse>/<schema>/<table>, found by the first object of
// each.
std::vector<std::string> TableFolders(storage::ObjectStore& store, const std::string& warehouse) {
    std::vector<std::string> folders;
    storage::ListOptions options{.start_after = "", .recursive = true, .limit = 1};
    while (true) {
        const auto found = store.List(warehouse, options);
        if (found.empty()) return folders;
        const std::string& location = found.front().location;
        const size_t schema_end = location.find('/', warehouse.size() + 1);
        const size_t table_end =
            schema_end == std::string::npos ? schema_end : location.find('/', schema_end + 1);
        if (table_end == std::string::npos) {
            options.start_after = location;  // a file that lies beside the tables' folders
            continue;
        }
        folders.push_back(location.substr(0, table_end));
        // No name in UTF-8 holds the byte 0xFF: the next object after it lies outside this folder.
        options.start_after = folders.back() + "/\xFF";
    }
}

}  // namespace

std::string_view NameOf(FindingKind kind) {
    return kind == FindingKind::kFolderWithoutRow ? "folder without row" : "row without folder";
}

std::vector<Finding> Diagnose(Catalog& catalog, storage::ObjectStore& store,
                              const std::function<bool(const engine::DirectoryEntry&)>& exists) {
    std::vector<Finding> findings;
    // Folders first: a table that is being made has its files before its row, one that is dropped
    // keeps them.
    const std::vector<std::string> folders =
        TableFolders(store, NormalLocation(catalog.Config().warehouse));
    std::set<std::string> owned;
    for (const DroppedTable& dropped : catalog.Dropped()) owned.insert(dropped.location);
    for (const auto& schema : catalog.Schemas()) {
        for (const auto& entry : catalog.List(schema.name)) {
            if (entry.kind != engine::EntryKind::kTable) continue;
            owned.insert(entry.location);
            if (exists(entry)) continue;
            findings.push_back(
                {FindingKind::kRowWithoutFolder, entry.name.ToString(), entry.location});
        }
    }
    for (const std::string& folder : folders) {
        if (!owned.contains(folder))
            findings.push_back({FindingKind::kFolderWithoutRow, "", folder});
    }
    return findings;
}

}  // namespace tarn::catalog
