// What the optimizer may know of a table's columns, from the statistics of its files.
#pragma once

#include <memory>
#include <vector>

#include "duckdb/storage/statistics/base_statistics.hpp"
#include "table/snapshot.h"

namespace tarn::engine::duck {

struct ColumnBounds {
    table::Value min;  // NULL: unknown
    table::Value max;
    bool has_no_null = false;
};

// By column, over all files of the snapshot: bounds of whole numbers, decimals and dates (those of
// times are cut in logs, those of floating-point numbers leave NaN out), and for every type whether
// NULL occurs. Empty for a table of so many files that reading their statistics costs more than a
// better plan gives.
std::vector<ColumnBounds> GatherBounds(const table::Snapshot& snapshot);

// True for every row, and names the columns: a plan reads the statistics of columns that its
// predicate names.
table::Predicate NamingAll(const table::Schema& schema);

// Null when nothing is known.
duckdb::unique_ptr<duckdb::BaseStatistics> ToStatistics(const ColumnBounds& bounds,
                                                        const table::Type& type);

}  // namespace tarn::engine::duck
