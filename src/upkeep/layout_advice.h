// How a table should lie, told by what its readers asked of it: partitioned, clustered, or as it
// is; by which columns; and what that would save them. Pure.
//
// The estimate: a scan whose conditions leave the share s of the rows, on f columns, leaves s^(1/f)
// by each. Of n files that are laid along a curve through k columns each column cuts n^(1/k)
// ranges, so that a condition on one of them reads its share and the range at its edge.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "table/data_file.h"
#include "table/snapshot.h"

namespace tarn::upkeep {

// What one scan read of the table.
struct ScanRecord {
    std::vector<std::string> filters;  // columns that its conditions are on, fields behind dots
    uint64_t bytes = 0;                // how large the files are that it read
    uint64_t rows = 0;                 // that its conditions left
    uint64_t table_rows = 0;           // that the table had about then; 0: not known
};

struct LayoutRules {
    size_t most_columns = 4;  // as far as a curve still tells columns apart
    uint64_t least_partition_bytes = uint64_t{1} << 30;
    uint64_t most_partitions = 10'000;
    double least_share = 0.1;      // of what is read must be saved
    double least_gain = 0.05;      // a further column must save so much more of it
    double partition_share = 0.9;  // so much of what is read asks for the partitions' column
    // What lies well by other columns is written again only for so much more.
    double worth_changing = 0.25;
};

enum class Layout { kAsItIs, kPartition, kCluster };
std::string_view NameOf(Layout layout);  // "partition", "cluster", "neither"

// A column that conditions are on.
struct ColumnUse {
    std::string column;
    uint64_t scans = 0;
    uint64_t bytes = 0;     // that they read
    double left_share = 0;  // of the rows that a condition on it leaves, the mean
};

struct LayoutAdvice {
    Layout layout = Layout::kAsItIs;
    std::vector<std::string> columns;
    std::string reason;  // a sentence for people
    uint64_t table_bytes = 0;
    uint64_t files = 0;
    uint64_t file_bytes = 0;  // how large files should be
    uint64_t scans = 0;
    uint64_t scanned_bytes = 0;
    uint64_t saved_bytes = 0;      // of these, the estimate
    uint64_t rewritten_bytes = 0;  // once, to lie so
    // How often a byte is written over its life, compaction included; about.
    double write_amplification = 1;
    std::vector<ColumnUse> uses;  // those that are read most first
};

// `files` are those of the table's snapshot with their statistics.
LayoutAdvice AdviseLayout(const table::TableMetadata& metadata,
                          const std::vector<table::DataFile>& files,
                          const std::vector<ScanRecord>& scans, const LayoutRules& rules = {});

// The columns that a table should be clustered by that leaves their choice to Tarn: those that it
// has, unless others save much more; none while nothing is gained.
std::vector<std::string> ChooseClustering(const table::TableMetadata& metadata,
                                          const std::vector<table::DataFile>& files,
                                          const std::vector<ScanRecord>& scans,
                                          const LayoutRules& rules = {});

}  // namespace tarn::upkeep
