// OPTIMIZE: plans, has files written again, commits them in place of the old ones. Rows that others
// changed meanwhile win: their groups are planned anew. No reader sees any other row than before.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "table/table_format.h"
#include "upkeep/optimize_plan.h"

namespace tarn::upkeep {

// Copies rows; the engine implements it.
class FileRewriter {
public:
    virtual ~FileRewriter() = default;
    // Every row of the groups that a reader of the snapshot sees, in new files that are durable
    // when this returns; each holds rows of one group's partition. The groups are of distinct
    // partitions.
    virtual std::vector<table::DataFile> Rewrite(const table::SnapshotPtr& snapshot,
                                                 const std::vector<const FileGroup*>& groups,
                                                 uint64_t target_bytes) = 0;
};

struct OptimizeTask {
    table::TableFormat& format;
    table::SnapshotPtr latest;
    FileRewriter& rewriter;
    OptimizeRules rules;
    // The partitions that are meant; null: all.
    std::function<bool(const std::vector<table::Value>&)> is_wanted = nullptr;
    // For the history, as JSON text: what was asked for.
    std::string predicate = "[]";
    // Told the share that is done; may throw to end the statement.
    std::function<void(double)> step = [](double) {};
};

struct OptimizeReport {
    std::vector<uint64_t> added_bytes;    // a file each
    std::vector<uint64_t> removed_bytes;  // a file each
    uint64_t vectors_removed = 0;
    uint64_t partitions = 0;  // that had files written again
    uint64_t batches = 0;
    uint64_t files_considered = 0;
    int rounds = 0;                         // plans that were made, one where nobody interfered
    std::optional<table::Version> version;  // of the last commit; nothing to do: none
};

// Conflict when others were always faster; Unavailable for a commit whose answer was lost.
OptimizeReport Optimize(const OptimizeTask& task);

}  // namespace tarn::upkeep
