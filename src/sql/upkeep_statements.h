// Reads the statements that tend a table: OPTIMIZE, VACUUM, CHECKPOINT, RESTORE. Pure.
#pragma once

#include <optional>

#include "sql/statement.h"
#include "sql/token_cursor.h"

namespace tarn::sql {

// OPTIMIZE name [WHERE condition] | VACUUM name [RETAIN n HOURS] [DRY RUN] | CHECKPOINT name |
// RESTORE [TABLE] name [TO] VERSION|TIMESTAMP AS OF expression; the name also as a folder's text.
// Nothing for any other statement, and for the forms that the list of known ones names. Throws
// InvalidInput.
std::optional<ParsedStatement> ReadUpkeep(TokenCursor cursor);

// A table's name, or its folder as a text: '/some/path'.
QualifiedName ExpectTableOrFolder(TokenCursor& cursor);

}  // namespace tarn::sql
