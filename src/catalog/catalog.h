// The catalog of one lake: which schemas, tables and views there are and where tables lie, in
// <state>/catalog.db, shared by all processes of the machine. Opening and reading create nothing: a
// lake without catalog.db is an empty catalog with the schema main. Holds no table's content.
// Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "catalog/contract_log.h"
#include "catalog/job_log.h"
#include "catalog/lake_config.h"
#include "catalog/lease.h"
#include "catalog/lineage_log.h"
#include "catalog/query_log.h"
#include "catalog/run_log.h"
#include "engine/table_directory.h"

namespace tarn::catalog {

class Store;

// A dropped managed table whose files may still lie there.
struct DroppedTable {
    std::string id;
    engine::TableName name;
    std::string location;
    TimestampUs dropped{};
};

class Catalog final : public engine::TableDirectory {
public:
    // Unsupported: the state was written by a newer Tarn, or lies on a network file system.
    static std::unique_ptr<Catalog> Open(const LakeConfig& config, Clock& clock, Random& random);
    ~Catalog() override;

    const LakeConfig& Config() const { return config_; }
    RunLog& Runs() { return runs_; }
    QueryLog& Queries() { return queries_; }
    LineageLog& Lineage() { return lineage_; }
    ContractLog& Contracts() { return contracts_; }
    JobLog& Jobs() { return jobs_; }
    // One holder a name; "build" is the lease of `tarn build`. Conflict naming the holder.
    std::unique_ptr<Lease> AcquireLease(const std::string& name, const LeaseOptions& options = {});

    // Oldest first.
    std::vector<DroppedTable> Dropped();

    uint64_t ChangeCounter() override;
    const std::string& CatalogName() const override { return config_.name; }
    std::vector<engine::SchemaEntry> Schemas() override;
    std::optional<engine::SchemaEntry> FindSchema(const std::string& name) override;
    void CreateSchema(const engine::SchemaEntry& schema) override;
    void DescribeSchema(const engine::SchemaEntry& schema) override;
    void DropSchema(const std::string& name, bool cascade) override;
    std::optional<engine::DirectoryEntry> Find(const engine::TableName& name) override;
    std::optional<engine::DirectoryEntry> FindFunction(const engine::TableName& name) override;
    std::vector<engine::DirectoryEntry> List(const std::string& schema) override;
    std::string ManagedLocation(const engine::TableName& name, const std::string& id) override;
    void Register(const engine::DirectoryEntry& entry) override;
    void Replace(const engine::DirectoryEntry& entry) override;
    void SetProperty(const engine::TableName& name, const std::string& key,
                     const std::string& value) override;
    void Rename(const engine::TableName& name, const std::string& new_name) override;
    void Drop(const engine::TableName& name, engine::EntryKind kind) override;
    std::unique_ptr<table::RowSource> OpenSystemTable(const engine::TableName& name) override;

private:
    Catalog(const LakeConfig& config, std::unique_ptr<Store> store, std::unique_ptr<Store> history,
            Clock& clock, Random& random);
    std::optional<engine::DirectoryEntry> FindKind(engine::EntryKind kind,
                                                   const engine::TableName& name);

    const LakeConfig config_;
    std::unique_ptr<Store> store_;
    // The same store; what it commits does not wait for the disk.
    std::unique_ptr<Store> history_store_;
    Clock& clock_;
    Random& random_;
    RunLog runs_;
    LineageLog lineage_;
    QueryLog queries_;
    ContractLog contracts_;
    JobLog jobs_;
};

}  // namespace tarn::catalog
