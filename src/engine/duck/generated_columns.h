// Generated columns that a statement gives no value of: computed from the other new values of the
// row. Pure but for the binding.
#pragma once

#include <vector>

#include "duckdb/execution/physical_plan_generator.hpp"
#include "duckdb/planner/expression.hpp"
#include "engine/duck/table_entry.h"

namespace tarn::engine::duck {

using RowExpressions = duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>;

// A new row by the table's columns. Where one is null, a generated column, it becomes its
// expression over the others. Unsupported when that would evaluate a volatile one twice.
void ComputeGenerated(duckdb::ClientContext& client, const TableEntry& entry, RowExpressions& row);

// InvalidInput when the column's values are the table's alone to give.
void RefuseGivenIdentity(const TableEntry& entry, size_t column);

// Rows in the order of the table's columns, with these generated columns computed.
duckdb::PhysicalOperator& ProjectGenerated(duckdb::ClientContext& client,
                                           duckdb::PhysicalPlanGenerator& planner,
                                           const TableEntry& entry, duckdb::PhysicalOperator& rows,
                                           const std::vector<size_t>& absent);

}  // namespace tarn::engine::duck
