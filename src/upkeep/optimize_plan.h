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
};

// As the table asks.
OptimizeRules RulesOf(const table::TableMetadata& metadata);

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

// Groups that can be written at the same time: one of a partition, at most `limit`.
std::vector<std::vector<size_t>> BatchesOf(const std::vector<FileGroup>& groups, size_t limit);

}  // namespace tarn::upkeep
