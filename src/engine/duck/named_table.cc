#include "engine/duck/named_table.h"

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/planner/binder.hpp"
#include "engine/duck/catalog.h"
#include "engine/duck/dml.h"

namespace tarn::engine::duck {

NamedTable NamedTable::Of(duckdb::ClientContext& client, const sql::QualifiedName& name) {
    const auto& parts = name.parts;
    return Of(client, parts.size() == 3 ? parts[0] : std::string(),
              parts.size() >= 2 ? parts[parts.size() - 2] : std::string(), parts.back());
}

NamedTable NamedTable::Of(duckdb::ClientContext& client, std::string catalog, std::string schema,
                          std::string name) {
    duckdb::Binder::BindSchemaOrCatalog(client, catalog, schema);
    return {std::move(catalog), std::move(schema), std::move(name)};
}

duckdb::optional_ptr<duckdb::CatalogEntry> FindEntry(duckdb::ClientContext& client,
                                                     const NamedTable& name) {
    const duckdb::EntryLookupInfo lookup(duckdb::CatalogType::TABLE_ENTRY, name.name);
    return duckdb::Catalog::GetEntry(client, name.catalog, name.schema, lookup,
                                     duckdb::OnEntryNotFound::RETURN_NULL);
}

std::shared_ptr<TableEntry> FindLakeTable(duckdb::ClientContext& client, const NamedTable& name) {
    auto entry = FindEntry(client, name);
    const bool is_lake = entry && entry->type == duckdb::CatalogType::TABLE_ENTRY &&
                         entry->ParentCatalog().GetCatalogType() == LakeCatalog::kType;
    if (!is_lake) return nullptr;
    return EntryToWrite(client, entry->Cast<duckdb::TableCatalogEntry>());
}

duckdb::vector<std::string> ColumnsOf(duckdb::ClientContext& client, const NamedTable& name) {
    auto& entry = duckdb::Catalog::GetEntry<duckdb::TableCatalogEntry>(client, name.catalog,
                                                                       name.schema, name.name);
    duckdb::vector<std::string> columns;
    for (const auto& column : entry.GetColumns().Physical()) columns.push_back(column.Name());
    return columns;
}

}  // namespace tarn::engine::duck
