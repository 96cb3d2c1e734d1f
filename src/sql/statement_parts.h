// Where in a statement its queries, expressions and types stand. Pure.
#pragma once

#include <vector>

#include "sql/dialect.h"
#include "sql/lexer.h"
#include "sql/syntax_tree.h"

namespace tarn::sql {

// A node over all of the statement; of one that is not known its parts are none. Throws as
// SyntaxParser does.
SyntaxNode PartsOfStatement(const std::vector<Token>& tokens, Dialect dialect);

}  // namespace tarn::sql
