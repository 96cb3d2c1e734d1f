#include "sql/time_travel.h"

#include <string>

#include "sql/token_cursor.h"

namespace tarn::sql {

namespace {

class TimeTravel {
public:
    TimeTravel(StatementRewriter& rewriter, size_t first)
        : rewriter_(rewriter), cursor_(rewriter.tokens()) {
        cursor_.MoveTo(first);
    }

    void Run() {
        while (!cursor_.AtEnd()) {
            size_t name = cursor_.index();
            bool is_name = cursor_.AtName();
            cursor_.Next();
            if (is_name && AtClause()) ReadClause(name);
        }
    }

private:
    bool AtClause() {
        size_t start = cursor_.index();
        cursor_.AcceptWord("FOR");
        bool found = AtUnit() && IsWord(cursor_.Peek(1), "AS") && IsWord(cursor_.Peek(2), "OF");
        cursor_.MoveTo(start);
        return found;
    }

    bool AtUnit() const {
        return AtVersionUnit() || cursor_.AtWord("TIMESTAMP") || cursor_.AtWord("SYSTEM_TIME");
    }
    bool AtVersionUnit() const {
        return cursor_.AtWord("VERSION") || cursor_.AtWord("SYSTEM_VERSION");
    }

    // With the cursor behind the table's name, the token `name`.
    void ReadClause(size_t name) {
        size_t clause = cursor_.index();
        cursor_.AcceptWord("FOR");
        bool is_version = AtVersionUnit();
        cursor_.MoveTo(cursor_.index() + 3);
        size_t value = cursor_.index();
        if (is_version) {
            ReadVersion();
        } else {
            ReadSum();
        }
        const std::vector<Token>& tokens = rewriter_.tokens();
        // The value keeps its own bytes, comments included, but for a line comment at its end.
        const char* begin = tokens[value].text.data();
        const char* end =
            tokens[cursor_.index() - 1].text.data() + tokens[cursor_.index() - 1].text.size();
        std::string at = is_version ? " AT (VERSION => " : " AT (TIMESTAMP => ";
        at.append(begin, end);
        at += ')';
        size_t clause_end = cursor_.index();
        size_t last = ReadAlias() ? cursor_.index() - 1 : name;
        rewriter_.Cut(clause, clause_end);
        rewriter_.InsertBehind(last, std::move(at), value);
    }

    void ReadVersion() {
        TokenKind kind = cursor_.Peek().kind;
        if (kind != TokenKind::kNumber && kind != TokenKind::kString &&
            kind != TokenKind::kParameter) {
            cursor_.FailExpected("a version number");
        }
        cursor_.Next();
    }

    // operand (('+' | '-') operand)*
    void ReadSum() {
        ReadOperand();
        while (cursor_.AcceptSymbol("+") || cursor_.AcceptSymbol("-")) ReadOperand();
    }

    // A literal, parameter, function call, parenthesis, INTERVAL or typed literal, with casts
    // behind it.
    void ReadOperand() {
        TokenKind kind = cursor_.Peek().kind;
        bool is_interval = cursor_.AcceptWord("INTERVAL");
        if (cursor_.AtSymbol("(")) {
            cursor_.SkipGroup();
        } else if (kind == TokenKind::kString || kind == TokenKind::kNumber ||
                   kind == TokenKind::kParameter || is_interval) {
            cursor_.Next();
        } else if (kind == TokenKind::kIdentifier || kind == TokenKind::kQuotedIdentifier) {
            ReadNamed();
        } else {
            cursor_.FailExpected("a time");
        }
        if (is_interval && cursor_.Peek().kind == TokenKind::kIdentifier && cursor_.AtName())
            cursor_.Next();
        while (cursor_.AcceptSymbol("::")) {
            cursor_.Next();
            if (cursor_.AtSymbol("(")) cursor_.SkipGroup();
        }
    }

    // f(...), schema.f(...), current_timestamp, TIMESTAMP '...', CAST(... AS ...)
    void ReadNamed() {
        cursor_.Next();
        while (cursor_.AcceptSymbol(".")) cursor_.Next();
        if (cursor_.AtSymbol("(")) {
            cursor_.SkipGroup();
        } else if (cursor_.Peek().kind == TokenKind::kString) {
            cursor_.Next();
        }
    }

    // [AS] alias [(columns)]
    bool ReadAlias() {
        size_t start = cursor_.index();
        cursor_.AcceptWord("AS");
        if (!cursor_.AtName()) {
            cursor_.MoveTo(start);
            return false;
        }
        cursor_.Next();
        if (cursor_.AtSymbol("(")) cursor_.SkipGroup();
        return true;
    }

    StatementRewriter& rewriter_;
    TokenCursor cursor_;
};

}  // namespace

void RewriteTimeTravel(StatementRewriter& rewriter, size_t first) {
    TimeTravel(rewriter, first).Run();
}

}  // namespace tarn::sql
