#include "sql/dialect_translation.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "sql/statement_class.h"
#include "sql/statement_parts.h"
#include "sql/syntax_writer.h"

namespace tarn::sql {
namespace {

// The engine has no pipes: what stands around one is ours to judge.
bool HasPipe(const std::vector<Token>& tokens) {
    for (size_t i = 0; i + 1 < tokens.size(); ++i) {
        if (IsSymbol(tokens[i], "|") && IsSymbol(tokens[i + 1], ">") &&
            tokens[i].end() == tokens[i + 1].begin)
            return true;
    }
    return false;
}

}  // namespace

std::optional<Rewritten> Translate(const Statement& statement, const std::vector<Token>& tokens,
                                   Dialect dialect) {
    SyntaxNode root;
    try {
        root = PartsOfStatement(tokens, dialect);
    } catch (const Error&) {
        if (dialect == Dialect::kSpark || HasPipe(tokens)) throw;
        return std::nullopt;
    }
    const auto write = [&](bool numbers_parameters) {
        const SyntaxWriter writer(statement.text, tokens, dialect, numbers_parameters);
        return writer.Write(root);
    };
    SqlText text = write(false);
    const size_t begin = tokens.front().begin;
    const size_t end = tokens.size() > 1 ? tokens[tokens.size() - 2].end() : begin;
    if (text.text() == std::string_view(statement.text).substr(begin, end - begin))
        return std::nullopt;
    const bool has_parameters = std::any_of(tokens.begin(), tokens.end(),
                                            [](const Token& token) { return token.text == "?"; });
    if (has_parameters) text = write(true);
    return std::move(text).Build(statement.text, statement.position());
}

std::optional<Error> MistakeIn(const Statement& statement, Dialect dialect) {
    const std::vector<Token> tokens = Lex(statement, dialect);
    try {
        PartsOfStatement(tokens, dialect);
    } catch (const Error& error) {
        return error;
    }
    const std::vector<std::string> words = StatementWords();
    const std::string first = AsciiUpper(tokens.front().text);
    if (tokens.front().kind != TokenKind::kIdentifier ||
        std::find(words.begin(), words.end(), first) != words.end())
        return std::nullopt;
    const auto meant = NearestWord(first, words);
    return Error(ErrorKind::kInvalidInput, "expected a statement, found {}{}", tokens.front().text,
                 meant ? "; did you mean " + *meant + "?" : "")
        .At(SpotOf(tokens.front().position));
}

}  // namespace tarn::sql
