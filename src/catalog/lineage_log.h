// Where columns come from, behind ops.lineage: what statements told of their bound plans, in the
// catalog's store with a retention. A statement that was seen before (the same output, inputs and
// edges) costs one row again, however wide it is. Thread-safe, many processes.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "engine/lineage.h"
#include "table/rows.h"

namespace tarn::catalog {

class Connection;
class Store;

// Which statement had it.
struct LineageUse {
    std::string node;      // "silver.orders"; empty: nothing ran it but its user
    std::string run_id;    // of ops.runs; empty: it was part of none
    std::string query_id;  // of ops.queries
    const engine::StatementLineage& lineage;
};

// One edge that is kept; one without columns says only that the output was made of the input.
struct LineageRow {
    std::string node;
    std::string run_id;
    std::string output;  // "silver.orders"; empty: rows that were only read
    std::string output_kind;
    std::string output_column;  // empty: all of them
    std::string input;
    std::string input_kind;
    std::string input_column;  // empty: none
    std::optional<engine::LineageEffect> effect;
    bool masking = false;
    int64_t last_seen_us = 0;
};

class LineageLog {
public:
    static constexpr int64_t kMostRows = 500'000;  // statements not seen for longest go first
    // A statement that only reads is noted again after so long.
    static constexpr DurationUs kSeenAgainAfter = std::chrono::seconds(10);

    LineageLog(Store& store, Clock& clock, int keep_days);

    // Within the caller's transaction.
    void Write(Connection& connection, const LineageUse& use);
    // What the newest run of each node said, and all statements of users; at most kMostRows.
    std::vector<LineageRow> Edges();
    // Rows of ops.lineage.
    std::unique_ptr<table::RowSource> OpenLineage();

private:
    void Insert(Connection& connection, const LineageUse& use, const std::string& shape);
    void SeeAgain(Connection& connection, const LineageUse& use, int64_t statement);
    void Clean(Connection& connection);

    Store& store_;
    Clock& clock_;
    const DurationUs keep_;
    std::mutex mutex_;
    std::map<std::string, TimestampUs> seen_;  // shapes of what only reads, bounded
    int64_t written_since_cleaning_ = 0;
    bool was_cleaned_ = false;
};

}  // namespace tarn::catalog
