// The history of statements: what the engine tells of every statement, and what it asks of those
// that were. The catalog room implements this port. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/session.h"

namespace tarn::engine {

struct QueryStart {
    std::string user;
    std::string node;  // what part of the lake ran it; empty: nothing did but its user
    std::string type;  // "SELECT", "CREATE TABLE"
    std::string text;  // bounded, without secrets
    bool only_reads = false;
    double queue_ms = 0;
    std::string run_id = {};  // of the node's run; empty: it is part of none
};

enum class QueryOutcome { kSucceeded, kFailed, kCancelled };

struct QueryEnd {
    QueryOutcome outcome = QueryOutcome::kSucceeded;
    std::string error_kind;  // "InvalidInput"; empty: it did not fail
    std::string error_message;
    StatementStats stats;
};

class QueryHistory {
public:
    virtual ~QueryHistory() = default;

    // A statement begins; gives a number for Finish, of this process only. What changes anything is
    // in the history when this returns, so that it stays there when the process dies; the rest soon
    // after. Never throws: what cannot be kept is lost.
    virtual int64_t Start(QueryStart start) = 0;
    // Once for each Start. Never throws.
    virtual void Finish(int64_t query, QueryEnd end) = 0;

    // Scans of the table within the retention by statements that succeeded, newest first, at most
    // `limit`.
    virtual std::vector<TableScan> Scans(const TableName& table, size_t limit) = 0;
};

}  // namespace tarn::engine
