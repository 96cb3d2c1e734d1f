// The format as upkeep sees it in the simulated world: marks each commit and tells the auditor of
// it, and takes away one protection where a test of the guards asks for that.
#pragma once

#include <string>
#include <vector>

#include "simulation/ledger.h"
#include "simulation/unguarded_store.h"
#include "table/table_format.h"

namespace tarn::simulation {

class MarkingFormat final : public table::TableFormat {
public:
    MarkingFormat(table::TableFormat& inner, Ledger& ledger, UnguardedStore& unguarded, Guard guard,
                  OperationKind kind)
        : inner_(inner), ledger_(ledger), unguarded_(unguarded), guard_(guard), kind_(kind) {}

    std::string_view Name() const override { return inner_.Name(); }
    bool Exists(const std::string& location) override { return inner_.Exists(location); }
    table::SnapshotPtr Load(const std::string& location, const table::AsOf& as_of,
                            const table::SnapshotPtr& cached) override {
        return inner_.Load(location, as_of, cached);
    }
    std::shared_ptr<const table::TableMetadata> Define(const table::TableMetadata& wanted,
                                                       const table::SnapshotPtr& base,
                                                       table::Definition definition) override {
        return inner_.Define(wanted, base, definition);
    }
    table::CommitOutcome Create(const std::string& location, const table::TableMetadata& metadata,
                                const table::Change& change) override {
        return inner_.Create(location, metadata, change);
    }
    table::CommitOutcome Commit(const table::SnapshotPtr& base,
                                const table::Change& change) override;
    table::Version Checkpoint(const table::SnapshotPtr& latest) override {
        return inner_.Checkpoint(latest);
    }
    int64_t FileRetentionMs(const table::Snapshot& snapshot) override {
        return inner_.FileRetentionMs(snapshot);
    }
    table::FilesInUse InUseSince(const table::SnapshotPtr& latest, int64_t since_ms) override {
        if (guard_ == Guard::kFilesInUse) return {};
        return inner_.InUseSince(latest, since_ms);
    }
    std::vector<table::HistoryEntry> History(const std::string& location, size_t limit) override {
        return inner_.History(location, limit);
    }
    std::vector<table::ChangedFile> Changes(const std::string& location, table::Version first,
                                            table::Version last,
                                            table::ChangeScope scope) override {
        return inner_.Changes(location, first, last, scope);
    }

private:
    table::TableFormat& inner_;
    Ledger& ledger_;
    UnguardedStore& unguarded_;
    const Guard guard_;
    const OperationKind kind_;
};

}  // namespace tarn::simulation
