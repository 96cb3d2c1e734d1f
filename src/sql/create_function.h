// CREATE FUNCTION as Spark and Databricks spell it, put into the engine's words: a macro that casts
// its parameters and its result to their types. Pure.
#pragma once

#include "sql/statement_rewriter.h"
#include "sql/token_cursor.h"

namespace tarn::sql {

// CREATE [OR REPLACE] [TEMP[ORARY]] FUNCTION [IF NOT EXISTS] name ([name type [DEFAULT x]
//     [COMMENT '...'], ...]) RETURNS type | RETURNS TABLE [(columns)] [LANGUAGE SQL]
//     [[NOT] DETERMINISTIC] [COMMENT '...'] [CONTAINS SQL | READS SQL DATA] RETURN expression |
//     query
// Rewrites what differs; leaves the engine's own spelling (AS ...) alone. The cursor stands behind
// FUNCTION. Unsupported: another language.
void RewriteCreateFunction(TokenCursor& cursor, StatementRewriter& rewriter);

}  // namespace tarn::sql
