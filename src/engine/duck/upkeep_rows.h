// What statements that tend a table answer: their columns, and values of those.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "duckdb/common/types/value.hpp"
#include "sql/statement.h"
#include "upkeep/optimize.h"
#include "upkeep/planned_steps.h"

namespace tarn::engine::duck {

void DeclareUpkeepColumns(const sql::UpkeepStatement& statement,
                          duckdb::vector<duckdb::LogicalType>& types,
                          duckdb::vector<std::string>& names);

// Of EXPLAIN: action, object, files, bytes, detail.
void DeclarePlanColumns(duckdb::vector<duckdb::LogicalType>& types,
                        duckdb::vector<std::string>& names);
duckdb::vector<duckdb::Value> RowOf(const upkeep::PlannedStep& step);
// A query that answers these rows.
std::string PlanQuery(const upkeep::PlannedSteps& steps);

duckdb::Value CountValue(uint64_t value);
// OPTIMIZE's figures, as Delta names them.
duckdb::Value MetricsOf(const upkeep::OptimizeReport& report);

}  // namespace tarn::engine::duck
