// CONVERT TO DELTA: gives a folder of Parquet files the log of a Delta table. The files stay as
// they are and where they are.
#pragma once

#include "duckdb/main/client_context.hpp"
#include "sql/statement.h"
#include "upkeep/planned_steps.h"

namespace tarn::engine::duck {

// Within a transaction, which commits it. A folder or name that is a Delta table already stays one,
// with a notice. NotFound for a folder without files; InvalidInput for files that differ in a
// column's type, and for folders that do not say what PARTITIONED BY says.
void ConvertTable(duckdb::ClientContext& client, const sql::ConvertTable& statement);
// What it would do, as far as the names of files tell; the same errors as far as these.
upkeep::PlannedSteps StepsOfConversion(duckdb::ClientContext& client,
                                       const sql::ConvertTable& statement);

}  // namespace tarn::engine::duck
