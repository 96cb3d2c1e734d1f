// The lake as a database that DuckDB knows: schemas, and under them the directory's tables and
// views.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "duckdb/catalog/catalog.hpp"
#include "engine/duck/instance.h"
#include "engine/duck/schema_entry.h"
#include "engine/duck/table_entry.h"
#include "engine/table_directory.h"

namespace tarn::engine::duck {

class LakeCatalog final : public duckdb::Catalog {
public:
    static constexpr const char* kType = "tarn";

    LakeCatalog(duckdb::AttachedDatabase& database, Core& core) : Catalog(database), core_(core) {}

    // Makes "tarn" a kind of database that this engine can attach.
    static void Register(duckdb::DBConfig& config, Core& core);

    Core& core() { return core_; }
    // Forgets cached rows when the directory has changed since.
    void Refresh();
    // Of what shares names with that kind: functions have names of their own.
    std::optional<DirectoryEntry> FindRow(const TableName& name, EntryKind kind);
    std::shared_ptr<TableEntry> LoadTable(duckdb::SchemaCatalogEntry& in_schema,
                                          const DirectoryEntry& row, const table::AsOf& as_of);
    // Of a schema that exists, or that stands for a format's path tables; null when neither.
    SchemaEntry* FindSchema(const std::string& name);

    void Initialize(bool) override {}
    std::string GetCatalogType() override { return kType; }
    std::string GetDefaultSchema() const override { return "main"; }
    bool SupportsTimeTravel() const override { return true; }
    bool InMemory() override { return false; }
    std::string GetDBPath() override { return ""; }
    duckdb::DatabaseSize GetDatabaseSize(duckdb::ClientContext&) override { return {}; }
    duckdb::ErrorData SupportsCreateTable(duckdb::BoundCreateTableInfo&) override { return {}; }
    duckdb::optional_ptr<duckdb::CatalogEntry> CreateSchema(
        duckdb::CatalogTransaction transaction, duckdb::CreateSchemaInfo& info) override;
    duckdb::optional_ptr<duckdb::SchemaCatalogEntry> LookupSchema(
        duckdb::CatalogTransaction transaction, const duckdb::EntryLookupInfo& lookup,
        duckdb::OnEntryNotFound if_not_found) override;
    void ScanSchemas(duckdb::ClientContext& client,
                     std::function<void(duckdb::SchemaCatalogEntry&)> callback) override;

    // Unsupported: DuckDB's own would take the table for one of its own kind.
    duckdb::unique_ptr<duckdb::LogicalOperator> BindCreateIndex(
        duckdb::Binder& binder, duckdb::CreateStatement& statement,
        duckdb::TableCatalogEntry& target,
        duckdb::unique_ptr<duckdb::LogicalOperator> plan) override;
    duckdb::PhysicalOperator& PlanCreateTableAs(duckdb::ClientContext& client,
                                                duckdb::PhysicalPlanGenerator& planner,
                                                duckdb::LogicalCreateTable& op,
                                                duckdb::PhysicalOperator& plan) override;
    duckdb::PhysicalOperator& PlanInsert(
        duckdb::ClientContext& client, duckdb::PhysicalPlanGenerator& planner,
        duckdb::LogicalInsert& op, duckdb::optional_ptr<duckdb::PhysicalOperator> plan) override;
    duckdb::PhysicalOperator& PlanDelete(duckdb::ClientContext& client,
                                         duckdb::PhysicalPlanGenerator& planner,
                                         duckdb::LogicalDelete& op,
                                         duckdb::PhysicalOperator& plan) override;
    duckdb::PhysicalOperator& PlanUpdate(duckdb::ClientContext& client,
                                         duckdb::PhysicalPlanGenerator& planner,
                                         duckdb::LogicalUpdate& op,
                                         duckdb::PhysicalOperator& plan) override;
    duckdb::PhysicalOperator& PlanMergeInto(duckdb::ClientContext& client,
                                            duckdb::PhysicalPlanGenerator& planner,
                                            duckdb::LogicalMergeInto& op,
                                            duckdb::PhysicalOperator& plan) override;

private:
    // Snapshots are kept for as many tables; the one used longest ago goes first.
    static constexpr size_t kMaxCachedTables = 256;

    void DropSchema(duckdb::ClientContext& client, duckdb::DropInfo& info) override;
    SchemaEntry& SchemaNamed(const std::string& name, bool is_for_paths);
    std::shared_ptr<TableEntry> CachedTable(const std::string& location);
    void CacheTable(const std::shared_ptr<TableEntry>& entry);

    Core& core_;
    std::mutex mutex_;
    std::optional<uint64_t> counter_;
    // By folded schema and name, and whether it is a function.
    std::map<std::pair<std::string, bool>, std::optional<DirectoryEntry>> rows_;
    std::map<std::string, std::optional<engine::SchemaEntry>> schema_rows_;  // by folded name
    std::map<std::string, duckdb::unique_ptr<SchemaEntry>>
        schemas_;                                    // never erased: plans refer to them
    std::list<std::shared_ptr<TableEntry>> tables_;  // latest versions, last used first
};

}  // namespace tarn::engine::duck
