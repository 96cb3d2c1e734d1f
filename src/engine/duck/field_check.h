// What a statement gives its columns, looked at on the bound plan before it is optimized, where the
// engine's own casts can still be told from those that the user wrote: none drops a field of a
// struct or makes one up, and none changes a value without a word (store_cast.h).
#pragma once

#include "duckdb/main/config.hpp"

namespace tarn::engine::duck {

// For INSERT, UPDATE and MERGE into tables of the lake. InvalidInput (row_shape.h).
void RegisterFieldChecks(duckdb::DBConfig& config);

}  // namespace tarn::engine::duck
