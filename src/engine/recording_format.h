// A table format that hands everything on and notes the changes that reach it, for tests of the
// engine.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "table/table_format.h"

namespace tarn::engine {

class RecordingFormat final : public table::TableFormat {
public:
    explicit RecordingFormat(table::TableFormat& format) : format_(format) {}

    std::string_view Name() const override { return format_.Name(); }
    bool Exists(const std::string& location) override { return format_.Exists(location); }
    table::SnapshotPtr Load(const std::string& location, const table::AsOf& as_of,
                            const table::SnapshotPtr& cached) override {
        return format_.Load(location, as_of, cached);
    }
    std::shared_ptr<const table::TableMetadata> Define(const table::TableMetadata& wanted,
                                                       const table::SnapshotPtr& base,
                                                       table::Definition definition) override {
        return format_.Define(wanted, base, definition);
    }
    table::CommitOutcome Create(const std::string& location, const table::TableMetadata& metadata,
                                const table::Change& change) override {
        changes[location].push_back(change);
        return format_.Create(location, metadata, change);
    }
    table::CommitOutcome Commit(const table::SnapshotPtr& base,
                                const table::Change& change) override {
        if (outcome && times > 0) {
            --times;
            return *outcome;
        }
        changes[base->Location()].push_back(change);
        return format_.Commit(base, change);
    }
    table::Version Checkpoint(const table::SnapshotPtr& latest) override {
        return format_.Checkpoint(latest);
    }
    int64_t FileRetentionMs(const table::Snapshot& snapshot) override {
        return format_.FileRetentionMs(snapshot);
    }
    table::FilesInUse InUseSince(const table::SnapshotPtr& latest, int64_t since_ms) override {
        return format_.InUseSince(latest, since_ms);
    }
    std::vector<table::HistoryEntry> History(const std::string& location, size_t limit) override {
        return format_.History(location, limit);
    }
    std::vector<table::ChangedFile> Changes(const std::string& location, table::Version first,
                                            table::Version last,
                                            table::ChangeScope scope) override {
        return format_.Changes(location, first, last, scope);
    }

    // The changes as they came, by location.
    std::map<std::string, std::vector<table::Change>> changes;
    // What the next commits answer, doing nothing, and so many of them.
    std::optional<table::CommitOutcome> outcome;
    int times = 0;

private:
    table::TableFormat& format_;
};

}  // namespace tarn::engine
