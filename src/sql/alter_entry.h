// What changes the description of a view or a schema: ALTER VIEW ... SET TBLPROPERTIES, ALTER
// SCHEMA ... SET DBPROPERTIES, COMMENT ON. Pure.
#pragma once

#include <optional>

#include "sql/token_cursor.h"

namespace tarn::sql {

// Nothing for other statements. InvalidInput with the place of what is malformed.
std::optional<AlterEntry> ReadAlterEntry(TokenCursor cursor);

}  // namespace tarn::sql
