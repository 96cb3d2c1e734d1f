// A transaction on the lake. Reads see one snapshot a table, taken at first touch, and the
// transaction's own writes; operators only stage a table::Change, and the commit of the transaction
// makes the one commit of the table's log (DESIGN section 7, "Transactions").
//
// Binding runs on one thread, staging on any: both take the mutex. Entries given out live as long
// as this.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "duckdb/transaction/transaction.hpp"
#include "duckdb/transaction/transaction_manager.hpp"
#include "engine/duck/identity_counter.h"
#include "engine/duck/meter.h"
#include "engine/duck/table_entry.h"
#include "engine/table_directory.h"
#include "table/change.h"
#include "table/table_format.h"

namespace tarn::engine::duck {

class ClientState;
class LakeCatalog;
class ScanInfo;

class LakeTransaction final : public duckdb::Transaction {
public:
    LakeTransaction(duckdb::TransactionManager& transactions, duckdb::ClientContext& client,
                    LakeCatalog& lake);
    static LakeTransaction& Of(duckdb::ClientContext& client, duckdb::Catalog& lake);

    // The row of that name as this transaction sees the directory; nothing when there is none.
    std::optional<DirectoryEntry> FindRow(const TableName& name, EntryKind kind);
    // The table of a row at a version. NotFound, Corrupt, Unsupported as the format says.
    std::shared_ptr<TableEntry> Table(duckdb::SchemaCatalogEntry& in_schema,
                                      const DirectoryEntry& row, const table::AsOf& as_of);
    // What it has read of a table by now.
    std::vector<table::SnapshotPtr> ReadOf(const std::string& location);
    // Keeps an entry alive as long as this transaction.
    template <typename Entry>
    Entry& Keep(std::shared_ptr<Entry> entry) {
        Entry& kept = *entry;
        const std::lock_guard lock(mutex_);
        kept_.push_back(std::move(entry));
        return kept;
    }

    // A scan over the latest version: what it read decides about conflicts.
    void AddScan(std::shared_ptr<ScanInfo> scan);
    // Lays a change of an existing table over what is staged. Unsupported for a second table.
    void Stage(const TableEntry& entry, table::Change change);
    // Keeps what a change does to old rows until the next one of the table is staged, and with it.
    void Hold(const TableEntry& entry, table::Change change);
    // Is the file one that this transaction added.
    bool HasAdded(const table::DataFile& file);
    // A table to create: version 0 of its log, then its row when `row` is given (path tables have
    // none).
    struct Creation {
        std::string format;
        std::string location;
        TableName name;
        std::shared_ptr<const table::TableMetadata> metadata;
        std::optional<DirectoryEntry> row;
        table::Change change;
    };
    void StageCreation(Creation creation);
    // Of identity columns; a change that is staged takes their marks along.
    IdentityCounters& Identities() { return identities_; }

    void Commit(duckdb::ClientContext& client);

private:
    struct Staged {
        std::string format;
        TableName name;
        table::SnapshotPtr base;
        table::Change change;
    };

    void CheckOnlyTable(const std::string& location) const;
    table::ReadSet ReadsOf(const std::string& location) const;
    void CommitChange(ClientState& state);
    void CommitCreation(ClientState& state);

    LakeCatalog& lake_;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<TableEntry>> latest_;  // by location
    std::vector<std::shared_ptr<void>> kept_;
    std::vector<table::SnapshotPtr> read_;
    std::vector<std::shared_ptr<ScanInfo>> scans_;
    std::optional<Staged> staged_;
    std::map<std::string, table::Change> held_;  // by location
    std::optional<Creation> creation_;
    IdentityCounters identities_;
};

class LakeTransactionManager final : public duckdb::TransactionManager {
public:
    LakeTransactionManager(duckdb::AttachedDatabase& database, LakeCatalog& lake)
        : TransactionManager(database), lake_(lake) {}

    duckdb::Transaction& StartTransaction(duckdb::ClientContext& client) override;
    duckdb::ErrorData CommitTransaction(duckdb::ClientContext& client,
                                        duckdb::Transaction& transaction) override;
    void RollbackTransaction(duckdb::Transaction& transaction) override;
    void Checkpoint(duckdb::ClientContext&, bool) override {}
    // What the transactions that run have read of a table.
    std::vector<table::SnapshotPtr> ReadOf(const std::string& location);

private:
    std::shared_ptr<LakeTransaction> Remove(duckdb::Transaction& transaction);

    LakeCatalog& lake_;
    std::mutex mutex_;
    std::map<duckdb::Transaction*, std::shared_ptr<LakeTransaction>> running_;
};

// What the transactions of this process that run have read of a table.
std::vector<table::SnapshotPtr> SnapshotsInUse(duckdb::Catalog& lake, const std::string& location);

}  // namespace tarn::engine::duck
