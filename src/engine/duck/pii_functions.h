// The SQL functions of engine/pii_functions.h inside DuckDB.
#pragma once

#include "duckdb.hpp"
#include "engine/pii_functions.h"

namespace tarn::engine::duck {

void RegisterPiiFunctions(duckdb::DatabaseInstance& database, PiiKeys keys);

}  // namespace tarn::engine::duck
