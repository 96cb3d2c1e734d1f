#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "sql/quote.h"
#include "sql/syntax_parser.h"

namespace tarn::sql {
namespace {

using Kind = SyntaxKind;

// Formats whose files are read by name: csv.`/folder`.
constexpr std::string_view kFileFormats[] = {"PARQUET", "CSV", "JSON", "TEXT", "ORC", "AVRO"};

}  // namespace

// factor [, factor | join]* [LATERAL VIEW ..]* [PIVOT ..]
SyntaxNode SyntaxParser::ParseTables() {
    SyntaxNode tables = Open(Kind::kPlain, cursor_.index());
    tables.parts.push_back(ParseTableFactor());
    while (true) {
        if (cursor_.AtWords({"LATERAL", "VIEW"})) {
            tables.parts.push_back(ParseLateralView());
        } else if (cursor_.AtSymbol(",")) {
            cursor_.Next();
            tables.parts.push_back(ParseTableFactor());
        } else if (!ParseJoin(tables)) {
            return Close(std::move(tables));
        }
    }
}

// The words of a join and what it joins. SEMI and ANTI need no LEFT before them in the engine, and
// a join without a condition is a cross join.
bool SyntaxParser::ParseJoin(SyntaxNode& tables) {
    const size_t first = cursor_.index();
    bool needs_condition = true;
    if (cursor_.AcceptWord("NATURAL")) needs_condition = false;
    if (AtAnyWord({"CROSS", "POSITIONAL"})) needs_condition = false;
    cursor_.AcceptWord("ASOF");
    const size_t side = cursor_.index();
    if (AtAnyWord({"LEFT", "RIGHT", "FULL", "INNER", "CROSS", "POSITIONAL", "SEMI", "ANTI"})) {
        const bool is_left = cursor_.AtWord("LEFT");
        cursor_.Next();
        const bool keeps_rows = AtAnyWord({"SEMI", "ANTI"});
        if (is_left && keeps_rows) tables.parts.push_back(Replaced(side, ""));
        if (keeps_rows) cursor_.Next();
        cursor_.AcceptWord("OUTER");
    }
    if (!cursor_.AcceptWord("JOIN")) {
        cursor_.MoveTo(first);
        return false;
    }
    const size_t end = cursor_.index();
    const bool is_inner = end == first + 1 || IsWord(cursor_.tokens()[first], "INNER");
    const bool is_lateral = cursor_.AtWord("LATERAL");
    SyntaxNode joined = ParseTableFactor();
    if (needs_condition && is_inner && !AtAnyWord({"ON", "USING"})) {
        SyntaxNode cross = Open(Kind::kReplaced, first);
        cross.end = end;
        cross.word = "CROSS JOIN";
        tables.parts.push_back(std::move(cross));
    }
    tables.parts.push_back(std::move(joined));
    if (needs_condition && !is_inner && is_lateral && !AtAnyWord({"ON", "USING"}))
        tables.parts.push_back(Replaced(cursor_.index(), " ON true"));
    if (cursor_.AcceptWord("ON")) {
        tables.parts.push_back(ParseExpression());
    } else if (cursor_.AcceptWord("USING")) {
        cursor_.SkipGroup();
    }
    return true;
}

SyntaxNode SyntaxParser::ParseTableFactor() {
    const DepthGuard depth(*this);
    SyntaxNode table = Open(Kind::kPlain, cursor_.index());
    const bool is_lateral = cursor_.AcceptWord("LATERAL");
    if (cursor_.AtSymbol("(")) {
        cursor_.Next();
        if (AtAnyWord({"DESCRIBE", "DESC", "SHOW", "SUMMARIZE", "PIVOT", "UNPIVOT"})) {
            table.parts.push_back(ParseStatement());
        } else if (AtQuery()) {
            table.parts.push_back(ParseQuery());
        } else {
            table.parts.push_back(ParseTables());
        }
        cursor_.ExpectSymbol(")");
    } else if (cursor_.AtWord("VALUES")) {
        table.parts.push_back(ParseRows());
        table.parts.back().is_outer = true;  // stands for a table
    } else if (!IsSpark() && cursor_.Peek().kind == TokenKind::kString) {
        cursor_.Next();
    } else {
        table.parts.push_back(ParseNamedTable());
        table.parts.back().is_outer = is_lateral;
    }
    ParseTableTail(table);
    if (!table.parts.empty()) table.parts.front().is_named = table.is_named;
    return Close(std::move(table));
}

// a.b.c, t@v5, csv.`/folder`, f(...)
SyntaxNode SyntaxParser::ParseNamedTable() {
    SyntaxNode name = Open(Kind::kTable, cursor_.index());
    if (!cursor_.AtName()) cursor_.FailExpected("a table");
    const std::string head = AsciiUpper(cursor_.Next().text);
    while (cursor_.AcceptSymbol(".")) ExpectAnyName("a name");
    NoteTable(cursor_.tokens()[cursor_.index() - 1].text);
    if (cursor_.AtSymbol("(")) {
        SyntaxNode table = Open(Kind::kTableCall, name.first);
        name.is_outer = true;
        table.parts.push_back(ParseCall(Close(std::move(name))));
        cursor_.AcceptWords({"WITH", "ORDINALITY"});
        return Close(std::move(table));
    }
    for (const std::string_view format : kFileFormats) {
        const bool is_path = head == format && cursor_.index() == name.first + 3;
        if (!is_path) continue;
        const Token& path = cursor_.tokens()[name.first + 2];
        if (path.kind != TokenKind::kQuotedIdentifier) continue;
        name.kind = Kind::kPathTable;
        name.word = format;
    }
    const bool has_version = cursor_.AtSymbol("@") &&
                             cursor_.tokens()[cursor_.index() - 1].end() == cursor_.Peek().begin;
    if (has_version) cursor_.MoveTo(cursor_.index() + 2);
    return Close(std::move(name));
}

// DESCRIBE DETAIL|HISTORY name; of the engine's own only where they end.
SyntaxNode SyntaxParser::ParseStatement() {
    SyntaxNode statement = Open(Kind::kPlain, cursor_.index());
    const bool describes = cursor_.AcceptWord("DESCRIBE") || cursor_.AcceptWord("DESC");
    if (describes && AtAnyWord({"DETAIL", "HISTORY"}) &&
        cursor_.Peek(1).kind != TokenKind::kSymbol) {
        statement.kind = Kind::kStatement;
        statement.word = AsciiUpper(cursor_.Next().text);
        SyntaxNode name = Open(Kind::kName, cursor_.index());
        cursor_.ExpectQualifiedName("a table");
        statement.parts.push_back(Close(std::move(name)));
        return Close(std::move(statement));
    }
    while (!cursor_.AtSymbol(")") && !cursor_.AtEnd()) cursor_.SkipGroup();
    return Close(std::move(statement));
}

void SyntaxParser::ParseTableTail(SyntaxNode& table) {
    bool has_alias = false;
    while (true) {
        const bool is_for = cursor_.AtWord("FOR") && (IsWord(cursor_.Peek(2), "AS") || !IsSpark());
        const bool travels = IsWord(cursor_.Peek(is_for ? 2 : 1), "AS") &&
                             IsWord(cursor_.Peek(is_for ? 3 : 2), "OF");
        if (travels) {
            ParseTimeTravel(table);
        } else if (!IsSpark() && cursor_.AtWord("AT") && IsSymbol(cursor_.Peek(1), "(")) {
            cursor_.Next();
            cursor_.SkipGroup();
        } else if (AtAnyWord({"PIVOT", "UNPIVOT"})) {
            ParsePivot(table);
            has_alias = false;
        } else if (cursor_.AtWord("TABLESAMPLE")) {
            ParseSample(table);
        } else if (!has_alias && ParseTableAlias(table)) {
            has_alias = true;
            table.is_named = true;
        } else {
            return;
        }
    }
}

// [FOR] VERSION|TIMESTAMP|SYSTEM_VERSION|SYSTEM_TIME AS OF value
void SyntaxParser::ParseTimeTravel(SyntaxNode& table) {
    cursor_.AcceptWord("FOR");
    if (!AtAnyWord({"VERSION", "TIMESTAMP", "SYSTEM_VERSION", "SYSTEM_TIME"}))
        cursor_.FailExpected("VERSION or TIMESTAMP");
    cursor_.MoveTo(cursor_.index() + 3);
    table.parts.push_back(ParseLevel(0));
}

void SyntaxParser::NoteTable(std::string_view name) {
    if (IsSpark()) tables_.insert(AsciiLower(UnquoteIdentifier(name)));
}

// [AS] name [(columns)]
bool SyntaxParser::ParseTableAlias(SyntaxNode& table) {
    if (cursor_.AcceptWord("AS")) {
        if (cursor_.Peek().kind == TokenKind::kString && !IsSpark()) {
            cursor_.Next();
        } else {
            ExpectAnyName("an alias");
        }
    } else if (AtBareAlias()) {
        cursor_.Next();
    } else {
        return false;
    }
    NoteTable(cursor_.tokens()[cursor_.index() - 1].text);
    if (!cursor_.AtSymbol("(")) return true;
    const size_t end = [&] {
        TokenCursor behind = cursor_;
        behind.SkipGroup();
        return behind.index();
    }();
    for (cursor_.Next(); cursor_.index() + 1 < end; cursor_.Next()) {
        if (!cursor_.AtSymbol(",")) table.parts.push_back(OneName());
    }
    cursor_.MoveTo(end);
    return true;
}

// The token here as a name of its own.
SyntaxNode SyntaxParser::OneName() const {
    SyntaxNode name = Open(Kind::kName, cursor_.index());
    name.end = name.first + 1;
    return name;
}

// PIVOT (aggregates FOR column IN (values)), UNPIVOT [INCLUDE NULLS] (value FOR name IN (columns))
void SyntaxParser::ParsePivot(SyntaxNode& table) {
    const bool gathers = cursor_.AtWord("UNPIVOT");
    cursor_.Next();
    if (AtAnyWord({"INCLUDE", "EXCLUDE"})) cursor_.MoveTo(cursor_.index() + 2);
    cursor_.ExpectSymbol("(");
    SyntaxNode pivot = Open(gathers ? Kind::kPlain : Kind::kPivot, cursor_.index());
    do pivot.parts.push_back(ParseSelectItem());
    while (cursor_.AcceptSymbol(","));
    cursor_.ExpectWord("FOR");
    table.parts.push_back(Close(std::move(pivot)));
    while (!cursor_.AtSymbol(")")) {
        if (cursor_.AcceptWords({"GROUP", "BY"})) {
            ParseExpressions(table);
            continue;
        }
        table.parts.push_back(ParsePostfix());
        cursor_.ExpectWord("IN");
        if (!cursor_.AcceptSymbol("(")) {
            ExpectAnyName("the list of values");
            continue;
        }
        do {
            if (AtQuery()) {
                table.parts.push_back(ParseQuery());
                continue;
            }
            table.parts.push_back(ParseExpression());
            const bool has_as = cursor_.AcceptWord("AS");
            if (!has_as && !AtBareAlias()) continue;
            const size_t alias = cursor_.index();
            const bool is_text = cursor_.Peek().kind == TokenKind::kString;
            if (is_text) cursor_.Next();
            if (!is_text) ExpectAnyName("an alias");
            if (gathers && !is_text) {  // the engine takes the value itself
                SyntaxNode text = Replaced(alias, "");
                text.word = AliasText(cursor_.tokens()[alias]);
                table.parts.push_back(std::move(text));
            }
        } while (cursor_.AcceptSymbol(","));
        cursor_.ExpectSymbol(")");
    }
    cursor_.ExpectSymbol(")");
}

// TABLESAMPLE (10 PERCENT), (5 ROWS), (BUCKET 1 OUT OF 10) [REPEATABLE (seed)]
void SyntaxParser::ParseSample(SyntaxNode& table) {
    const size_t first = cursor_.index();
    cursor_.Next();
    if (!IsSpark() && !cursor_.AtSymbol("(")) cursor_.Next();
    if (!IsSpark() && !cursor_.AtSymbol("(")) return;
    const Token& amount = cursor_.Peek(1);
    std::string sample;
    if (IsWord(amount, "BUCKET")) {
        sample = SampledBuckets();
    } else if (IsWord(cursor_.Peek(2), "ROWS")) {
        sample = "TABLESAMPLE reservoir(" + std::string(amount.text) + " ROWS)";
    } else if (IsWord(cursor_.Peek(2), "PERCENT")) {
        sample = "TABLESAMPLE bernoulli(" + std::string(amount.text) + " PERCENT)";
    } else if (IsSpark()) {
        cursor_.Next();
        cursor_.FailExpected("a number of ROWS or PERCENT, or BUCKET");
    }
    cursor_.SkipGroup();
    if (!sample.empty()) {
        SyntaxNode replaced = Replaced(first, "");
        replaced.word = std::move(sample);
        table.parts.push_back(std::move(replaced));
    }
    if (cursor_.AcceptWord("REPEATABLE")) cursor_.SkipGroup();
}

// BUCKET n OUT OF m is one part in m.
std::string SyntaxParser::SampledBuckets() const {
    const auto number = [&](size_t ahead) { return ParseInt(cursor_.Peek(ahead).text); };
    const auto buckets = number(5);
    const bool is_whole = IsWord(cursor_.Peek(3), "OUT") && IsWord(cursor_.Peek(4), "OF") &&
                          number(2) && buckets && *buckets > 0;
    if (!is_whole) cursor_.FailExpected("BUCKET n OUT OF m");
    constexpr double kPercent = 100.0;
    return fmt::format("TABLESAMPLE bernoulli({} PERCENT)",
                       kPercent / static_cast<double>(*buckets));
}

std::string SyntaxParser::AliasText(const Token& alias) {
    return QuoteLiteral(UnquoteIdentifier(alias.text));
}

// LATERAL VIEW [OUTER] f(x) [table] [[AS] a, b]
SyntaxNode SyntaxParser::ParseLateralView() {
    SyntaxNode view = Open(Kind::kLateralView, cursor_.index());
    cursor_.MoveTo(cursor_.index() + 2);
    view.is_outer = cursor_.AcceptWord("OUTER");
    SyntaxNode name = Open(Kind::kName, cursor_.index());
    ExpectAnyName("a function that gives rows");
    view.parts.push_back(ParseCall(Close(std::move(name))));
    if (view.parts[0].kind != Kind::kCall) cursor_.FailExpected("the name of the view");
    if (AtBareAlias()) {
        view.is_named = true;
        NoteTable(cursor_.Peek().text);
        view.marks.push_back(cursor_.index());
        cursor_.Next();
    }
    const bool has_as = cursor_.AcceptWord("AS");
    if (!has_as && !AtBareAlias()) return Close(std::move(view));
    do {
        view.marks.push_back(cursor_.index());
        ExpectAnyName("the name of a column");
    } while (cursor_.AcceptSymbol(","));
    return Close(std::move(view));
}

}  // namespace tarn::sql
