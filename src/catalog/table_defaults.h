// A table format whose new tables are given a lake's default properties (`table_defaults` of
// tarn.yml). What the creator sets wins. Everything else passes through. Thread-safe when the
// format is.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "table/table_format.h"

namespace tarn::catalog {

class DefaultingFormat final : public table::TableFormat {
public:
    // The format outlives this.
    DefaultingFormat(table::TableFormat& inner, std::map<std::string, std::string> defaults)
        : inner_(inner), defaults_(std::move(defaults)) {}

    std::string_view Name() const override { return inner_.Name(); }
    bool Exists(const std::string& location) override { return inner_.Exists(location); }
    table::SnapshotPtr Load(const std::string& location, const table::AsOf& as_of,
                            const table::SnapshotPtr& cached = nullptr) override {
        return inner_.Load(location, as_of, cached);
    }
    std::shared_ptr<const table::TableMetadata> Define(const table::TableMetadata& wanted,
                                                       const table::SnapshotPtr& base,
                                                       table::Definition definition) override;
    table::CommitOutcome Create(const std::string& location, const table::TableMetadata& metadata,
                                const table::Change& change) override {
        return inner_.Create(location, metadata, change);
    }
    table::CommitOutcome Commit(const table::SnapshotPtr& base,
                                const table::Change& change) override {
        return inner_.Commit(base, change);
    }
    table::Version Checkpoint(const table::SnapshotPtr& latest) override {
        return inner_.Checkpoint(latest);
    }
    int64_t FileRetentionMs(const table::Snapshot& snapshot) override {
        return inner_.FileRetentionMs(snapshot);
    }
    table::FilesInUse InUseSince(const table::SnapshotPtr& latest, int64_t since_ms) override {
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
    const std::map<std::string, std::string> defaults_;
};

}  // namespace tarn::catalog
