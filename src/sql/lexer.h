// Cuts one statement's text into tokens with their places. Knows no keyword (a parser decides,
// without regard to case) and never refuses a character: what it does not know is a token of kind
// unknown, for the engine's own parser to judge. Comments and white space give no tokens. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sql/splitter.h"
#include "sql/text_position.h"

namespace tarn::sql {

// How deep parentheses, brackets and braces may nest: beyond it a statement is LimitExceeded.
inline constexpr int kMaxNesting = 1000;

enum class TokenKind {
    kIdentifier,        // an unquoted word, keywords too
    kQuotedIdentifier,  // "..." or `...`
    kString,            // '..', E'..', $$..$$, $tag$..$tag$
    kNumber,            // 1, 1.5e-3, .5, 1_000, 0xFF; with the letters that follow it at once
    kParameter,         // ?, ?1, $1, $name
    kSymbol,   // operator or punctuation; '<' and '>' never join as "<<", ">>" (types nest in them)
    kUnknown,  // a control character or other foreign byte, or a quote that never closes
    kEnd,      // behind the last token; its text is empty
};

struct Token {
    TokenKind kind;
    std::string_view text;  // as written, quotes included; a view into the text that was given
    TextPosition position;  // in the user's whole input
    size_t begin;           // byte offset in the text that was given

    size_t end() const { return begin + text.size(); }
};

// The tokens of `text`, the last one kEnd. `start` is the place of its first byte. Throws
// LimitExceeded beyond kMaxStatementBytes or kMaxNesting.
std::vector<Token> Lex(std::string_view text, const TextPosition& start = {},
                       Dialect dialect = Dialect::kTarn);
// The views point into `statement`.
inline std::vector<Token> Lex(const Statement& statement, Dialect dialect = Dialect::kTarn) {
    return Lex(statement.text, statement.position(), dialect);
}

// Is the token the unquoted word `word` (given in capitals), in whatever case?
bool IsWord(const Token& token, std::string_view word);
bool IsSymbol(const Token& token, std::string_view symbol);

}  // namespace tarn::sql
