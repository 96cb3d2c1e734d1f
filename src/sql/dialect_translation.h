// A statement in the user's dialect, made one in Tarn's own spelling: its queries, expressions and
// types as the engine takes them, its texts in single quotes. What `parser.h` then reads knows no
// dialect. Pure.
#pragma once

#include <optional>
#include <vector>

#include "base/error.h"
#include "sql/dialect.h"
#include "sql/lexer.h"
#include "sql/source_map.h"
#include "sql/splitter.h"

namespace tarn::sql {

// `tokens` are those of the statement in that dialect. Nothing when the statement is so already. In
// Spark's dialect InvalidInput with its place
// ("expected X, found Y") for a query or an expression that is not of Spark's grammar; in Tarn's
// what is not understood is left for the engine to judge.
std::optional<Rewritten> Translate(const Statement& statement, const std::vector<Token>& tokens,
                                   Dialect dialect);

// What the parser of queries expected where it lost its way, in a statement that the engine
// refuses: that is the mistake where both point to the same place. Nothing when it understood all
// of it.
std::optional<Error> MistakeIn(const Statement& statement, Dialect dialect);

}  // namespace tarn::sql
