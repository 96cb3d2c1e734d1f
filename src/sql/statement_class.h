// What kind of work a statement is, told by its first words. Pure.
#pragma once

#include <string>
#include <vector>

#include "sql/statement.h"
#include "sql/token_cursor.h"

namespace tarn::sql {

// With the cursor at the statement's first token; it stays there.
StatementClass Classify(TokenCursor cursor);

// The words that statements begin with, in capitals.
std::vector<std::string> StatementWords();

}  // namespace tarn::sql
