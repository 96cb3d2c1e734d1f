#include "sql/session_variables.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "sql/lexer.h"
#include "sql/quote.h"
#include "sql/source_map.h"
#include "sql/token_cursor.h"

namespace tarn::sql {
namespace {

constexpr std::string_view kFirstWords[] = {"DECLARE", "EXECUTE", "DROP", "SET"};
constexpr std::string_view kIdentifier = "IDENTIFIER";

class Reader {
public:
    Reader(const Statement& statement, const std::vector<Token>& tokens)
        : text_(statement.text), cursor_(tokens) {}

    std::optional<VariableStatement> Read() {
        if (cursor_.AcceptWord("DECLARE")) return ReadDeclare();
        if (cursor_.AcceptWords({"EXECUTE", "IMMEDIATE"})) return ReadExecute();
        if (cursor_.AtWord("DROP") && IsWord(cursor_.Peek(2), "VARIABLE")) return ReadDrop();
        if (!cursor_.AcceptWord("SET")) return std::nullopt;
        const bool is_variable = cursor_.AcceptWord("VAR") || cursor_.AcceptWord("VARIABLE");
        if (!is_variable || cursor_.AtSymbol("=")) return std::nullopt;
        return ReadSet();
    }

private:
    // [system.][session.]name
    std::string ExpectVariable() {
        return cursor_.ExpectQualifiedName("the name of a variable").parts.back();
    }

    // Up to a comma, the end or one of the words, as written.
    std::string ExpectExpression(std::initializer_list<std::string_view> words) {
        const size_t first = cursor_.index();
        while (!cursor_.AtEnd() && !cursor_.AtSymbol(",") && !cursor_.AtSymbol(")") &&
               std::none_of(words.begin(), words.end(),
                            [&](std::string_view word) { return cursor_.AtWord(word); }))
            cursor_.SkipGroup();
        if (cursor_.index() == first) cursor_.FailExpected("an expression");
        return Text(first, cursor_.index());
    }

    std::string Text(size_t first, size_t end) const {
        const std::vector<Token>& tokens = cursor_.tokens();
        const size_t begin = tokens[first].begin;
        return std::string(text_.substr(begin, tokens[end - 1].end() - begin));
    }

    void ExpectEnd() const {
        if (!cursor_.AtEnd()) cursor_.FailExpected("the end of the statement");
    }

    VariableStatement ReadDeclare() {
        DeclareVariable declare;
        declare.or_replace = cursor_.AcceptWords({"OR", "REPLACE"});
        if (IsWord(cursor_.Peek(), "VARIABLE")) cursor_.Next();
        declare.name = ExpectVariable();
        const size_t first = cursor_.index();
        while (!cursor_.AtEnd() && !cursor_.AtSymbol("=") && !cursor_.AtWord("DEFAULT"))
            cursor_.SkipGroup();
        if (cursor_.index() > first) declare.type = Text(first, cursor_.index());
        if (cursor_.AcceptSymbol("=") || cursor_.AcceptWord("DEFAULT"))
            declare.value = ExpectExpression({});
        ExpectEnd();
        return declare;
    }

    VariableStatement ReadDrop() {
        cursor_.MoveTo(cursor_.index() + 3);
        DropVariable drop;
        drop.if_exists = cursor_.AcceptWords({"IF", "EXISTS"});
        drop.name = ExpectVariable();
        ExpectEnd();
        return drop;
    }

    VariableStatement ReadSet() {
        SetVariables set;
        if (cursor_.AcceptSymbol("(")) {
            do set.names.push_back(ExpectVariable());
            while (cursor_.AcceptSymbol(","));
            cursor_.ExpectSymbol(")");
            cursor_.ExpectSymbol("=");
            set.query = ExpectExpression({});
            ExpectEnd();
            return set;
        }
        do {
            set.names.push_back(ExpectVariable());
            cursor_.ExpectSymbol("=");
            const bool is_default = cursor_.AcceptWord("DEFAULT");
            set.values.push_back(is_default ? "" : ExpectExpression({}));
        } while (cursor_.AcceptSymbol(","));
        ExpectEnd();
        return set;
    }

