// Versions and times of tables, as statements give them.
#pragma once

#include "duckdb/common/types/value.hpp"
#include "duckdb/main/client_context.hpp"
#include "table/table_format.h"
#include "table/version.h"

namespace tarn::engine::duck {

// A whole number, in quotes too. InvalidInput.
table::Version VersionIn(const duckdb::Value& value);
// A date, a time or a text of one; what has no zone is of the session's. InvalidInput.
table::AtTime TimeIn(duckdb::ClientContext& client, const duckdb::Value& value);

}  // namespace tarn::engine::duck
