// INSERT's words for replacing rows, which the engine's grammar lacks: OVERWRITE, PARTITION (...),
// REPLACE WHERE, REPLACE USING and REPLACE ON.
#pragma once

#include <optional>

#include "sql/statement.h"
#include "sql/statement_rewriter.h"
#include "sql/token_cursor.h"

namespace tarn::sql {

// The cursor stands at an INSERT, or at the WITH before it; nothing of the statement is edited yet.
// The clauses are cut out and given back, nothing when there are none. Throws InvalidInput.
std::optional<InsertClauses> ReadInsertClauses(TokenCursor cursor, StatementRewriter& rewriter);

}  // namespace tarn::sql
