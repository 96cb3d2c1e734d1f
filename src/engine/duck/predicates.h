// DuckDB's filters as predicates on files. A filter that cannot be told from statistics becomes
// Unknown, which keeps every file: pruning may keep too much, never too little.
#pragma once

#include <vector>

#include "duckdb/common/multi_file/multi_file_list.hpp"
#include "duckdb/planner/expression.hpp"
#include "duckdb/planner/table_filter.hpp"
#include "table/predicate.h"
#include "table/type.h"

namespace tarn::engine::duck {

// At plan time: bound expressions over the columns of one scan.
table::Predicate FromExpressions(
    const table::Schema& schema, const duckdb::MultiFilePushdownInfo& scan,
    const duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters);

// At run time: filters by column, those of joins among them.
table::Predicate FromTableFilters(const table::Schema& schema,
                                  const duckdb::vector<duckdb::column_t>& column_ids,
                                  const duckdb::TableFilterSet& filters);

// A copy without the optional filters that compare by IS [NOT] DISTINCT FROM, which DuckDB pushes
// down for `c IS NOT DISTINCT FROM 1 OR c IS NOT DISTINCT FROM 2` but cannot evaluate on a column
// that is constant in a file: it fails with what invalidates the whole database, or skips a file
// whose value is NULL. An optional filter only saves work: its expression is evaluated again above.
duckdb::unique_ptr<duckdb::TableFilterSet> WithoutDistinctFrom(
    const duckdb::TableFilterSet& filters);

}  // namespace tarn::engine::duck
