// No statement drops a field of the values that it gives a column, nor makes one up: looked at on
// the bound plan, before it is optimized, where the engine's own casts from struct to struct can
// still be told from those that the user wrote.
#pragma once

#include "duckdb/main/config.hpp"

namespace tarn::engine::duck {

// For INSERT, UPDATE and MERGE into tables of the lake. InvalidInput (row_shape.h).
void RegisterFieldChecks(duckdb::DBConfig& config);

}  // namespace tarn::engine::duck
