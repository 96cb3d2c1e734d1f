#include "sql/time_travel.h"

#include <algorithm>
#include <string>

#include "sql/quote.h"
#include "sql/token_cursor.h"

namespace tarn::sql {

namespace {

constexpr size_t kTimeDigits = 17;  // yyyyMMddHHmmssSSS
constexpr size_t kMaxVersionDigits = 18;

bool IsAllDigits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string SpelledTime(std::string_view digits) {
    std::string text;
    const auto take = [&](size_t count, std::string_view behind) {
        text += digits.substr(0, count);
        text += behind;
        digits.remove_prefix(count);
    };
    take(4, "-");
    take(2, "-");
    take(2, " ");
    take(2, ":");
    take(2, ":");
    take(2, ".");
    take(3, "");
    return text;
}

// What stands behind the "@".
std::optional<NamedVersion> ReadNamedVersion(std::string_view text) {
    if (text.size() == kTimeDigits && IsAllDigits(text))
        return NamedVersion{"", true, SpelledTime(text)};
    const bool has_v = !text.empty() && (text[0] == 'v' || text[0] == 'V');
    if (has_v && text.size() - 1 <= kMaxVersionDigits && IsAllDigits(text.substr(1)))
        return NamedVersion{"", false, std::string(text.substr(1))};
    return std::nullopt;
}

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
            if (is_name && AtClause()) {
                ReadClause(name);
            } else if (is_name) {
                ReadShort(name);
            }
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

    // t@v5 in one word: nothing stands between its parts.
    void ReadShort(size_t name) {
        const size_t sign = cursor_.index();
        const Token& at = cursor_.Peek();
        const Token& value = cursor_.Peek(1);
        const bool is_one_word =
            rewriter_.tokens()[name].end() == at.begin && at.end() == value.begin;
        if (!IsSymbol(at, "@") || !is_one_word) return;
        const auto version = ReadNamedVersion(value.text);
        if (!version) return;
        cursor_.MoveTo(sign + 2);
        const size_t last = ReadAlias() ? cursor_.index() - 1 : sign + 1;
        const std::string clause = version->is_time
                                       ? " AT (TIMESTAMP => " + QuoteLiteral(version->text) + ")"
                                       : " AT (VERSION => " + version->text + ")";
        rewriter_.Replace(sign, "");
        rewriter_.Replace(sign + 1, last == sign + 1 ? clause : "");
        if (last != sign + 1) rewriter_.InsertBehind(last, clause, sign + 1);
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

std::optional<NamedVersion> SplitNamedVersion(std::string_view name) {
    const size_t at = name.rfind('@');
    if (at == std::string_view::npos || at == 0) return std::nullopt;
    auto version = ReadNamedVersion(name.substr(at + 1));
    if (version) version->name = name.substr(0, at);
    return version;
}

void RewriteTimeTravel(StatementRewriter& rewriter, size_t first) {
    TimeTravel(rewriter, first).Run();
}

}  // namespace tarn::sql
