// Whole statements that Spark spells in other words than the engine: USE SCHEMA, DROP DATABASE,
// EXPLAIN FORMATTED, DESCRIBE QUERY, ALTER VIEW ... AS, CACHE TABLE ... AS, INSERT OVERWRITE
// DIRECTORY, SHOW CURRENT SCHEMA, SET TIME ZONE. Pure.
#pragma once

#include <optional>

#include "sql/statement.h"
#include "sql/statement_rewriter.h"
#include "sql/token_cursor.h"

namespace tarn::sql {

// Rewrites what of these stands at the cursor; everything else stays as it is. Returns the name of
// what must be there for the statement to mean anything, where the engine would not ask: ALTER VIEW
// and REPLACE TABLE replace, and make nothing new.
std::optional<QualifiedName> RewriteSpelling(TokenCursor cursor, StatementRewriter& rewriter);

// EXPLAIN [ANALYZE] FORMATTED | EXTENDED | CODEGEN | COST: there is one plan to show. The statement
// begins with EXPLAIN.
void CutExplainMode(TokenCursor cursor, StatementRewriter& rewriter);

}  // namespace tarn::sql
