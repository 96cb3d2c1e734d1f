// Tells the history of statements how one of them went, whatever way it ends.
#pragma once

#include <memory>

#include "base/error.h"
#include "engine/query_history.h"

namespace tarn::engine {

// The statement's start is told by the constructor, its end once by one of the others; of one that
// is destroyed before that it is told that it was cancelled. Not thread-safe.
class QueryRecord {
public:
    QueryRecord(QueryHistory& history, QueryStart start);
    ~QueryRecord();
    QueryRecord(const QueryRecord&) = delete;
    QueryRecord& operator=(const QueryRecord&) = delete;

    void Succeed(StatementStats stats) {
        End({QueryOutcome::kSucceeded, "", "", std::move(stats)});
    }
    void Cancel(StatementStats stats) { End({QueryOutcome::kCancelled, "", "", std::move(stats)}); }
    void Fail(const Error& error, StatementStats stats);

private:
    void End(QueryEnd end);

    QueryHistory& history_;
    const double queue_ms_;
    const int64_t query_;
    bool has_ended_ = false;
};

// The answer of a statement, which goes on until its rows are read.
std::unique_ptr<Result> Recorded(std::unique_ptr<Result> result,
                                 std::unique_ptr<QueryRecord> record);

}  // namespace tarn::engine
