// Which of the names in a.b.c is a column, and which are fields within it: what no table of the
// statement is called a column comes before. Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "sql/lexer.h"
#include "sql/syntax_tree.h"

namespace tarn::sql {

// Notes in every name of the tree the tokens of the fields behind its column. `tables`: what the
// tables of the statement are called, in small letters; more of them than there are only leave
// names as they stand.
void MarkFields(const std::vector<Token>& tokens, const std::set<std::string>& tables,
                SyntaxNode& node);

}  // namespace tarn::sql
