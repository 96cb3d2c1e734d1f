// Spark's spelling of column types, made the engine's: ARRAY<T>, MAP<K, V>, STRUCT<a: T>, BYTE,
// TIMESTAMP_NTZ, TIMESTAMP_LTZ. Other types stay as written.
#pragma once

#include "sql/statement_rewriter.h"
#include "sql/token_cursor.h"

namespace tarn::sql {

// With the cursor at a type: rewrites it and moves behind it, or behind its first word when the
// engine knows the type itself. Throws InvalidInput for a malformed ARRAY<>, MAP<> or STRUCT<>,
// LimitExceeded beyond kMaxNesting.
void RewriteColumnType(TokenCursor& cursor, StatementRewriter& rewriter);

}  // namespace tarn::sql
