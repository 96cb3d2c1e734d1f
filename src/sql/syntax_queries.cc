#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "sql/quote.h"
#include "sql/syntax_parser.h"

namespace tarn::sql {
namespace {

using Kind = SyntaxKind;
using Names = std::vector<std::string>;

// Is one of the two the end of the other.
bool Ends(const Names& a, const Names& b) {
    const size_t shared = std::min(a.size(), b.size());
    return std::equal(a.end() - static_cast<std::ptrdiff_t>(shared), a.end(),
                      b.end() - static_cast<std::ptrdiff_t>(shared), b.end());
}

}  // namespace

bool SyntaxParser::AtQuery() const {
    size_t ahead = 0;
    while (IsSymbol(cursor_.Peek(ahead), "(")) ++ahead;
    const Token& word = cursor_.Peek(ahead);
    const Token& next = cursor_.Peek(ahead + 1);
    if (IsWord(word, "SELECT") || IsWord(word, "WITH")) return true;
    if (IsWord(word, "VALUES")) return IsSymbol(next, "(") || IsSpark();
    const bool is_name = next.kind == TokenKind::kIdentifier ||
                         next.kind == TokenKind::kQuotedIdentifier || IsSymbol(next, "(");
    return (IsWord(word, "FROM") || IsWord(word, "TABLE")) && is_name;
}

// [WITH ..] term [UNION ..]* [ORDER BY ..] [LIMIT ..] [|> ..]*
SyntaxNode SyntaxParser::ParseQuery() {
    const DepthGuard depth(*this);
    SyntaxNode query = Open(Kind::kPlain, cursor_.index());
    if (cursor_.AtWord("WITH")) query.parts.push_back(ParseWith());
    SyntaxNode body = Open(Kind::kPlain, cursor_.index());
    body.parts.push_back(ParseSetTerm());
    while (AtAnyWord({"UNION", "EXCEPT", "INTERSECT", "MINUS"})) {
        ParseSetOperator(body);
        body.parts.push_back(ParseSetTerm());
    }
    const size_t terms = body.parts.size();
    while (ParseOrdering(body) || ParseLimit(body)) {
    }
    if (IsSpark() && has_groupings_) FillGroupings(body.parts.front(), body, terms);
    body = Close(std::move(body));
    if (AtPipe()) {
        query.parts.push_back(ParsePipes(std::move(body)));
    } else {
        std::move(body.parts.begin(), body.parts.end(), std::back_inserter(query.parts));
    }
    return Close(std::move(query));
}

// UNION | EXCEPT | INTERSECT | MINUS [ALL | DISTINCT] [BY NAME]
void SyntaxParser::ParseSetOperator(SyntaxNode& query) {
    const size_t first = cursor_.index();
    const bool is_minus = cursor_.AcceptWord("MINUS");
    if (is_minus) query.parts.push_back(Replaced(first, "EXCEPT"));
    if (!is_minus) cursor_.Next();
    if (!cursor_.AcceptWord("ALL")) cursor_.AcceptWord("DISTINCT");
    cursor_.AcceptWords({"BY", "NAME"});
}

// WITH [RECURSIVE] name [(columns)] AS [NOT MATERIALIZED] (query), ...
SyntaxNode SyntaxParser::ParseWith() {
    SyntaxNode with = Open(Kind::kPlain, cursor_.index());
    cursor_.Next();
    cursor_.AcceptWord("RECURSIVE");
    do {
        ExpectAnyName("the name of a query");
        if (cursor_.AtSymbol("(") && !(IsSpark() && AtQuery())) cursor_.SkipGroup();
        const size_t as = cursor_.index();
        if (cursor_.AcceptWords({"USING", "KEY"})) cursor_.SkipGroup();
        if (!cursor_.AcceptWord("AS")) {
            if (!IsSpark()) cursor_.FailExpected("AS");
            SyntaxNode word = Replaced(as, "AS ");
            with.parts.push_back(std::move(word));
        }
        cursor_.AcceptWord("NOT");
        cursor_.AcceptWord("MATERIALIZED");
        cursor_.ExpectSymbol("(");
        with.parts.push_back(ParseQuery());
        cursor_.ExpectSymbol(")");
    } while (cursor_.AcceptSymbol(","));
    return Close(std::move(with));
}

SyntaxNode SyntaxParser::ParseSetTerm() {
    SyntaxNode term = Open(Kind::kPlain, cursor_.index());
    if (cursor_.AcceptSymbol("(")) {
        term.parts.push_back(ParseQuery());
        cursor_.ExpectSymbol(")");
        return Close(std::move(term));
    }
    if (AtAnyWord({"SELECT", "FROM"})) return ParseSelect();
    if (cursor_.AtWord("VALUES")) {
        SyntaxNode rows = ParseRows();
        const bool has_names = IsSpark() && cursor_.AtWord("AS") && IsSymbol(cursor_.Peek(2), "(");
        if (!has_names) {
            rows.word = "QUERY";
            return rows;
        }
        rows.is_outer = true;
        rows.is_named = true;
        SyntaxNode opening = Open(Kind::kReplaced, term.first);
        opening.end = term.first;
        opening.word = "SELECT * FROM ";
        term.parts.push_back(std::move(opening));
        term.parts.push_back(std::move(rows));
        ParseTableAlias(term);
        return Close(std::move(term));
    }
    if (cursor_.AcceptWord("TABLE")) {
        term.parts.push_back(ParseTableFactor());
        return Close(std::move(term));
    }
    cursor_.FailExpected("SELECT, FROM, VALUES, TABLE or '('");
}

// A row of literals alone means the same to the engine: of many such rows no tree is made.
bool SyntaxParser::SkipPlainRow() {
    if (IsSpark() || !cursor_.AtSymbol("(")) return false;
    size_t ahead = 1;
    while (true) {
        if (IsSymbol(cursor_.Peek(ahead), "-")) ++ahead;
        const Token& value = cursor_.Peek(ahead);
        const bool is_literal = value.kind == TokenKind::kString ||
                                value.kind == TokenKind::kNumber || IsWord(value, "NULL");
        if (!is_literal) return false;
        const Token& next = cursor_.Peek(ahead + 1);
        ahead += 2;
        if (IsSymbol(next, ",")) continue;
        if (!IsSymbol(next, ")")) return false;
        cursor_.MoveTo(cursor_.index() + ahead);
        return true;
    }
}

// VALUES (1, 'a'), (2, 'b'); a row of one value needs no parentheses.
SyntaxNode SyntaxParser::ParseRows() {
    SyntaxNode rows = Open(Kind::kRows, cursor_.index());
    cursor_.ExpectWord("VALUES");
    do {
        if (!IsSpark() && !cursor_.AtSymbol("(")) cursor_.FailExpected("'('");
        if (!SkipPlainRow()) rows.parts.push_back(ParseExpression());
    } while (cursor_.AcceptSymbol(","));
    return Close(std::move(rows));
}

// SELECT [DISTINCT] items [FROM ..] ..., or with FROM before SELECT.
SyntaxNode SyntaxParser::ParseSelect() {
    SyntaxNode select = Open(Kind::kPlain, cursor_.index());
    bool has_tables = false;
    size_t tables_end = 0;
    if (cursor_.AcceptWord("FROM")) {
        select.parts.push_back(ParseTables());
        has_tables = true;
        tables_end = cursor_.index();
    }
    if (cursor_.AcceptWord("SELECT")) {
        if (!cursor_.AcceptWord("ALL") && cursor_.AcceptWord("DISTINCT") &&
            cursor_.AcceptWord("ON")) {
            cursor_.ExpectSymbol("(");
            ParseExpressions(select);
            cursor_.ExpectSymbol(")");
        }
        do {
            if (AtAnyWord({"FROM", "WHERE"}) && !IsSpark()) break;  // a comma at the end
            select.parts.push_back(ParseSelectItem());
        } while (cursor_.AcceptSymbol(","));
    } else if (!has_tables) {
        cursor_.FailExpected("SELECT");
    }
    if (!has_tables && cursor_.AcceptWord("FROM")) {
        select.parts.push_back(ParseTables());
        tables_end = cursor_.index();
    }
    SpellOutStars(select);
    ParseSelectClauses(select);
    if (IsSpark() && has_groupings_) FillGroupings(select, select, 0);
    if (IsSpark() && has_windows_) {
        GroupByTime(select, tables_end);
        GroupBySessions(select, tables_end);
    }
    return Close(std::move(select));
}

// The engine takes one name before a star. What is no table of FROM's is a record in a column.
void SyntaxParser::SpellOutStars(SyntaxNode& select) const {
    std::vector<std::vector<std::string>> tables;
    for (const SyntaxNode& part : select.parts) {
        for (const SyntaxNode& factor : part.parts) {
            const bool is_table = part.kind == Kind::kPlain && !factor.is_named &&
                                  !factor.parts.empty() &&
                                  factor.parts.front().kind == Kind::kTable;
            if (is_table) tables.push_back(NamesFrom(factor.first));
        }
    }
    for (SyntaxNode& item : select.parts) {
        if (item.kind != Kind::kSelectItem || !item.parts.front().is_star) continue;
        SyntaxNode& star = item.parts.front();
        const std::vector<std::string> names = NamesFrom(star.first);
        const size_t dot = star.first + 2 * names.size() - 1;
        if (names.size() < 2 || star.end != dot + 2) continue;
        SyntaxNode before = Open(Kind::kReplaced, star.first);
        const bool is_table = std::any_of(tables.begin(), tables.end(), [&](const auto& table) {
            return table.size() > 1 && Ends(table, names);
        });
        if (is_table) {
            before.end = dot - 1;
        } else {
            before.end = star.first;
            before.word = "unnest(";
            SyntaxNode behind = Open(Kind::kReplaced, dot);
            behind.end = star.end;
            behind.word = ")";
            star.parts = {std::move(behind)};
        }
        star.parts.insert(star.parts.begin(), std::move(before));
    }
}

// a.b.c, as far as names go.
std::vector<std::string> SyntaxParser::NamesFrom(size_t first) const {
    const std::vector<Token>& tokens = cursor_.tokens();
    std::vector<std::string> names;
    const auto is_name = [&](const Token& token) {
        return token.kind == TokenKind::kIdentifier || token.kind == TokenKind::kQuotedIdentifier;
    };
    for (size_t i = first; is_name(tokens[i]); i += 2) {
        names.push_back(AsciiLower(UnquoteIdentifier(tokens[i].text)));
        if (!IsSymbol(tokens[i + 1], ".")) break;
    }
    return names;
}

SyntaxNode SyntaxParser::ParseSelectItem() {
    SyntaxNode item = Open(Kind::kSelectItem, cursor_.index());
    const bool is_prefix_alias =
        !IsSpark() && cursor_.AtName() && IsSymbol(cursor_.Peek(1), ":");  // a: 1
    if (is_prefix_alias) {
        cursor_.MoveTo(cursor_.index() + 2);
        item.is_named = true;
    }
    item.parts.push_back(ParseExpression());
    if (cursor_.AcceptWord("AS")) {
        item.is_named = true;
        if (IsSpark() && cursor_.AtSymbol("(")) {  // several columns of one function
            cursor_.Next();
            do {
                item.marks.push_back(cursor_.index());
                ExpectAnyName("the name of a column");
            } while (cursor_.AcceptSymbol(","));
            cursor_.ExpectSymbol(")");
        } else if (cursor_.Peek().kind == TokenKind::kString && !IsSpark()) {
            cursor_.Next();
        } else {
            ExpectAnyName("an alias");
        }
    } else if (AtBareAlias()) {
        item.is_named = true;
        cursor_.Next();
    }
    return Close(std::move(item));
}

bool SyntaxParser::AtBareAlias() const {
    if (cursor_.Peek().kind == TokenKind::kQuotedIdentifier) return true;
    if (!cursor_.AtName()) return false;
    return !AtAnyWord({"FROM",      "WHERE",  "GROUP",   "HAVING", "ORDER",   "SORT",
                       "CLUSTER",   "LIMIT",  "OFFSET",  "WINDOW", "QUALIFY", "DISTRIBUTE",
                       "UNION",     "EXCEPT", "MINUS",   "WHEN",   "SET",     "INTERSECT",
                       "LATERAL",   "PIVOT",  "UNPIVOT", "ON",     "USING",   "TABLESAMPLE",
                       "VERSION",   "NOT",    "THEN",    "FOR",    "INNER",   "LEFT",
                       "RIGHT",     "FULL",   "CROSS",   "JOIN",   "NATURAL", "SEMI",
                       "ANTI",      "ASOF",   "END",     "ELSE",   "FETCH",   "RETURNING",
                       "POSITIONAL"}) ||
           (AtAnyWord({"VERSION", "SORT", "CLUSTER", "DISTRIBUTE", "MINUS"}) &&
            !IsWord(cursor_.Peek(1), "AS") && !IsWord(cursor_.Peek(1), "BY") &&
            !IsWord(cursor_.Peek(1), "SELECT") && !IsSymbol(cursor_.Peek(1), "("));
}

void SyntaxParser::ParseSelectClauses(SyntaxNode& select) {
    while (true) {
        if (AtAnyWord({"WHERE", "HAVING", "QUALIFY"})) {
            cursor_.Next();
            select.parts.push_back(ParseExpression());
        } else if (cursor_.AcceptWords({"GROUP", "BY"})) {
            ParseGroupBy(select);
        } else if (cursor_.AcceptWord("WINDOW")) {
            ParseNamedWindows(select);
        } else if (!IsSpark() && cursor_.AcceptWords({"USING", "SAMPLE"})) {
            if (!cursor_.AcceptWord("RESERVOIR") && !cursor_.AcceptWord("SYSTEM"))
                cursor_.AcceptWord("BERNOULLI");
            while (cursor_.AtSymbol("(") || cursor_.AtSymbol("%") ||
                   AtAnyWord({"ROWS", "PERCENT", "REPEATABLE"}) ||
                   cursor_.Peek().kind == TokenKind::kNumber)
                cursor_.SkipGroup();
        } else {
            return;
        }
    }
}

void SyntaxParser::ParseNamedWindows(SyntaxNode& select) {
    do {
        ExpectAnyName("the name of a window");
        cursor_.ExpectWord("AS");
        if (cursor_.AtSymbol("(")) {
            select.parts.push_back(ParseWindow());
        } else {
            ExpectAnyName("the name of a window");
        }
    } while (cursor_.AcceptSymbol(","));
}

// Rows come in one piece here, so that sorting within pieces sorts them all, and dealing them out
// does nothing.
bool SyntaxParser::ParseOrdering(SyntaxNode& query) {
    const size_t first = cursor_.index();
    if (cursor_.AcceptWords({"ORDER", "BY"})) {
        if (cursor_.AtWord("ALL") && !IsSymbol(cursor_.Peek(1), "(")) {
            cursor_.Next();
            const bool is_down = cursor_.AcceptWord("DESC");
            if (!is_down) cursor_.AcceptWord("ASC");
            if (cursor_.AcceptWord("NULLS")) {
                cursor_.Next();
            } else if (IsSpark()) {
                query.parts.push_back(
                    Replaced(cursor_.index(), is_down ? " NULLS LAST" : " NULLS FIRST"));
            }
            return true;
        }
        ParseOrderItems(query);
    } else if (cursor_.AcceptWords({"SORT", "BY"}) || cursor_.AcceptWords({"CLUSTER", "BY"})) {
        query.parts.push_back(Replaced(first, "ORDER BY"));
        ParseOrderItems(query);
    } else if (cursor_.AcceptWords({"DISTRIBUTE", "BY"})) {
        SyntaxNode dealt = Open(Kind::kPlain, first);
        ParseExpressions(dealt);
        query.parts.push_back(Replaced(first, ""));
    } else if (cursor_.AcceptWord("WINDOW")) {
        ParseNamedWindows(query);
    } else {
        return false;
    }
    return true;
}

bool SyntaxParser::ParseLimit(SyntaxNode& query) {
    const size_t first = cursor_.index();
    if (cursor_.AcceptWords({"LIMIT", "ALL"})) {
        query.parts.push_back(Replaced(first, ""));
    } else if (cursor_.AcceptWord("LIMIT") || cursor_.AcceptWord("OFFSET")) {
        query.parts.push_back(ParseExpression());
        if (!cursor_.AcceptWord("ROWS") && !cursor_.AcceptWord("ROW") && !IsSpark() &&
            !cursor_.AcceptWord("PERCENT"))
            cursor_.AcceptSymbol("%");
    } else if (cursor_.AcceptWord("FETCH")) {
        while (AtAnyWord({"FIRST", "NEXT", "ROW", "ROWS", "ONLY"}) ||
               cursor_.Peek().kind == TokenKind::kNumber)
            cursor_.Next();
    } else {
        return false;
    }
    return true;
}

}  // namespace tarn::sql
