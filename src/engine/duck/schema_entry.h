// A schema of the lake. Its entries come from the directory through the running transaction; a
// schema "for paths" is named like a format and finds tables by their folder: delta."/some/path".
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "duckdb/catalog/catalog_entry/schema_catalog_entry.hpp"
#include "engine/table_directory.h"
#include "table/table_format.h"

namespace tarn::engine::duck {

// A folder as the lake names it: without "/" at its end.
std::string FolderOf(std::string written);

class LakeCatalog;

// Unsupported inside BEGIN ... COMMIT: definitions take effect at once.
void CheckDefinitionAllowed(duckdb::ClientContext& client);

class SchemaEntry final : public duckdb::SchemaCatalogEntry {
public:
    SchemaEntry(duckdb::Catalog& lake, duckdb::CreateSchemaInfo& info, bool is_for_paths)
        : SchemaCatalogEntry(lake, info), is_for_paths_(is_for_paths) {}

    bool is_for_paths() const { return is_for_paths_; }
    LakeCatalog& Lake();
    // The table or view of that name, or the function, in the transaction; nothing when there is
    // none.
    std::optional<DirectoryEntry> FindRow(duckdb::ClientContext& client,
                                          const std::string& entry_name,
                                          EntryKind kind = EntryKind::kTable);

    void Scan(duckdb::ClientContext& client, duckdb::CatalogType entry_type,
              const std::function<void(duckdb::CatalogEntry&)>& callback) override;
    void Scan(duckdb::CatalogType, const std::function<void(duckdb::CatalogEntry&)>&) override {}
    duckdb::optional_ptr<duckdb::CatalogEntry> LookupEntry(
        duckdb::CatalogTransaction transaction, const duckdb::EntryLookupInfo& lookup) override;
    duckdb::SimilarCatalogEntry GetSimilarEntry(duckdb::CatalogTransaction transaction,
                                                const duckdb::EntryLookupInfo& lookup) override;
    void DropEntry(duckdb::ClientContext& client, duckdb::DropInfo& info) override;
    duckdb::optional_ptr<duckdb::CatalogEntry> CreateTable(
        duckdb::CatalogTransaction transaction, duckdb::BoundCreateTableInfo& info) override;
    duckdb::optional_ptr<duckdb::CatalogEntry> CreateView(duckdb::CatalogTransaction transaction,
                                                          duckdb::CreateViewInfo& info) override;

    // What the lake does not hold (yet): Unsupported.
    void Alter(duckdb::CatalogTransaction, duckdb::AlterInfo&) override;
    duckdb::optional_ptr<duckdb::CatalogEntry> CreateIndex(duckdb::CatalogTransaction,
                                                           duckdb::CreateIndexInfo&,
                                                           duckdb::TableCatalogEntry&) override;
    duckdb::optional_ptr<duckdb::CatalogEntry> CreateFunction(duckdb::CatalogTransaction,
                                                              duckdb::CreateFunctionInfo&) override;
    duckdb::optional_ptr<duckdb::CatalogEntry> CreateSequence(duckdb::CatalogTransaction,
                                                              duckdb::CreateSequenceInfo&) override;
    duckdb::optional_ptr<duckdb::CatalogEntry> CreateTableFunction(
        duckdb::CatalogTransaction, duckdb::CreateTableFunctionInfo&) override;
    duckdb::optional_ptr<duckdb::CatalogEntry> CreateCopyFunction(
        duckdb::CatalogTransaction, duckdb::CreateCopyFunctionInfo&) override;
    duckdb::optional_ptr<duckdb::CatalogEntry> CreatePragmaFunction(
        duckdb::CatalogTransaction, duckdb::CreatePragmaFunctionInfo&) override;
    duckdb::optional_ptr<duckdb::CatalogEntry> CreateCollation(
        duckdb::CatalogTransaction, duckdb::CreateCollationInfo&) override;
    duckdb::optional_ptr<duckdb::CatalogEntry> CreateType(duckdb::CatalogTransaction,
                                                          duckdb::CreateTypeInfo&) override;

private:
    // A table that the client's plan of now takes for there.
    duckdb::optional_ptr<duckdb::CatalogEntry> FindAssumed(duckdb::ClientContext& client,
                                                           const std::string& entry_name);
    duckdb::CatalogEntry& Open(duckdb::ClientContext& client, const DirectoryEntry& row,
                               const std::optional<table::AsOf>& as_of);
    duckdb::optional_ptr<duckdb::CatalogEntry> LookupFunction(
        duckdb::CatalogTransaction transaction, const duckdb::EntryLookupInfo& lookup);
    void Put(DirectoryEntry row, const std::optional<DirectoryEntry>& existing,
             duckdb::OnCreateConflict if_it_exists);
    bool IsFolder(const std::string& entry_name);
    // Why nothing was found under the path.
    Error NoTableAt(const std::string& path);

    const bool is_for_paths_;
};

}  // namespace tarn::engine::duck
