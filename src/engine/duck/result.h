// The answer of a statement that DuckDB runs.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "duckdb.hpp"
#include "engine/duck/client_state.h"
#include "engine/duck/errors.h"
#include "engine/duck/meter.h"
#include "engine/session.h"
#include "sql/dialect.h"
#include "sql/source_map.h"

namespace tarn::engine::duck {

// Interrupts a connection once its time is over. The destructor stops the watch.
class Deadline {
public:
    Deadline(duckdb::shared_ptr<duckdb::ClientContext> context, int64_t timeout_ms);
    ~Deadline();
    bool HasPassed() const { return has_passed_; }

private:
    std::atomic<bool> has_passed_{false};
    std::mutex mutex_;
    std::condition_variable wake_;
    bool is_stopped_ = false;
    std::thread thread_;
};

// Turns DuckDB's errors about one statement into ours, with the place in the user's text.
class ErrorContext {
public:
    ErrorContext(sql::SourceMap source_map, std::shared_ptr<Deadline> deadline,
                 duckdb::shared_ptr<ClientState> state)
        : source_map_(std::move(source_map)),
          deadline_(std::move(deadline)),
          state_(std::move(state)) {}
    [[noreturn]] void Throw(const duckdb::ErrorData& data) const;
    [[noreturn]] void Throw(const std::exception& exception) const;

private:
    sql::SourceMap source_map_;  // from the text that DuckDB was given
    std::shared_ptr<Deadline> deadline_;
    duckdb::shared_ptr<ClientState> state_;
};

struct ResultParts {
    duckdb::shared_ptr<duckdb::ClientContext> context;
    duckdb::unique_ptr<duckdb::QueryResult> result;
    std::shared_ptr<Meter> meter;
    std::shared_ptr<ErrorContext> errors;
    std::shared_ptr<Deadline> deadline;
    Clock& clock;
    DurationUs started;
    sql::Dialect dialect;          // in which values become texts
    std::function<void()> on_end;  // runs once, when the result was read or is destroyed
};

class DuckResult final : public Result {
public:
    explicit DuckResult(ResultParts parts);
    ~DuckResult() override;

    const std::vector<ColumnInfo>& Columns() const override { return columns_; }
    bool HasRows() const override { return has_rows_; }
    void GetArrowSchema(ArrowSchema* out) override;
    bool NextArrow(ArrowArray* out) override;
    bool NextText(std::vector<TextRow>& rows) override;
    const StatementStats& Stats() const override;
    const std::vector<std::string>& Notices() const override;

private:
    duckdb::unique_ptr<duckdb::DataChunk> Fetch();
    duckdb::vector<duckdb::LogicalType> ArrowTypes() const;
    void ReadCount();
    // Of a statement that changes rows: how many, as Spark and Databricks answer it.
    void AnswerCounts();
    void Finish();

    ResultParts parts_;
    std::vector<ColumnInfo> columns_;
    bool has_rows_ = false;
    bool is_finished_ = false;
    duckdb::unique_ptr<duckdb::DataChunk> counts_;  // to be fetched, instead of rows
    mutable StatementStats stats_;
    mutable std::vector<std::string> notices_;
};

// The answer of a statement that does nothing but speak to the user.
class EmptyResult final : public Result {
public:
    explicit EmptyResult(std::vector<std::string> notices) : notices_(std::move(notices)) {}
    const std::vector<ColumnInfo>& Columns() const override { return columns_; }
    bool HasRows() const override { return false; }
    void GetArrowSchema(ArrowSchema* out) override;
    bool NextArrow(ArrowArray*) override { return false; }
    bool NextText(std::vector<TextRow>&) override { return false; }
    const StatementStats& Stats() const override { return stats_; }
    const std::vector<std::string>& Notices() const override { return notices_; }

private:
    std::vector<ColumnInfo> columns_;
    StatementStats stats_;
    std::vector<std::string> notices_;
};

}  // namespace tarn::engine::duck
