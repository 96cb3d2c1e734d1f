// Files written again: the port that copies their rows, and what a change says of them. No reader
// sees another row afterwards.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "table/change.h"
#include "table/snapshot.h"
#include "upkeep/optimize_plan.h"

namespace tarn::upkeep {

// What the new files shall be like.
struct FileStyle {
    const table::TableMetadata& written_as;  // the snapshot's columns, as the files shall hold them
    uint64_t target_bytes;
    // Columns along whose curve a group's rows lie, fields behind dots; empty: as they were read.
    std::vector<std::string> along = {};
};

// Copies rows; the engine implements it.
class FileRewriter {
public:
    virtual ~FileRewriter() = default;
    // Every row of the groups that a reader of the snapshot sees, in new files that are durable
    // when this returns; each holds rows of one group's partition. The groups are of distinct
    // partitions.
    virtual std::vector<table::DataFile> Rewrite(const table::SnapshotPtr& snapshot,
                                                 const std::vector<const FileGroup*>& groups,
                                                 const FileStyle& style) = 0;
};

// A group with the files that take its place.
struct Rewritten {
    FileGroup group;
    std::vector<table::DataFile> added;
};

// How groups are written again.
struct RewriteTask {
    FileRewriter& rewriter;
    const table::SnapshotPtr& snapshot;
    const FileStyle& style;
    const std::function<void(double)>& step;  // told the share that is done
    uint64_t& batches;                        // counts them
};

// Internal when other rows came out than went in.
std::vector<Rewritten> RewriteGroups(const RewriteTask& task, std::vector<FileGroup> groups);

// Lets the change put the new files in the place of the old ones, with the history's figures.
void PutInPlace(const std::vector<Rewritten>& groups, table::Change& change);

// A logical file by its name.
std::pair<std::string, std::string> KeyOf(const table::DataFile& file);

}  // namespace tarn::upkeep
