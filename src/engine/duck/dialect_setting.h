// The setting `dialect` of a session: SET dialect = 'spark' | 'tarn'.
#pragma once

#include "duckdb.hpp"
#include "sql/dialect.h"

namespace tarn::engine::duck {

// `usual`: what sessions speak until they are told.
void RegisterDialect(duckdb::DBConfig& config, sql::Dialect usual);
sql::Dialect DialectOf(duckdb::ClientContext& client);

}  // namespace tarn::engine::duck
