// ALTER TABLE of the lakehouse, in Spark's spelling and in the engine's.
#pragma once

#include <optional>

#include "sql/statement.h"
#include "sql/token_cursor.h"

namespace tarn::sql {

// With the cursor at ALTER; `engine` is the statement for other databases' tables. Nothing for
// another statement, and for ALTER TABLE ... RENAME TO, which is the catalog's. InvalidInput with
// the place of what is malformed.
std::optional<AlterTable> ReadAlterTable(TokenCursor cursor, const EngineStatement& engine);

}  // namespace tarn::sql
