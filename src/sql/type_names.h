// Spark's spelling of column types, made the engine's: ARRAY<T>, MAP<K, V>, STRUCT<a: T>, BYTE,
// TIMESTAMP_NTZ, TIMESTAMP_LTZ. Other types stay as written.
#pragma once

#include <span>
#include <string_view>

#include "sql/statement_rewriter.h"
#include "sql/token_cursor.h"

namespace tarn::sql {

// A type's name that the engine lacks, and the engine's for the same.
struct TypeSpelling {
    std::string_view written;  // in capitals
    std::string_view engine;
};
// All of them but ARRAY<>, MAP<> and STRUCT<>.
std::span<const TypeSpelling> TypeSpellings();

// With the cursor at a type: rewrites it and moves behind it, or behind its first word when the
// engine knows the type itself. Throws InvalidInput for a malformed ARRAY<>, MAP<> or STRUCT<>,
// LimitExceeded beyond kMaxNesting.
void RewriteColumnType(TokenCursor& cursor, StatementRewriter& rewriter);

}  // namespace tarn::sql
