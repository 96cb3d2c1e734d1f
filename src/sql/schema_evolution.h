// INSERT WITH SCHEMA EVOLUTION and MERGE WITH SCHEMA EVOLUTION, which the engine's grammar lacks.
#pragma once

#include "sql/statement_rewriter.h"
#include "sql/token_cursor.h"

namespace tarn::sql {

// Takes the words out; false: there are none. The cursor stands at the statement or at the WITH
// before it.
bool CutSchemaEvolution(TokenCursor cursor, StatementRewriter& rewriter);

}  // namespace tarn::sql
