// Recursive-descent parser over a statement's tokens. It reads what Tarn executes or must rewrite
// and leaves everything else, byte for byte, to the engine's own parser. Pure.
//
// Before that the statement is put into Tarn's own spelling (dialect_translation.h).
//
// Rewritten for the engine: `name` to "name"; t VERSION|TIMESTAMP AS OF x [AS a] to t [AS a] AT
// (VERSION|TIMESTAMP
// => x); in CREATE TABLE the clauses of TableClauses (cut out) and the type names that the engine
// lacks; UPDATE SET * and INSERT * of a MERGE (merge_stars.h). A path table delta.`/some/path` so
// becomes the two-part name delta."/some/path", which the engine's names resolve.
#pragma once

#include <span>
#include <string_view>

#include "sql/dialect.h"
#include "sql/splitter.h"
#include "sql/statement.h"

namespace tarn::sql {

// Throws InvalidInput with line and column in the user's input ("expected X, found Y"),
// LimitExceeded beyond kMaxStatementBytes or kMaxNesting, Unsupported for a known clause that Tarn
// cannot do. A statement that nothing here knows is an EngineStatement of class other, never an
// error.
ParsedStatement Parse(const Statement& statement, Dialect dialect = Dialect::kTarn);

// What INSTALL and LOAD need not do, for Tarn has it itself; lower case.
std::span<const std::string_view> BuiltInExtensions();

}  // namespace tarn::sql
