#include "sql/inserts_from.h"

#include <algorithm>
#include <string>

#include "base/text.h"
#include "sql/token_cursor.h"

namespace tarn::sql {
namespace {

// Most statements are none, and long ones are not worth a look at every token.
bool MayBe(std::string_view text) {
    const std::string_view word =
        text.substr(0, text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRS"
                                              "TUVWXYZ"));
    return EqualsIgnoreCase(word, "FROM") || EqualsIgnoreCase(word, "WITH");
}

// Where the cursor's next words INSERT INTO | OVERWRITE stand outside of parentheses, behind FROM.
std::vector<size_t> FindInserts(TokenCursor cursor) {
    std::vector<size_t> inserts;
    bool has_from = false;
    while (!cursor.AtEnd()) {
        if (inserts.empty() && cursor.AtWord("SELECT")) return {};
        has_from = has_from || cursor.AtWord("FROM");
        if (cursor.AtWords({"INSERT", "INTO"}) || cursor.AtWords({"INSERT", "OVERWRITE"})) {
            if (!has_from) return {};
            inserts.push_back(cursor.index());
        }
        cursor.SkipGroup();
    }
    return inserts;
}

}  // namespace

std::vector<Statement> InsertsFrom(const Statement& statement, Dialect dialect) {
    std::vector<Statement> statements;
    if (!MayBe(statement.text)) return statements;
    const std::vector<Token> tokens = Lex(statement, dialect);
    TokenCursor cursor(tokens);
    const std::vector<size_t> inserts = FindInserts(cursor);
    const auto text = [&](size_t first, size_t end) {
        const size_t begin = tokens[first].begin;
        return statement.text.substr(begin, tokens[end - 1].end() - begin);
    };
    for (size_t i = 0; i < inserts.size(); ++i) {
        const size_t end = i + 1 < inserts.size() ? inserts[i + 1] : tokens.size() - 1;
        cursor.MoveTo(inserts[i]);
        while (cursor.index() < end && !cursor.AtWord("SELECT")) cursor.SkipGroup();
        if (cursor.index() >= end) cursor.FailExpected("SELECT");
        const TextPosition& position = tokens[inserts[i]].position;
        statements.push_back({text(inserts[i], cursor.index()) + " " + text(0, inserts[0]) + " " +
                                  text(cursor.index(), end),
                              position.line, position.column, position.offset});
    }
    return statements;
}

}  // namespace tarn::sql