    VariableStatement ReadExecute() {
        ExecuteImmediate execute;
        execute.text = ExpectExpression({"INTO", "USING"});
        if (cursor_.AcceptWord("INTO")) {
            do execute.into.push_back(ExpectVariable());
            while (cursor_.AcceptSymbol(","));
        }
        if (cursor_.AcceptWord("USING")) {
            const bool has_list = cursor_.AcceptSymbol("(");
            do {
                std::string value = ExpectExpression({"AS"});
                std::string name;
                if (cursor_.AcceptWord("AS")) name = cursor_.ExpectName("the name of a parameter");
                execute.arguments.emplace_back(std::move(name), std::move(value));
            } while (cursor_.AcceptSymbol(","));
            if (has_list) cursor_.ExpectSymbol(")");
        }
        ExpectEnd();
        return execute;
    }

    std::string_view text_;
    TokenCursor cursor_;
};

bool IsNameToken(const Token& token) {
    return token.kind == TokenKind::kIdentifier || token.kind == TokenKind::kQuotedIdentifier;
}

// Is what stands at a token an item of a SELECT's list. Asked of each token in turn.
class SelectLists {
public:
    explicit SelectLists(const std::vector<Token>& tokens) : tokens_(tokens) {}

    void Pass(size_t at) {
        const Token& token = tokens_[at];
        if (IsSymbol(token, "(")) {
            is_list_.push_back(false);
        } else if (IsSymbol(token, ")") && is_list_.size() > 1) {
            is_list_.pop_back();
        } else if (IsWord(token, "SELECT")) {
            is_list_.back() = true;
        } else if (EndsList(token)) {
            is_list_.back() = false;
        }
    }
    // The whole item stands at [first, last], without an alias.
    bool IsItem(size_t first, size_t last) const {
        if (!is_list_.back() || first == 0) return false;
        const Token& before = tokens_[first - 1];
        const Token& behind = tokens_[last + 1];
        const bool begins = IsSymbol(before, ",") || IsWord(before, "SELECT") ||
                            IsWord(before, "DISTINCT") || IsWord(before, "ALL");
        return begins && (IsSymbol(behind, ",") || IsSymbol(behind, ")") ||
                          behind.kind == TokenKind::kEnd || EndsList(behind));
    }

private:
    static bool EndsList(const Token& token) {
        if (IsSymbol(token, "|")) return true;  // a pipe
        for (const char* word : {"FROM", "WHERE", "GROUP", "HAVING", "QUALIFY", "ORDER", "LIMIT",
                                 "UNION", "EXCEPT", "INTERSECT", "MINUS", "WINDOW"}) {
            if (IsWord(token, word)) return true;
        }
        return false;
    }

