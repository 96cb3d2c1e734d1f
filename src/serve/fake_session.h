// A session for this room's tests: it answers what the test says and remembers what it was asked.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/error.h"
#include "engine/session.h"

namespace tarn::serve {

class FakeResult final : public engine::Result {
public:
    FakeResult(std::vector<engine::ColumnInfo> columns, std::vector<engine::TextRow> rows,
               engine::StatementStats stats)
        : columns_(std::move(columns)), rows_(std::move(rows)), stats_(std::move(stats)) {}
    const std::vector<engine::ColumnInfo>& Columns() const override { return columns_; }
    bool HasRows() const override { return true; }
    void GetArrowSchema(ArrowSchema*) override { Check(false, "the fake gives text"); }
    bool NextArrow(ArrowArray*) override { return false; }
    bool NextText(std::vector<engine::TextRow>& rows) override {
        rows.insert(rows.end(), rows_.begin(), rows_.end());
        const bool gave = !rows_.empty();
        rows_.clear();
        return gave;
    }
    const engine::StatementStats& Stats() const override { return stats_; }
    const std::vector<std::string>& Notices() const override { return notices_; }

private:
    const std::vector<engine::ColumnInfo> columns_;
    std::vector<engine::TextRow> rows_;
    const engine::StatementStats stats_;
    const std::vector<std::string> notices_;
};

class FakeSnapshot final : public table::Snapshot {
public:
    FakeSnapshot(std::string id, int64_t version, int64_t committed_ms)
        : version_{version}, committed_ms_(committed_ms) {
        metadata_.id = std::move(id);
    }
    const std::string& Location() const override { return metadata_.name; }
    table::Version AtVersion() const override { return version_; }
    int64_t CommittedMs() const override { return committed_ms_; }
    const table::TableMetadata& Metadata() const override { return metadata_; }
    std::vector<std::pair<std::string, std::string>> Protocol() const override { return {}; }
    table::WriteRules Rules() const override { return {}; }
    void CheckWritable(table::RowsThere) const override {}
    table::TableTotals Totals() const override { return {}; }
    std::optional<uint64_t> LiveRows() const override { return 0; }
    std::optional<uint64_t> EstimatedRows() const override { return 0; }
    table::ScanPlan Plan(const table::Predicate&) const override { return {}; }
    std::optional<int64_t> TransactionVersion(const std::string&) const override {
        return std::nullopt;
    }
    std::optional<std::string> DeletedRowsLocation(const table::DataFile&) const override {
        return std::nullopt;
    }
    std::shared_ptr<const table::DeletedRows> LoadDeletedRows(
        const table::DataFile&) const override {
        return nullptr;
    }
    std::shared_ptr<const table::Snapshot> WithStaged(const table::Change&) const override {
        return nullptr;
    }

private:
    table::TableMetadata metadata_;
    const table::Version version_;
    const int64_t committed_ms_;
};

// What all sessions of one test share. Guarded by its mutex.
struct FakeLake {
    std::mutex mutex;
    std::string table_id = "table-1";
    int64_t version = 3;
    int64_t committed_ms = 1'000;
    std::vector<engine::ColumnInfo> columns;
    std::vector<engine::TextRow> rows;
    std::function<void(engine::Session&)> on_execute;  // may throw or wait
    std::vector<std::string> statements;
    std::vector<engine::ExecuteOptions> options;
};

class FakeSession final : public engine::Session {
public:
    explicit FakeSession(FakeLake& lake) : lake_(lake) {}

    std::unique_ptr<engine::Result> Execute(const sql::Statement& statement,
                                            const engine::ExecuteOptions& options) override {
        std::function<void(engine::Session&)> hook;
        {
            const std::lock_guard lock(lake_.mutex);
            lake_.statements.push_back(statement.text);
            lake_.options.push_back(options);
            hook = lake_.on_execute;
        }
        if (hook) hook(*this);
        const std::lock_guard lock(lake_.mutex);
        engine::StatementStats stats;
        stats.bytes_read = 1234;
        return std::make_unique<FakeResult>(lake_.columns, lake_.rows, stats);
    }
    table::SnapshotPtr Snapshot(const engine::TableName& name) override {
        const std::lock_guard lock(lake_.mutex);
        if (name.name == "missing")
            throw Error(ErrorKind::kNotFound, "no table {}", name.ToString());
        return std::make_shared<FakeSnapshot>(lake_.table_id, lake_.version, lake_.committed_ms);
    }
    engine::TableName ResolveName(std::string_view text) override {
        const size_t dot = text.find('.');
        if (dot == std::string_view::npos) return {"main", std::string(text)};
        return {std::string(text.substr(0, dot)), std::string(text.substr(dot + 1))};
    }
    void Cancel() override { cancelled_ = true; }
    double Progress() override { return -1; }

    // For on_execute: until Cancel, then throws as the engine does.
    void WaitForCancel(Clock& clock) {
        while (!cancelled_) clock.Sleep(std::chrono::milliseconds(1));
        cancelled_ = false;
        throw Error(ErrorKind::kCancelled, "interrupted");
    }

private:
    FakeLake& lake_;
    std::atomic<bool> cancelled_{false};
};

}  // namespace tarn::serve
