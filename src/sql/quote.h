// Quoting for SQL text: the only way names and values get into a statement that Tarn builds. Pure.
#pragma once

#include <string>
#include <string_view>

namespace tarn::sql {

// "name", with quotes inside doubled; always quoted, so that keywords and capitals are safe. Throws
// InvalidInput on a NUL byte, at which the engine would end the statement.
std::string QuoteIdentifier(std::string_view name);
// 'text', with quotes inside doubled. Throws InvalidInput on a NUL byte.
std::string QuoteLiteral(std::string_view text);

// The name that an identifier as written means: quotes ("..", `..`) off, doubled ones single; a
// plain word stays as it is, case kept.
std::string UnquoteIdentifier(std::string_view written);
// The text that a string literal as written means: '..', E'..' with its escapes, $tag$..$tag$.
std::string UnquoteLiteral(std::string_view written);
// The same of Spark's '..', "..", r'..': `\%` and `\_` stay as they are, for LIKE.
std::string UnquoteSparkLiteral(std::string_view written);

}  // namespace tarn::sql
