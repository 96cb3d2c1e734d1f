// INSERT WITH SCHEMA EVOLUTION and MERGE WITH SCHEMA EVOLUTION, which the engine's grammar lacks.
#pragma once

#include "sql/statement_rewriter.h"
#include "sql/token_cursor.h"

namespace tarn::sql {

// Does the statement say so.
bool EvolvesSchema(const Statement& statement);

// Takes the words out; the cursor stands at the statement or at the WITH before it.
void CutSchemaEvolution(TokenCursor cursor, StatementRewriter& rewriter);

}  // namespace tarn::sql
