// What CREATE TABLE and ALTER TABLE say of a column's values (DEFAULT, GENERATED, IDENTITY, CHECK)
// and where it stands, read off the tokens; expressions come out in Spark's spelling.
#pragma once

#include <string>
#include <vector>

#include "sql/statement.h"
#include "sql/token_cursor.h"

namespace tarn::sql {

// Reads one of DEFAULT .., GENERATED .., CHECK (..), if it stands here. InvalidInput (malformed, or
// given twice), Unsupported (an expression that tables cannot keep).
bool ReadColumnClause(TokenCursor& cursor, ColumnClauses& column, std::vector<CheckClause>& checks);

// [CONSTRAINT name] CHECK (..), if it stands here.
bool ReadCheck(TokenCursor& cursor, std::vector<CheckClause>& checks);

// [CONSTRAINT name] PRIMARY KEY | FOREIGN KEY, if it stands here; gives the two words. Tables keep
// no keys.
std::optional<std::string> ReadKeyWords(TokenCursor& cursor);

// The expression of the tokens from the cursor to `end`, which the cursor then stands at.
std::string ReadExpression(TokenCursor& cursor, size_t end);

// The same of a DEFAULT, which ends where the column's next clause begins.
std::string ReadDefault(TokenCursor& cursor);

// A column's name with the fields within it: a.b.c
std::vector<std::string> ReadColumnPath(TokenCursor& cursor);

// FIRST or AFTER name, if one stands here.
std::optional<ColumnPlace> ReadPlace(TokenCursor& cursor);

// ('key' = 'value', dotted.key = true, ...); the '=' may be left out.
std::map<std::string, std::string> ReadProperties(TokenCursor& cursor);
// A property's name: 'key' or dotted.key.
std::string ReadPropertyKey(TokenCursor& cursor);
// [IF EXISTS] (key, ...), behind UNSET TBLPROPERTIES.
UnsetProperties ReadUnsetProperties(TokenCursor& cursor);

}  // namespace tarn::sql
