// Walks over tokens with the "accept or expect" verbs of a recursive-descent parser. Not
// thread-safe.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "sql/lexer.h"
#include "sql/statement.h"

namespace tarn::sql {

class TokenCursor {
public:
    // `tokens` end with kEnd, as Lex gives them.
    explicit TokenCursor(const std::vector<Token>& tokens) : tokens_(tokens) {}

    const std::vector<Token>& tokens() const { return tokens_; }
    size_t index() const { return index_; }
    void MoveTo(size_t index) { index_ = index; }
    // The token `ahead` of the current one; kEnd beyond the end.
    const Token& Peek(size_t ahead = 0) const;
    const Token& Next();
    bool AtEnd() const { return Peek().kind == TokenKind::kEnd; }

    // Words are given in capitals and compared without regard to case. "AtWords" looks at several
    // in a row.
    bool AtWord(std::string_view word) const { return IsWord(Peek(), word); }
    bool AtWords(std::initializer_list<std::string_view> words) const;
    bool AtSymbol(std::string_view symbol) const { return IsSymbol(Peek(), symbol); }
    // A word that may be a name, or a quoted one.
    bool AtName() const;

    bool AcceptWord(std::string_view word);
    bool AcceptWords(std::initializer_list<std::string_view> words);
    bool AcceptSymbol(std::string_view symbol);

    // These throw InvalidInput, "expected X, found Y", at the current token.
    void ExpectWord(std::string_view word);
    void ExpectSymbol(std::string_view symbol);
    std::string ExpectName(std::string_view what);
    std::string ExpectString(std::string_view what);
    QualifiedName ExpectQualifiedName(std::string_view what);
    [[noreturn]] void FailExpected(std::string_view what) const;

    // Steps over the current token, or from an opening parenthesis, bracket or brace behind its
    // closing one; a group that never closes ends with the text.
    void SkipGroup();

private:
    const std::vector<Token>& tokens_;
    size_t index_ = 0;
};

}  // namespace tarn::sql
