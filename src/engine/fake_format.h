// A table format that lives in memory, for tests of the engine alone.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>

#include "base/error.h"
#include "table/table_format.h"

namespace tarn::engine {

class FakeSnapshot final : public table::Snapshot {
public:
    FakeSnapshot(std::string location, table::Version version, table::TableMetadata metadata,
                 std::vector<table::DataFile> files, std::map<std::string, int64_t> transactions)
        : location_(std::move(location)),
          version_(version),
          metadata_(std::move(metadata)),
          files_(std::move(files)),
          transactions_(std::move(transactions)) {}

    const std::string& Location() const override { return location_; }
    table::Version AtVersion() const override { return version_; }
    int64_t CommittedMs() const override { return version_.number * 1000; }
    const table::TableMetadata& Metadata() const override { return metadata_; }
    std::vector<std::pair<std::string, std::string>> Protocol() const override { return {{"fake", "1"}}; }
    table::TableTotals Totals() const override {
        table::TableTotals totals;
        totals.files = files_.size();
        totals.live_rows = 0;
        for (const auto& file : files_) {
            totals.size_bytes += file.size_bytes;
            *totals.live_rows += file.LiveRows().value_or(0);
        }
        return totals;
    }
    table::ScanPlan Plan(const table::Predicate& predicate) const override {
        table::ScanPlan plan;
        for (const auto& file : files_) {
            if (table::MayMatch(predicate, Facts(metadata_, file))) {
                plan.files.push_back(file);
            } else {
                plan.files_skipped++;
            }
        }
        return plan;
    }
    std::optional<int64_t> TransactionVersion(const std::string& app_id) const override {
        auto found = transactions_.find(app_id);
        if (found == transactions_.end()) return std::nullopt;
        return found->second;
    }
    std::shared_ptr<const table::DeletedRows> LoadDeletedRows(const table::DataFile&) const override {
        throw Error(ErrorKind::kUnsupported, "no deletion vectors");
    }
    std::shared_ptr<const table::Snapshot> WithStaged(const table::Change& change) const override {
        return Apply(change, version_);
    }
    std::shared_ptr<const FakeSnapshot> Apply(const table::Change& change, table::Version version) const {
        auto files = files_;
        for (const auto& removed : change.remove) {
            std::erase_if(files, [&](const auto& file) { return file.location == removed.location; });
        }
        files.insert(files.end(), change.add.begin(), change.add.end());
        auto transactions = transactions_;
        for (const auto& mark : change.transactions) transactions[mark.app_id] = mark.version;
        return std::make_shared<FakeSnapshot>(location_, version, change.metadata ? *change.metadata : metadata_,
                                              std::move(files), std::move(transactions));
    }
    bool Has(const table::DataFile& file) const {
        return std::any_of(files_.begin(), files_.end(), [&](const auto& f) { return f.location == file.location; });
    }

private:
    class Facts final : public table::FileFacts {
    public:
        Facts(const table::TableMetadata& metadata, const table::DataFile& file) : metadata_(metadata), file_(file) {}
        table::ColumnFacts Of(const std::vector<std::string>& column) const override {
            table::ColumnFacts facts;
            for (size_t i = 0; i < metadata_.partition_columns.size(); i++) {
                if (column.size() == 1 && metadata_.partition_columns[i] == column[0]) {
                    facts.is_constant = true;
                    facts.min = facts.max = file_.partition_values[i];
                    return facts;
                }
            }
            if (!file_.statistics) return facts;
            facts.record_count = file_.statistics->record_count;
            for (const auto& statistics : file_.statistics->columns) {
                if (statistics.path != column) continue;
                facts.min = statistics.min;
                facts.max = statistics.max;
                facts.null_count = statistics.null_count;
            }
            return facts;
        }

    private:
        const table::TableMetadata& metadata_;
        const table::DataFile& file_;
    };

