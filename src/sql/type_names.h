// Spark's spelling of column types, made the engine's: ARRAY<T>, MAP<K, V>, STRUCT<a: T NOT NULL>,
// BYTE, TIMESTAMP_NTZ, TIMESTAMP_LTZ. Other types stay as written, but for NOT NULL in STRUCT(a T).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

// The fields within a type that are NOT NULL, by their paths: names, and "element" of an array,
// "key" and "value" of a map.
using FieldPaths = std::vector<std::vector<std::string>>;

// With the cursor at a type: rewrites it, moves behind it and gives the fields that are NOT NULL,
// which the engine's types cannot say. Throws InvalidInput for a malformed ARRAY<>, MAP<> or
// STRUCT, LimitExceeded beyond kMaxNesting, Unsupported for a collation that is not of bytes,
// unless collations are left to the engine.
FieldPaths RewriteColumnType(TokenCursor& cursor, StatementRewriter& rewriter,
                             bool keeps_collations = false);

// The same read off: the type as the engine spells it, and what is NOT NULL within.
std::pair<std::string, FieldPaths> ReadColumnType(TokenCursor& cursor);

}  // namespace tarn::sql
