// SHOW ..., and DESCRIBE of what is no plain list of columns. Pure.
#pragma once

#include <optional>

#include "sql/dialect.h"
#include "sql/token_cursor.h"

namespace tarn::sql {

// Nothing for what is none of ours, and for what the engine answers in Tarn's own dialect: SHOW
// TABLES and SHOW DATABASES as they stand.
std::optional<ParsedStatement> ReadShow(TokenCursor cursor, Dialect dialect);

}  // namespace tarn::sql
