// Which files of a table are worth writing again as one: small ones of a partition together, and
// those of which many rows are hidden. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "table/snapshot.h"

namespace tarn::upkeep {

struct OptimizeRules {
    uint64_t target_bytes = 128ULL << 20;  // files below are small
    double hidden_share = 0.05;            // a file with more hidden rows is rewritten by itself
    size_t fewest_files = 2;               // fewer are not worth a group
    // For what runs by itself (RulesOfMaintenance).
    double small_share = 1;             // of the target: files below are small
    double least_growth = 1;            // a group is so many times as large as its largest file
    bool grows_with_partition = false;  // the target, as TargetOfPartition says
    uint64_t most_bytes = UINT64_MAX;   // that one run writes again
};

// As the table asks.
OptimizeRules RulesOf(const table::TableMetadata& metadata);

// The same for maintenance that runs by itself: nothing is written again so often that it does not
// pay. A byte moves only into a file that is at least half as large again as the one it leaves, and
// files of half the target are large enough.
OptimizeRules RulesOfMaintenance(const table::TableMetadata& metadata, uint64_t most_bytes);

// How large files of a partition should be that has so many bytes: 128 MB, and up to 1 GB in those
// of terabytes, so that there are about a thousand.
uint64_t TargetOfPartition(uint64_t partition_bytes);

// How large files may grow by these rules that come out of so many bytes.
uint64_t TargetFor(const OptimizeRules& rules, uint64_t bytes);

uint64_t BytesOf(const std::vector<table::DataFile>& files);

// Files that become one.
struct FileGroup {
    std::vector<table::Value> partition_values;
    std::vector<table::DataFile> files;
    uint64_t size_bytes = 0;
};

// Are enough of its rows hidden to write it again.
bool HidesMany(const table::DataFile& file, const OptimizeRules& rules);

// One for each partition.
std::string PartitionKey(const std::vector<table::Value>& partition_values);

// Files of a partition that were written one after another stay together. Groups of one file are
// those with hidden rows. Planning what a plan left behind gives nothing.
std::vector<FileGroup> PlanOptimize(std::vector<table::DataFile> files, const OptimizeRules& rules);

// Groups of all the files, filled in the same order.
std::vector<FileGroup> PlanRewrite(std::vector<table::DataFile> files, const OptimizeRules& rules);

// A group of each partition, with all of its files.
std::vector<FileGroup> PlanWholePartitions(std::vector<table::DataFile> files);

// Takes out what goes beyond `most_bytes`; those that spare most files for their bytes stay.
void KeepWithin(uint64_t most_bytes, std::vector<FileGroup>& groups);

// Groups that can be written at the same time: one of a partition, at most `limit`.
std::vector<std::vector<size_t>> BatchesOf(const std::vector<FileGroup>& groups, size_t limit);

}  // namespace tarn::upkeep
