// DuckDB's filters on single columns, those of joins and of ORDER BY ... LIMIT among them, which it
// learns while a statement runs.
#pragma once

#include <vector>

#include "duckdb/common/column_index.hpp"
#include "duckdb/planner/table_filter.hpp"
#include "table/predicate.h"
#include "table/type.h"

namespace tarn::engine::duck {

// What they say now, of files; a filter that is not known yet says nothing.
table::Predicate FromTableFilters(const table::Schema& schema,
                                  const duckdb::vector<duckdb::column_t>& column_ids,
                                  const duckdb::TableFilterSet& filters);

// A copy without the optional filters that compare by IS [NOT] DISTINCT FROM, which DuckDB pushes
// down for `c IS NOT DISTINCT FROM 1 OR c IS NOT DISTINCT FROM 2` but cannot evaluate on a column
// that is constant in a file: it fails with what invalidates the whole database, or skips a file
// whose value is NULL. An optional filter only saves work: its expression is evaluated again above.
duckdb::unique_ptr<duckdb::TableFilterSet> WithoutDistinctFrom(
    const duckdb::TableFilterSet& filters);

// DuckDB casts the constants of filters to the file's type, rounding them, where it can; beside an
// expression, which these filters get, it evaluates the filter on the cast values instead.
void KeepAfterCasts(duckdb::TableFilterSet& filters, const std::vector<size_t>& cast_places,
                    const duckdb::vector<duckdb::ColumnIndex>& global_column_ids);

}  // namespace tarn::engine::duck
