// Reads the statements that tend a table (OPTIMIZE, VACUUM, RESTORE, CLONE and their like) and
// CONVERT TO DELTA. Pure.
#pragma once

#include <optional>

#include "sql/statement.h"
#include "sql/token_cursor.h"

namespace tarn::sql {

// Their clauses stand at each in statement.h; a table's name is also taken as a folder's text.
// Nothing for any other statement. Throws InvalidInput.
std::optional<ParsedStatement> ReadUpkeep(TokenCursor cursor);

// A table's name, or its folder as a text: '/some/path'.
QualifiedName ExpectTableOrFolder(TokenCursor& cursor);

}  // namespace tarn::sql
