// Spark's spelling of column types, made the engine's: ARRAY<T>, MAP<K, V>, STRUCT<a: T NOT NULL>,
// BYTE, TIMESTAMP_NTZ, TIMESTAMP_LTZ. Other types stay as written, but for NOT NULL in STRUCT(a T).
// SPARK_VARCHAR(n) and SPARK_CHAR(n) are those whose length counts wherever they stand.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/statement.h"
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

// What the engine's types cannot say.
struct TypeRules {
    FieldPaths not_null;
    std::vector<TextLimit> text_limits;
};

// With the cursor at a type: rewrites it, moves behind it and gives its rules. Throws InvalidInput
// for a malformed ARRAY<>, MAP<> or STRUCT and for a length that is none, LimitExceeded beyond
// kMaxNesting, Unsupported for a collation that is not of bytes, unless collations are left to the
// engine.
TypeRules RewriteColumnType(TokenCursor& cursor, StatementRewriter& rewriter,
                            bool keeps_collations = false);

// The same read off: the type as the engine spells it, and its rules.
std::pair<std::string, TypeRules> ReadColumnType(TokenCursor& cursor);

// Those whose length counts although no format is named.
std::vector<TextLimit> OwnLimits(std::vector<TextLimit> limits);

}  // namespace tarn::sql
