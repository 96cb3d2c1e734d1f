// count(*), count(column), min(column) and max(column) over a whole table, or over whole partitions
// of it, whose answer the table's log knows exactly: the plan holds the answer, and no file is
// read. Never from bounds that may be cut, widened or loose, nor from statistics that are missing.
#pragma once

#include "duckdb/main/config.hpp"

namespace tarn::engine::duck {

void RegisterKnownAggregates(duckdb::DBConfig& config);

}  // namespace tarn::engine::duck
