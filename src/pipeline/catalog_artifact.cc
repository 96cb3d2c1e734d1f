#include "pipeline/catalog_artifact.h"

#include <map>

#include "base/text.h"
#include "pipeline/dbt_ids.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;
using Columns = std::map<std::string, Json>;  // by "schema.name", folded

Columns AllColumns(engine::Session& session) {
    constexpr size_t kMostColumns = 1'000'000;
    Columns columns;
    const auto rows = session.Query(
        "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns "
        "ORDER BY table_schema, table_name, ordinal_position",
        {}, kMostColumns);
    for (const engine::TextRow& row : rows) {
        Json& table =
            columns.emplace(AsciiLower(*row[0] + "." + *row[1]), Json::object()).first->second;
        const size_t index = table.size() + 1;
        table[*row[2]] = {
            {"type", *row[3]}, {"index", index}, {"name", *row[2]}, {"comment", nullptr}};
    }
    return columns;
}

Json Stat(const std::string& id, const std::string& label, uint64_t value,
          const std::string& description) {
    return {{"id", id},
            {"label", label},
            {"value", value},
            {"include", true},
            {"description", description}};
}

Json StatsOf(engine::Session& session, const engine::TableName& name) {
    const auto snapshot = session.Snapshot(name);
    const table::TableTotals totals = snapshot->Totals();
    Json stats = {{"has_stats", Stat("has_stats", "Has statistics", 1, "")}};
    stats["has_stats"]["value"] = true;
    stats["has_stats"]["include"] = false;
    if (const auto rows = snapshot->LiveRows())
        stats["num_rows"] = Stat("num_rows", "Rows", *rows, "rows that are not deleted");
    stats["num_bytes"] = Stat("num_bytes", "Bytes", totals.size_bytes, "bytes of its files");
    stats["num_files"] = Stat("num_files", "Files", totals.files, "data files");
    return stats;
}

}  // namespace

Json CatalogArtifact(const LoadedProject& loaded, catalog::Catalog& catalog,
                     engine::Session& session, const Invocation& invocation) {
    Json artifact = {{"metadata", ArtifactMetadata(invocation, "catalog", 1)},
                     {"nodes", Json::object()},
                     {"sources", Json::object()},
                     {"errors", nullptr}};
    const Columns columns = AllColumns(session);
    for (const Item& item : loaded.inventory().Items()) {
        const auto name = TableOf(loaded, item);
        if (!name) continue;
        const std::string& comment = item.source != nullptr
                                         ? item.source->description
                                         : loaded.graph().Nodes()[*item.node].model->description;
        const auto entry = catalog.Find(*name);
        const auto found = columns.find(AsciiLower(name->schema + "." + name->name));
        if (!entry || found == columns.end()) continue;
        const bool is_table = entry->kind == engine::EntryKind::kTable;
        artifact[item.source != nullptr ? "sources" : "nodes"][item.unique_id] = {
            {"metadata",
             {{"type", is_table ? "BASE TABLE" : "VIEW"},
              {"schema", name->schema},
              {"name", name->name},
              {"database", loaded.database()},
              {"comment", Nullable(comment)},
              {"owner", nullptr}}},
            {"columns", found->second},
            {"stats", is_table ? StatsOf(session, *name) : Json::object()},
            {"unique_id", item.unique_id}};
    }
    return artifact;
}

}  // namespace tarn::pipeline