    const std::vector<Token>& tokens_;
    std::vector<bool> is_list_{false};
};

}  // namespace

std::optional<VariableStatement> ReadVariableStatement(const Statement& statement,
                                                       Dialect dialect) {
    // Most statements are none of these, and some are long.
    const bool may_be =
        std::any_of(std::begin(kFirstWords), std::end(kFirstWords), [&](std::string_view word) {
            return EqualsIgnoreCase(std::string_view(statement.text).substr(0, word.size()), word);
        });
    if (!may_be) return std::nullopt;
    const std::vector<Token> tokens = Lex(statement, dialect);
    return Reader(statement, tokens).Read();
}

std::string WithArguments(const std::string& text, const ExecuteImmediate& execute,
                          Dialect dialect) {
    const std::vector<Token> tokens = Lex(text, {}, dialect);
    Rewriter rewriter(text, {});
    size_t next = 0;
    for (size_t i = 0; i + 1 < tokens.size(); ++i) {
        const bool is_named = IsSymbol(tokens[i], ":") && IsNameToken(tokens[i + 1]) &&
                              tokens[i].end() == tokens[i + 1].begin &&
                              (i == 0 || tokens[i - 1].end() != tokens[i].begin);
        if (tokens[i].text == "?") {
            if (next == execute.arguments.size()) {
                throw Error(ErrorKind::kInvalidInput,
                            "EXECUTE IMMEDIATE: the statement has a ? more than USING has values");
            }
            rewriter.Replace(tokens[i].begin, tokens[i].end(),
                             "(" + execute.arguments[next++].second + ")");
        } else if (is_named) {
            const auto found = std::find_if(
                execute.arguments.begin(), execute.arguments.end(), [&](const auto& argument) {
                    return EqualsIgnoreCase(argument.first, tokens[i + 1].text);
                });
            if (found == execute.arguments.end()) {
                throw Error(ErrorKind::kInvalidInput,
                            "EXECUTE IMMEDIATE: USING has no value for :{}", tokens[i + 1].text);
            }
            rewriter.Replace(tokens[i].begin, tokens[i + 1].end(), "(" + found->second + ")");
        }
    }
    return rewriter.Build().text;
}

std::optional<IdentifierClause> FindIdentifierClause(const Statement& statement, Dialect dialect) {
    const auto folded = [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; };
    const auto found = std::search(
        statement.text.begin(), statement.text.end(), kIdentifier.begin(), kIdentifier.end(),
        [&](char written, char sought) { return folded(written) == sought; });
    if (found == statement.text.end()) return std::nullopt;
    const std::vector<Token> tokens = Lex(statement, dialect);
    for (size_t i = 0; i + 2 < tokens.size(); ++i) {
        if (!IsWord(tokens[i], kIdentifier) || !IsSymbol(tokens[i + 1], "(")) continue;
        TokenCursor cursor(tokens);
        cursor.MoveTo(i + 1);
        cursor.SkipGroup();
        const Token& closing = tokens[cursor.index() - 1];
        if (!IsSymbol(closing, ")") || cursor.index() == i + 3) continue;
        const size_t first = tokens[i + 2].begin;
        return IdentifierClause{tokens[i].begin, closing.end(),
                                statement.text.substr(first, closing.begin - first)};
    }
    return std::nullopt;
}

std::string WithVariables(const Statement& statement, const std::vector<std::string>& names,
                          Dialect dialect, bool bare) {
    const std::vector<Token> tokens = Lex(statement, dialect);
    Rewriter rewriter(statement.text, statement.position());
    const auto is_variable = [&](const Token& token) {
        return IsNameToken(token) &&
               std::any_of(names.begin(), names.end(), [&](const std::string& name) {
                   return EqualsIgnoreCase(name, UnquoteIdentifier(token.text));
               });
    };
    SelectLists lists(tokens);
    for (size_t i = 0; i + 1 < tokens.size(); ++i) {
        lists.Pass(i);
        if (!is_variable(tokens[i]) || IsSymbol(tokens[i + 1], "(") ||
            (i > 0 && IsWord(tokens[i - 1], "AS")))
            continue;
        size_t first = i;
        const bool is_part = i > 0 && IsSymbol(tokens[i - 1], ".");
        if (is_part && i > 1 && IsWord(tokens[i - 2], "SESSION")) {
            const bool is_long =
                i > 3 && IsSymbol(tokens[i - 3], ".") && IsWord(tokens[i - 4], "SYSTEM");
            first = is_long ? i - 4 : i - 2;
        } else if (is_part || !bare) {
            continue;
        }
        const std::string name = AsciiLower(UnquoteIdentifier(tokens[i].text));
        std::string value = "getvariable(" + QuoteLiteral(name) + ")";
        if (lists.IsItem(first, i)) value.append(" AS ").append(tokens[i].text);
        rewriter.Replace(tokens[first].begin, tokens[i].end(), std::move(value));
    }
    return rewriter.Build().text;
}

}  // namespace tarn::sql