    std::string location_;
    table::Version version_;
    table::TableMetadata metadata_;
    std::vector<table::DataFile> files_;
    std::map<std::string, int64_t> transactions_;
};

class FakeFormat final : public table::TableFormat {
public:
    std::string_view Name() const override { return "delta"; }
    bool Exists(const std::string& location) override { return tables_.contains(location); }

    table::SnapshotPtr Load(const std::string& location, const table::AsOf& as_of, const table::SnapshotPtr&) override {
        const std::lock_guard lock(mutex_);
        auto found = tables_.find(location);
        if (found == tables_.end()) throw Error(ErrorKind::kNotFound, "no table at {}", location);
        const auto& versions = found->second;
        size_t index = versions.size() - 1;
        if (const auto* version = std::get_if<table::Version>(&as_of)) index = static_cast<size_t>(version->number);
        if (const auto* time = std::get_if<table::AtTime>(&as_of)) index = static_cast<size_t>(time->unix_ms / 1000);
        if (index >= versions.size()) throw Error(ErrorKind::kNotFound, "no version {}", index);
        return versions[index];
    }

    table::CommitOutcome Create(const std::string& location, const table::TableMetadata& metadata,
                                const table::Change& change) override {
        const std::lock_guard lock(mutex_);
        if (tables_.contains(location)) return table::Conflict{table::ConflictReason::kTableExists, {0}, ""};
        const FakeSnapshot empty(location, {-1}, metadata, {}, {});
        tables_[location].push_back(empty.Apply(change, {0}));
        changes[location].push_back(change);
        return table::Committed{{0}, 1};
    }

    table::CommitOutcome Commit(const table::SnapshotPtr& base, const table::Change& change) override {
        const std::lock_guard lock(mutex_);
        if (next_outcome) return *std::exchange(next_outcome, std::nullopt);
        auto& versions = tables_.at(base->Location());
        for (const auto& removed : change.remove) {
            if (!versions.back()->Has(removed)) {
                return table::Conflict{table::ConflictReason::kConcurrentDelete, versions.back()->AtVersion(), ""};
            }
        }
        const table::Version next = versions.back()->AtVersion().Next();
        if (next.number != base->AtVersion().number + 1 && change.reads.whole_table) {
            return table::Conflict{table::ConflictReason::kConcurrentAppend, versions.back()->AtVersion(), ""};
        }
        versions.push_back(versions.back()->Apply(change, next));
        changes[base->Location()].push_back(change);
        return table::Committed{next, 1};
    }

    std::vector<table::HistoryEntry> History(const std::string& location, size_t limit) override {
        std::vector<table::HistoryEntry> history;
        const auto& all = changes.at(location);
        for (size_t i = all.size(); i > 0 && history.size() < limit; i--) {
            table::HistoryEntry entry;
            entry.version = {static_cast<int64_t>(i) - 1};
            entry.operation = all[i - 1].operation;
            entry.parameters = all[i - 1].parameters;
            entry.metrics = all[i - 1].metrics;
            history.push_back(std::move(entry));
        }
        return history;
    }
    std::vector<table::AppendedFile> Appended(const std::string& location, table::Version after,
                                              table::Version upto) override {
        std::vector<table::AppendedFile> files;
        const auto& all = changes.at(location);
        for (int64_t version = after.number + 1; version <= upto.number; version++) {
            const auto& change = all.at(static_cast<size_t>(version));
            if (!change.remove.empty()) throw Error(ErrorKind::kUnsupported, "rows were removed");
            for (const auto& file : change.add) files.push_back({file, {version}, version * 1000});
        }
        return files;
    }

    // The changes as they came, by location.
    std::map<std::string, std::vector<table::Change>> changes;
    // What the next commit answers, doing nothing.
    std::optional<table::CommitOutcome> next_outcome;

private:
    std::mutex mutex_;
    std::map<std::string, std::vector<std::shared_ptr<const FakeSnapshot>>> tables_;
};

}  // namespace tarn::engine
