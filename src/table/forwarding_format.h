// A table format that hands everything on: a wrapper says only what it does otherwise. Thread-safe
// when the format is.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "table/table_format.h"

namespace tarn::table {

class ForwardingFormat : public TableFormat {
public:
    // The format outlives this.
    explicit ForwardingFormat(TableFormat& inner) : inner_(inner) {}

    std::string_view Name() const override { return inner_.Name(); }
    bool Exists(const std::string& location) override { return inner_.Exists(location); }
    SnapshotPtr Load(const std::string& location, const AsOf& as_of,
                     const SnapshotPtr& cached = nullptr) override {
        return inner_.Load(location, as_of, cached);
    }
    std::shared_ptr<const TableMetadata> Define(const TableMetadata& wanted,
                                                const SnapshotPtr& base,
                                                Definition definition) override {
        return inner_.Define(wanted, base, definition);
    }
    std::optional<std::string> PropertyMeant(const std::string& name) const override {
        return inner_.PropertyMeant(name);
    }
    CommitOutcome Create(const std::string& location, const TableMetadata& metadata,
                         const Change& change) override {
        return inner_.Create(location, metadata, change);
    }
    CommitOutcome Commit(const SnapshotPtr& base, const Change& change) override {
        return inner_.Commit(base, change);
    }
    Version Checkpoint(const SnapshotPtr& latest) override { return inner_.Checkpoint(latest); }
    FeatureTrace TraceOf(const SnapshotPtr& latest, const std::string& feature,
                         bool truncates_history) override {
        return inner_.TraceOf(latest, feature, truncates_history);
    }
    void ForgetVersions(const SnapshotPtr& latest, const FeatureDrop& drop) override {
        inner_.ForgetVersions(latest, drop);
    }
    int64_t FileRetentionMs(const Snapshot& snapshot) override {
        return inner_.FileRetentionMs(snapshot);
    }
    FilesInUse InUseSince(const SnapshotPtr& latest, int64_t since_ms) override {
        return inner_.InUseSince(latest, since_ms);
    }
    std::vector<std::string> RemovedFiles(const SnapshotPtr& latest) override {
        return inner_.RemovedFiles(latest);
    }
    std::vector<HistoryEntry> History(const std::string& location, size_t limit) override {
        return inner_.History(location, limit);
    }
    std::vector<ChangedFile> Changes(const std::string& location, Version first, Version last,
                                     ChangeScope scope) override {
        return inner_.Changes(location, first, last, scope);
    }

private:
    TableFormat& inner_;
};

}  // namespace tarn::table
