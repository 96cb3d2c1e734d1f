// Holds the catalog's rows against what lies in the warehouse: what a crash between a table's files
// and its row, or a hand in the wrong place, leaves behind. Only looks, never repairs.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "storage/object_store.h"

namespace tarn::catalog {

enum class FindingKind {
    kFolderWithoutRow,  // files in the warehouse that no table, present or dropped, owns
    kRowWithoutFolder,  // a table whose files are gone
};
std::string_view NameOf(FindingKind kind);  // "folder without row"

struct Finding {
    FindingKind kind;
    std::string table;  // of a row
    std::string location;
};

// `exists`: is there a table of the entry's format at its location. One listing a folder.
std::vector<Finding> Diagnose(Catalog& catalog, storage::ObjectStore& store,
                              const std::function<bool(const engine::DirectoryEntry&)>& exists);

}  // namespace tarn::catalog
