#include "sql/upkeep_statements.h"

#include <charconv>
#include <cmath>
#include <string>
#include <utility>

#include "sql/column_clauses.h"
#include "sql/quote.h"
#include "sql/type_names.h"

namespace tarn::sql {
namespace {

void ExpectEnd(const TokenCursor& cursor, std::string_view what) {
    if (!cursor.AtEnd()) cursor.FailExpected(what);
}

// The tokens up to the end, or up to what a clause begins with, as SQL of the engine.
Condition ReadCondition(TokenCursor& cursor, std::initializer_list<std::string_view> clause) {
    Condition condition;
    condition.position = cursor.Peek().position;
    while (!cursor.AtEnd() && !cursor.AtWords(clause)) {
        const Token& token = cursor.Next();
        const bool is_backtick =
            token.kind == TokenKind::kQuotedIdentifier && token.text.front() == '`';
        if (!condition.text.empty()) condition.text += ' ';
        condition.text +=
            is_backtick ? QuoteIdentifier(UnquoteIdentifier(token.text)) : std::string(token.text);
    }
    if (condition.text.empty()) cursor.FailExpected("a condition");
    return condition;
}

// (a, b.c) or a, b.c: fields behind dots.
std::vector<std::string> ExpectColumns(TokenCursor& cursor) {
    std::vector<std::string> columns;
    const bool in_group = cursor.AcceptSymbol("(");
    do {
        std::string column = cursor.ExpectName("a column");
        while (cursor.AcceptSymbol(".")) column += "." + cursor.ExpectName("a field");
        columns.push_back(std::move(column));
    } while (cursor.AcceptSymbol(","));
    if (in_group) cursor.ExpectSymbol(")");
    return columns;
}

ParsedStatement ReadOptimize(TokenCursor cursor) {
    cursor.Next();
    Optimize optimize;
    optimize.table = ExpectTableOrFolder(cursor);
    optimize.is_full = cursor.AcceptWord("FULL");
    if (cursor.AcceptWord("WHERE")) optimize.condition = ReadCondition(cursor, {"ZORDER", "BY"});
    if (!optimize.is_full && cursor.AcceptWords({"ZORDER", "BY"}))
        optimize.zorder = ExpectColumns(cursor);
    ExpectEnd(cursor, "FULL, WHERE, ZORDER BY or the end of the statement");
    return UpkeepStatement(std::move(optimize));
}

ParsedStatement ReadReorg(TokenCursor cursor) {
    cursor.Next();
    cursor.ExpectWord("TABLE");
    Reorg reorg{ExpectTableOrFolder(cursor), std::nullopt};
    if (cursor.AcceptWord("WHERE")) reorg.condition = ReadCondition(cursor, {"APPLY"});
    const TextPosition at = cursor.Peek().position;
    cursor.ExpectWord("APPLY");
    cursor.ExpectSymbol("(");
    if (cursor.AtWord("UPGRADE")) {
        return KnownButUnsupported{"REORG TABLE ... APPLY (UPGRADE UNIFORM)",
                                   "use REORG TABLE name APPLY (PURGE)", at};
    }
    cursor.ExpectWord("PURGE");
    cursor.ExpectSymbol(")");
    ExpectEnd(cursor, "the end of the statement");
    return UpkeepStatement(std::move(reorg));
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

// USING INVENTORY name | (query)
std::string ExpectInventory(TokenCursor& cursor) {
    if (!cursor.AtSymbol("(")) return "FROM " + cursor.ExpectQualifiedName("a table").ToSql();
    const size_t first = cursor.index() + 1;
    cursor.SkipGroup();
    std::string query;
    for (size_t i = first; i + 1 < cursor.index(); ++i) {
        if (!query.empty()) query += ' ';
        query += cursor.tokens()[i].text;
    }
    return query;
}

std::optional<ParsedStatement> ReadVacuum(TokenCursor cursor) {
    cursor.Next();
    // The engine's own, of its own tables.
    if (cursor.AtEnd() || cursor.AtWord("ANALYZE")) return std::nullopt;
    Vacuum vacuum;
    vacuum.table = ExpectTableOrFolder(cursor);
    // In any order, each once.
    bool has_kind = false;
    while (!cursor.AtEnd()) {
        if (!has_kind && (cursor.AtWord("LITE") || cursor.AtWord("FULL"))) {
            vacuum.is_lite = cursor.AtWord("LITE");
            cursor.Next();
            has_kind = true;
        } else if (!vacuum.inventory && cursor.AcceptWords({"USING", "INVENTORY"})) {
            vacuum.inventory = ExpectInventory(cursor);
        } else if (!vacuum.retain_hours && cursor.AcceptWord("RETAIN")) {
            vacuum.retain_hours = ExpectHours(cursor);
            if (!cursor.AcceptWord("HOUR")) cursor.ExpectWord("HOURS");
        } else if (!vacuum.is_dry_run && cursor.AcceptWord("DRY")) {
            cursor.ExpectWord("RUN");
            vacuum.is_dry_run = true;
        } else {
            cursor.FailExpected(
                "LITE, FULL, USING INVENTORY, RETAIN, DRY RUN or the end of the statement");
        }
    }
    return UpkeepStatement(std::move(vacuum));
}

ParsedStatement ReadFsck(TokenCursor cursor) {
    cursor.Next();
    cursor.ExpectWord("REPAIR");
    cursor.ExpectWord("TABLE");
    Fsck fsck{ExpectTableOrFolder(cursor)};
    if (cursor.AcceptWord("DRY")) {
        cursor.ExpectWord("RUN");
        fsck.is_dry_run = true;
    }
    ExpectEnd(cursor, "DRY RUN or the end of the statement");
    return UpkeepStatement(std::move(fsck));
}

ParsedStatement ReadGenerate(TokenCursor cursor) {
    cursor.Next();
    cursor.ExpectWord("SYMLINK_FORMAT_MANIFEST");
    cursor.ExpectWord("FOR");
    cursor.ExpectWord("TABLE");
    GenerateManifest generate{ExpectTableOrFolder(cursor)};
    ExpectEnd(cursor, "the end of the statement");
    return UpkeepStatement(std::move(generate));
}

ParsedStatement ReadConvert(TokenCursor cursor) {
    cursor.Next();
    cursor.ExpectWord("TO");
    cursor.ExpectWord("DELTA");
    ConvertTable convert;
    convert.table = cursor.ExpectQualifiedName("parquet.`/folder`");
    convert.has_statistics = !cursor.AcceptWords({"NO", "STATISTICS"});
    if (cursor.AcceptWords({"PARTITIONED", "BY"})) {
        cursor.ExpectSymbol("(");
        do {
            std::string name = cursor.ExpectName("a column name");
            if (cursor.AtSymbol(",") || cursor.AtSymbol(")"))
                cursor.FailExpected("the type of the partition column");
            convert.partition_columns.emplace_back(std::move(name), ReadColumnType(cursor).first);
        } while (cursor.AcceptSymbol(","));
        cursor.ExpectSymbol(")");
    }
    ExpectEnd(cursor, "NO STATISTICS, PARTITIONED BY or the end of the statement");
    return convert;
}

// What stands up to the end or to one of CLONE's clauses.
std::string ExpectExpression(TokenCursor& cursor, std::string_view what) {
    if (cursor.AtEnd()) cursor.FailExpected(what);
    std::string text;
    while (!cursor.AtEnd() && !cursor.AtWord("TBLPROPERTIES") && !cursor.AtWord("LOCATION")) {
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

// Nothing for any other CREATE TABLE.
std::optional<ParsedStatement> ReadClone(TokenCursor cursor) {
    Clone clone;
    clone.or_replace = cursor.AtWord("REPLACE");
    cursor.Next();
    if (cursor.AcceptWords({"OR", "REPLACE"})) clone.or_replace = true;
    if (!cursor.AcceptWord("TABLE")) return std::nullopt;
    clone.if_not_exists = cursor.AcceptWords({"IF", "NOT", "EXISTS"});
    if (!cursor.AtName()) return std::nullopt;
    clone.target = cursor.ExpectQualifiedName("a table name");
    clone.is_shallow = cursor.AcceptWord("SHALLOW");
    if (!clone.is_shallow) cursor.AcceptWord("DEEP");
    if (!cursor.AtWord("CLONE")) return std::nullopt;
    cursor.Next();
    clone.table = ExpectTableOrFolder(cursor);
    if (cursor.AtWord("VERSION") || cursor.AtWord("TIMESTAMP"))
        clone.version = ExpectVersion(cursor);
    if (cursor.AcceptWord("TBLPROPERTIES")) clone.properties = ReadProperties(cursor);
    if (cursor.AcceptWord("LOCATION")) clone.location = cursor.ExpectString("a folder in quotes");
    ExpectEnd(cursor, "a version, TBLPROPERTIES, LOCATION or the end of the statement");
    return UpkeepStatement(std::move(clone));
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
    if (cursor.AtWord("REORG")) return ReadReorg(cursor);
    if (cursor.AtWord("FSCK")) return ReadFsck(cursor);
    if (cursor.AtWord("GENERATE")) return ReadGenerate(cursor);
    if (cursor.AtWord("CREATE") || cursor.AtWords({"REPLACE", "TABLE"})) return ReadClone(cursor);
    if (cursor.AtWord("CONVERT")) return ReadConvert(cursor);
    return std::nullopt;
}

}  // namespace tarn::sql
