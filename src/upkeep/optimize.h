// OPTIMIZE: plans, has files written again, commits them in place of the old ones. Rows that others
// changed meanwhile win: their groups are planned anew. No reader sees any other row than before.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "table/table_format.h"
#include "upkeep/file_rewrite.h"
#include "upkeep/optimize_plan.h"

namespace tarn::upkeep {

struct OptimizeTask {
    table::TableFormat& format;
    table::SnapshotPtr latest;
    FileRewriter& rewriter;
    OptimizeRules rules;
    // The partitions that are meant; null: all.
    std::function<bool(const std::vector<table::Value>&)> is_wanted = nullptr;
    // For the history, as JSON text: what was asked for.
    std::string predicate = R"("[]")";
    // Told the share that is done; may throw to end the statement.
    std::function<void(double)> step = [](double) {};
    std::string operation = "OPTIMIZE";  // for the history
    // Set: these files are written again, and no others, whatever their size.
    std::function<bool(const table::DataFile&)> is_meant = nullptr;
    // ZORDER BY: each partition is laid along the curve through these columns, as a whole.
    std::vector<std::string> zorder = {};
    // A table that is clustered by columns: lays every file along them again (OPTIMIZE ... FULL).
    bool is_full = false;
    bool is_automatic = false;  // for the history
    // Names this run on the files of a clustered table.
    std::string run = {};
};

struct OptimizeReport {
    std::vector<uint64_t> added_bytes;    // a file each
    std::vector<uint64_t> removed_bytes;  // a file each
    uint64_t vectors_removed = 0;
    uint64_t partitions = 0;  // that had files written again
    uint64_t batches = 0;
    uint64_t files_considered = 0;
    int rounds = 0;           // plans that were made, one where nobody interfered
    bool was_outrun = false;  // others changed files in each of them: some are as they were
    std::optional<table::Version> version;  // of the last commit; nothing to do: none
};

// What it would write again now, were the table clustered by these columns. Pure.
std::vector<FileGroup> PlanOf(const OptimizeTask& task,
                              const std::vector<std::string>& clustered_by);

// Conflict when others were always faster, so that nothing was committed; Unavailable for a commit
// whose answer was lost.
OptimizeReport Optimize(const OptimizeTask& task);

}  // namespace tarn::upkeep
