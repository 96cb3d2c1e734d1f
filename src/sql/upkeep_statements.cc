#include "sql/upkeep_statements.h"

#include <charconv>
#include <cmath>
#include <string>
#include <utility>

#include "sql/quote.h"

namespace tarn::sql {
namespace {

void ExpectEnd(const TokenCursor& cursor, std::string_view what) {
    if (!cursor.AtEnd()) cursor.FailExpected(what);
}

// The tokens up to the end as SQL of the engine. ZORDER BY ends what can be read.
std::optional<Condition> ReadCondition(TokenCursor& cursor) {
    Condition condition;
    condition.position = cursor.Peek().position;
    if (cursor.AtEnd()) cursor.FailExpected("a condition");
    while (!cursor.AtEnd()) {
        if (cursor.AtWords({"ZORDER", "BY"})) return std::nullopt;
        const Token& token = cursor.Next();
        const bool is_backtick =
            token.kind == TokenKind::kQuotedIdentifier && token.text.front() == '`';
        if (!condition.text.empty()) condition.text += ' ';
        condition.text +=
            is_backtick ? QuoteIdentifier(UnquoteIdentifier(token.text)) : std::string(token.text);
    }
    return condition;
}

std::optional<ParsedStatement> ReadOptimize(TokenCursor cursor) {
    const TextPosition begin = cursor.Next().position;
    Optimize optimize{ExpectTableOrFolder(cursor), std::nullopt};
    if (cursor.AtWord("FULL") || cursor.AtWord("ZORDER")) return std::nullopt;
    if (cursor.AcceptWord("WHERE")) {
        optimize.condition = ReadCondition(cursor);
        if (!optimize.condition) return KnownButUnsupported{"OPTIMIZE ... ZORDER BY", "", begin};
    }
    ExpectEnd(cursor, "WHERE or the end of the statement");
    return UpkeepStatement(std::move(optimize));
}

double ExpectHours(TokenCursor& cursor) {
    const std::string_view text = cursor.Peek().text;
    double hours = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), hours);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(hours)) {
        cursor.FailExpected("a number of hours");
    }
    cursor.Next();
    return hours;
}

std::optional<ParsedStatement> ReadVacuum(TokenCursor cursor) {
    cursor.Next();
    // The engine's own, of its own tables.
    if (cursor.AtEnd() || cursor.AtWord("ANALYZE") || cursor.AtWord("FULL")) return std::nullopt;
    Vacuum vacuum{ExpectTableOrFolder(cursor), std::nullopt, false};
    if (cursor.AtWord("FULL") || cursor.AtWord("LITE") || cursor.AtWord("USING")) {
        return std::nullopt;
    }
    if (cursor.AcceptWord("RETAIN")) {
        vacuum.retain_hours = ExpectHours(cursor);
        if (!cursor.AcceptWord("HOUR")) cursor.ExpectWord("HOURS");
    }
    if (cursor.AcceptWord("DRY")) {
        cursor.ExpectWord("RUN");
        vacuum.is_dry_run = true;
    }
    ExpectEnd(cursor, "RETAIN, DRY RUN or the end of the statement");
    return UpkeepStatement(std::move(vacuum));
}

// The rest of the statement.
std::string ExpectExpression(TokenCursor& cursor, std::string_view what) {
    if (cursor.AtEnd()) cursor.FailExpected(what);
    std::string text;
    while (!cursor.AtEnd()) {
        if (!text.empty()) text += ' ';
        text += cursor.Next().text;
    }
    return text;
}

VersionClause ExpectVersion(TokenCursor& cursor) {
    VersionClause version;
    version.is_time = cursor.AtWord("TIMESTAMP") || cursor.AtWord("SYSTEM_TIME");
    const bool is_known =
        version.is_time || cursor.AtWord("VERSION") || cursor.AtWord("SYSTEM_VERSION");
    if (!is_known) cursor.FailExpected("VERSION AS OF or TIMESTAMP AS OF");
    cursor.Next();
    cursor.ExpectWord("AS");
    cursor.ExpectWord("OF");
    version.value = ExpectExpression(cursor, version.is_time ? "a time" : "a version");
    return version;
}

std::optional<ParsedStatement> ReadRestore(TokenCursor cursor) {
    cursor.Next();
    cursor.AcceptWord("TABLE");
    QualifiedName table = ExpectTableOrFolder(cursor);
    cursor.AcceptWord("TO");
    return UpkeepStatement(Restore{std::move(table), ExpectVersion(cursor)});
}

std::optional<ParsedStatement> ReadCheckpoint(TokenCursor cursor) {
    cursor.Next();
    Checkpoint checkpoint{ExpectTableOrFolder(cursor)};
    ExpectEnd(cursor, "the end of the statement");
    return UpkeepStatement(std::move(checkpoint));
}

// Nothing for any other ALTER.
std::optional<ParsedStatement> ReadDropFeature(TokenCursor cursor) {
    if (!cursor.AcceptWords({"ALTER", "TABLE"}) || !cursor.AtName()) return std::nullopt;
    DropFeature drop;
    if (cursor.AtWord("IF")) return std::nullopt;
    drop.table = cursor.ExpectQualifiedName("a table name");
    if (!cursor.AcceptWords({"DROP", "FEATURE"})) return std::nullopt;
    const bool is_text = cursor.Peek().kind == TokenKind::kString;
    drop.feature =
        is_text ? cursor.ExpectString("a feature") : cursor.ExpectName("a feature's name");
    drop.truncates_history = cursor.AcceptWords({"TRUNCATE", "HISTORY"});
    ExpectEnd(cursor, "TRUNCATE HISTORY or the end of the statement");
    return UpkeepStatement(std::move(drop));
}

}  // namespace

QualifiedName ExpectTableOrFolder(TokenCursor& cursor) {
    if (cursor.Peek().kind != TokenKind::kString) return cursor.ExpectQualifiedName("a table name");
    const TextPosition position = cursor.Peek().position;
    return {{"delta", cursor.ExpectString("a folder")}, position};
}

std::optional<ParsedStatement> ReadUpkeep(TokenCursor cursor) {
    if (cursor.AtWord("OPTIMIZE")) return ReadOptimize(cursor);
    if (cursor.AtWord("VACUUM")) return ReadVacuum(cursor);
    if (cursor.AtWord("CHECKPOINT")) return ReadCheckpoint(cursor);
    if (cursor.AtWord("ALTER")) return ReadDropFeature(cursor);
    if (cursor.AtWord("RESTORE")) return ReadRestore(cursor);
    return std::nullopt;
}

}  // namespace tarn::sql
