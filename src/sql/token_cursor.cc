#include "sql/token_cursor.h"

#include <algorithm>

#include "base/error.h"
#include "sql/keywords.h"
#include "sql/quote.h"

namespace tarn::sql {

namespace {

constexpr size_t kMaxShownToken = 40;

std::string Shown(const Token& token) {
    if (token.kind == TokenKind::kEnd) return "the end of the statement";
    if (token.text.size() <= kMaxShownToken) return std::string(token.text);
    return std::string(token.text.substr(0, kMaxShownToken)) + "...";
}

}  // namespace

const Token& TokenCursor::Peek(size_t ahead) const {
    return tokens_[std::min(index_ + ahead, tokens_.size() - 1)];
}

const Token& TokenCursor::Next() {
    const Token& token = Peek();
    index_ = std::min(index_ + 1, tokens_.size() - 1);
    return token;
}

bool TokenCursor::AtWords(std::initializer_list<std::string_view> words) const {
    size_t ahead = 0;
    return std::all_of(words.begin(), words.end(),
                       [&](std::string_view word) { return IsWord(Peek(ahead++), word); });
}

bool TokenCursor::AtName() const {
    const Token& token = Peek();
    return token.kind == TokenKind::kQuotedIdentifier ||
           (token.kind == TokenKind::kIdentifier &&
            (!IsReservedForTables(token.text) || IsSymbol(Peek(1), ".")));
}

bool TokenCursor::AcceptWord(std::string_view word) { return AcceptWords({word}); }

bool TokenCursor::AcceptWords(std::initializer_list<std::string_view> words) {
    if (!AtWords(words)) return false;
    index_ += words.size();
    return true;
}

bool TokenCursor::AcceptSymbol(std::string_view symbol) {
    if (!AtSymbol(symbol)) return false;
    Next();
    return true;
}

void TokenCursor::ExpectWord(std::string_view word) {
    if (!AcceptWord(word)) FailExpected(word);
}

void TokenCursor::ExpectSymbol(std::string_view symbol) {
    if (!AcceptSymbol(symbol)) FailExpected(fmt::format("'{}'", symbol));
}

std::string TokenCursor::ExpectName(std::string_view what) {
    if (!AtName()) FailExpected(what);
    return UnquoteIdentifier(Next().text);
}

std::string TokenCursor::ExpectString(std::string_view what) {
    if (Peek().kind != TokenKind::kString) FailExpected(what);
    return UnquoteLiteral(Next().text);
}

QualifiedName TokenCursor::ExpectQualifiedName(std::string_view what) {
    QualifiedName name{{}, Peek().position};
    name.parts.push_back(AtWord("DEFAULT") ? std::string(Next().text) : ExpectName(what));
    while (AcceptSymbol(".")) {
        // Behind a dot every word is a name.
        if (Peek().kind == TokenKind::kIdentifier) {
            name.parts.emplace_back(Next().text);
        } else {
            name.parts.push_back(ExpectName(what));
        }
    }
    if (name.parts.size() > 3) {
        throw Error(ErrorKind::kInvalidInput,
                    "a name has at most three parts, catalog.schema.table: {}", name.ToSql())
            .At(SpotOf(name.position));
    }
    return name;
}

void TokenCursor::FailExpected(std::string_view what) const {
    throw Error(ErrorKind::kInvalidInput, "expected {}, found {}", what, Shown(Peek()))
        .At(SpotOf(Peek().position));
}

void TokenCursor::SkipGroup() {
    int depth = 0;
    do {
        const Token& token = Next();
        if (token.kind == TokenKind::kSymbol && token.text.size() == 1) {
            if (std::string_view("([{").find(token.text[0]) != std::string_view::npos) ++depth;
            if (std::string_view(")]}").find(token.text[0]) != std::string_view::npos) --depth;
        }
    } while (depth > 0 && !AtEnd());
}

}  // namespace tarn::sql
