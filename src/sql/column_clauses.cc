#include "sql/column_clauses.h"

#include "base/error.h"
#include "base/text.h"
#include "sql/quote.h"
#include "sql/spark_expression.h"

namespace tarn::sql {
namespace {

void RefuseTwice(const TokenCursor& cursor, bool is_first, std::string_view clause) {
    if (is_first) return;
    throw Error(ErrorKind::kInvalidInput, "{} is given twice", clause)
        .At(SpotOf(cursor.Peek().position));
}

// Behind the "(" of a group: where its ")" stands.
size_t GroupEnd(TokenCursor cursor, size_t open) {
    cursor.MoveTo(open);
    cursor.SkipGroup();
    return cursor.index() - 1;
}

std::string ReadInParentheses(TokenCursor& cursor) {
    const size_t open = cursor.index();
    cursor.ExpectSymbol("(");
    std::string text = ReadExpression(cursor, GroupEnd(cursor, open));
    cursor.ExpectSymbol(")");
    return text;
}

int64_t ReadWholeNumber(TokenCursor& cursor) {
    const bool is_negative = cursor.AcceptSymbol("-");
    const auto number = ParseInt(cursor.Peek().text);
    if (!number) cursor.FailExpected("a whole number");
    cursor.Next();
    return is_negative ? -*number : *number;
}

IdentityClause ReadIdentity(TokenCursor& cursor, bool allows_explicit) {
    IdentityClause identity;
    identity.allows_explicit = allows_explicit;
    if (!cursor.AcceptSymbol("(")) return identity;
    while (!cursor.AcceptSymbol(")")) {
        if (cursor.AcceptWord("START")) {
            cursor.AcceptWord("WITH");
            identity.start = ReadWholeNumber(cursor);
        } else if (cursor.AcceptWord("INCREMENT")) {
            cursor.AcceptWord("BY");
            identity.step = ReadWholeNumber(cursor);
        } else if (!cursor.AcceptSymbol(",")) {
            cursor.FailExpected("START WITH or INCREMENT BY");
        }
    }
    if (identity.step == 0) {
        throw Error(ErrorKind::kInvalidInput, "INCREMENT BY 0 would give one number to all rows")
            .At(SpotOf(cursor.Peek().position));
    }
    return identity;
}

// GENERATED {ALWAYS | BY DEFAULT} AS {(..) | IDENTITY [(..)]}
void ReadGenerated(TokenCursor& cursor, ColumnClauses& column) {
    const bool is_always = cursor.AcceptWord("ALWAYS");
    if (!is_always) {
        cursor.ExpectWord("BY");
        cursor.ExpectWord("DEFAULT");
    }
    cursor.ExpectWord("AS");
    RefuseTwice(cursor, !column.generated_as && !column.identity, "GENERATED");
    if (cursor.AcceptWord("IDENTITY")) {
        column.identity = ReadIdentity(cursor, !is_always);
        return;
    }
    if (!is_always) cursor.FailExpected("IDENTITY");
    column.generated_as = ReadInParentheses(cursor);
    if (!cursor.AcceptWord("STORED")) cursor.AcceptWord("VIRTUAL");
}

// Does another clause of the column begin here. NOT does only before NULL and not behind IS.
bool AtNextClause(const TokenCursor& cursor, bool is_behind_is) {
    if (cursor.AtEnd() || cursor.AtSymbol(",") || cursor.AtSymbol(")")) return true;
    if (cursor.AtWords({"NOT", "NULL"})) return !is_behind_is;
    for (const char* word : {"COMMENT", "CHECK", "CONSTRAINT", "GENERATED", "PRIMARY", "UNIQUE",
                             "REFERENCES", "COLLATE", "FIRST", "AFTER"}) {
        if (cursor.AtWord(word)) return true;
    }
    return false;
}

}  // namespace

std::optional<std::string> ReadKeyWords(TokenCursor& cursor) {
    const size_t first = cursor.index();
    if (cursor.AcceptWord("CONSTRAINT") && cursor.AtName()) cursor.ExpectName("a name");
    for (const char* kind : {"PRIMARY", "FOREIGN"}) {
        if (cursor.AcceptWords({kind, "KEY"})) return std::string(kind) + " KEY";
    }
    cursor.MoveTo(first);
    return std::nullopt;
}

std::string ReadExpression(TokenCursor& cursor, size_t end) {
    const Token first = cursor.Peek();
    if (cursor.index() >= end) cursor.FailExpected("an expression");
    TokenCursor last = cursor;
    last.MoveTo(end - 1);
    const char* begin = first.text.data();
    const std::string_view text(
        begin, static_cast<size_t>(last.Peek().text.data() + last.Peek().text.size() - begin));
    cursor.MoveTo(end);
    try {
        return SparkExpression::ParseTyped(text).ToSpark();
    } catch (const Error& error) {
        throw Error(error.kind(), error.message()).At(SpotOf(first.position));
    }
}

std::string ReadDefault(TokenCursor& cursor) {
    TokenCursor end = cursor;
    for (bool is_behind_is = false; !AtNextClause(end, is_behind_is);) {
        is_behind_is = end.AtWord("IS");
        end.SkipGroup();
    }
    return ReadExpression(cursor, end.index());
}

bool ReadCheck(TokenCursor& cursor, std::vector<CheckClause>& checks) {
    const size_t start = cursor.index();
    CheckClause check;
    if (cursor.AcceptWord("CONSTRAINT")) check.name = cursor.ExpectName("a constraint's name");
    if (!cursor.AcceptWord("CHECK")) {
        cursor.MoveTo(start);
        return false;
    }
    check.expression = ReadInParentheses(cursor);
    cursor.AcceptWord("ENFORCED");
    checks.push_back(std::move(check));
    return true;
}

bool ReadColumnClause(TokenCursor& cursor, ColumnClauses& column,
                      std::vector<CheckClause>& checks) {
    if (cursor.AcceptWord("DEFAULT")) {
        RefuseTwice(cursor, !column.default_value, "DEFAULT");
        column.default_value = ReadDefault(cursor);
        return true;
    }
    if (cursor.AcceptWord("GENERATED")) {
        ReadGenerated(cursor, column);
        return true;
    }
    return ReadCheck(cursor, checks);
}

std::vector<std::string> ReadColumnPath(TokenCursor& cursor) {
    std::vector<std::string> path{cursor.ExpectName("a column name")};
    while (cursor.AcceptSymbol(".")) {
        if (cursor.Peek().kind == TokenKind::kIdentifier) {
            path.emplace_back(cursor.Next().text);
        } else {
            path.push_back(cursor.ExpectName("the name of a field"));
        }
    }
    return path;
}

std::optional<ColumnPlace> ReadPlace(TokenCursor& cursor) {
    if (cursor.AcceptWord("FIRST")) return ColumnPlace{};
    if (!cursor.AcceptWord("AFTER")) return std::nullopt;
    return ColumnPlace{cursor.ExpectName("a column name")};
}

std::string ReadPropertyKey(TokenCursor& cursor) {
    if (cursor.Peek().kind == TokenKind::kString) return cursor.ExpectString("a property");
    std::string key;
    do {
        const Token& part = cursor.Peek();
        if (part.kind != TokenKind::kIdentifier && part.kind != TokenKind::kQuotedIdentifier)
            cursor.FailExpected("a property's name");
        key += (key.empty() ? "" : ".") + UnquoteIdentifier(cursor.Next().text);
    } while (cursor.AcceptSymbol("."));
    return key;
}

namespace {

std::string ReadPropertyValue(TokenCursor& cursor) {
    if (cursor.Peek().kind == TokenKind::kString) return cursor.ExpectString("a value");
    const std::string sign = cursor.AcceptSymbol("-") ? "-" : "";
    if (cursor.Peek().kind == TokenKind::kNumber) return sign + std::string(cursor.Next().text);
    if (sign.empty() && (cursor.AtWord("TRUE") || cursor.AtWord("FALSE")))
        return AsciiLower(cursor.Next().text);
    cursor.FailExpected("a property's value: a string, a number, TRUE or FALSE");
}

}  // namespace

std::map<std::string, std::string> ReadProperties(TokenCursor& cursor) {
    std::map<std::string, std::string> properties;
    cursor.ExpectSymbol("(");
    do {
        const TextPosition at = cursor.Peek().position;
        const std::string key = ReadPropertyKey(cursor);
        if (!cursor.AcceptSymbol("=")) cursor.AcceptSymbol("==");
        const bool is_new = properties.emplace(key, ReadPropertyValue(cursor)).second;
        if (!is_new) {
            throw Error(ErrorKind::kInvalidInput, "the property {} is given twice", key)
                .At(SpotOf(at));
        }
    } while (cursor.AcceptSymbol(","));
    cursor.ExpectSymbol(")");
    return properties;
}

UnsetProperties ReadUnsetProperties(TokenCursor& cursor) {
    UnsetProperties unset;
    unset.if_exists = cursor.AcceptWords({"IF", "EXISTS"});
    cursor.ExpectSymbol("(");
    do unset.keys.push_back(ReadPropertyKey(cursor));
    while (cursor.AcceptSymbol(","));
    cursor.ExpectSymbol(")");
    return unset;
}

}  // namespace tarn::sql
