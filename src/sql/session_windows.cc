// GROUP BY session_window(at, gap): rows of the same other groups stand in one window as long as
// each comes within the gap behind the one before it; a row without a time is in none. The windows
// become a column of a query around the table and its condition.
#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"
#include "sql/quote.h"
#include "sql/spark_functions.h"
#include "sql/syntax_parser.h"
#include "sql/syntax_writer.h"

namespace tarn::sql {
namespace {

using Kind = SyntaxKind;

// As Spark calls it, and queries do; what else is made beside the rows is called as no table's is.
constexpr std::string_view kColumn = "\"session_window\"";

bool IsSessionWindow(const SyntaxNode& node) {
    return node.kind == Kind::kCall && node.word == "session_window" && node.is_plain_call &&
           node.parts.size() == 2;
}

const SyntaxNode* FindSessionWindow(const SyntaxNode& node) {
    if (IsSessionWindow(node)) return &node;
    for (const SyntaxNode& part : node.parts) {
        if (const SyntaxNode* found = FindSessionWindow(part)) return found;
    }
    return nullptr;
}

bool IsSameText(const SyntaxNode& one, const SyntaxNode& other, const std::vector<Token>& tokens) {
    return std::equal(
        tokens.begin() + static_cast<ptrdiff_t>(one.first),
        tokens.begin() + static_cast<ptrdiff_t>(one.end),
        tokens.begin() + static_cast<ptrdiff_t>(other.first),
        tokens.begin() + static_cast<ptrdiff_t>(other.end),
        [](const Token& a, const Token& b) { return EqualsIgnoreCase(a.text, b.text); });
}

// Unsupported: another window than that.
void CheckOnlyWindow(const SyntaxNode& node, const SyntaxNode& window,
                     const std::vector<Token>& tokens) {
    if (IsSessionWindow(node) && !IsSameText(node, window, tokens)) {
        throw Error(ErrorKind::kUnsupported,
                    "a query has one session_window: put the other one into a query of its own")
            .At(SpotOf(tokens[node.first].position));
    }
    for (const SyntaxNode& part : node.parts) CheckOnlyWindow(part, window, tokens);
}

void NameWindows(SyntaxNode& node) {
    if (IsSessionWindow(node)) {
        node.kind = Kind::kReplaced;
        node.word = kColumn;
        node.parts.clear();
        return;
    }
    for (SyntaxNode& part : node.parts) NameWindows(part);
    if (node.kind == Kind::kSelectItem && node.parts[0].word == kColumn) node.is_named = true;
}

// Of a table that has one: name, or name (columns).
std::string AliasOf(const SyntaxNode& table, const std::vector<Token>& tokens) {
    size_t at = table.end - 1;
    if (IsSymbol(tokens[at], ")")) {
        while (!IsSymbol(tokens[at], "(")) --at;
        --at;
    }
    return UnquoteIdentifier(tokens[at].text);
}

[[noreturn]] void Refuse(const SyntaxNode& select, const std::vector<Token>& tokens) {
    throw Error(ErrorKind::kUnsupported,
                "session_window(time, gap) stands among the plain columns of a GROUP BY over one "
                "table or one query: put joins and views into WITH or a subquery, and group its "
                "rows")
        .At(SpotOf(tokens[select.first].position));
}

}  // namespace

// What the rows are grouped by beside the window: by itself, by its alias or by its place.
std::vector<SyntaxNode> SyntaxParser::GroupsBesideSession(const SyntaxNode& select) const {
    std::vector<SyntaxNode> groups;
    bool has_window = false;
    const auto item_named = [&](const SyntaxNode& group) -> const SyntaxNode* {
        const std::string text = AsciiLower(cursor_.tokens()[group.first].text);
        size_t place = 0;
        for (const SyntaxNode& item : select.parts) {
            if (item.kind != Kind::kSelectItem) continue;
            place++;
            const bool is_alias = item.is_named && group.kind == Kind::kName &&
                                  group.end == group.first + 1 &&
                                  EqualsIgnoreCase(cursor_.tokens()[item.end - 1].text, text);
            if (is_alias || (group.kind == Kind::kNumber && text == std::to_string(place)))
                return &item.parts.front();
        }
        return nullptr;
    };
    for (const SyntaxNode& part : select.parts) {
        if (part.kind != Kind::kGroups) continue;
        if (!part.marks.empty()) Refuse(select, cursor_.tokens());
        for (const SyntaxNode& group : part.parts) {
            const SyntaxNode* const item = item_named(group);
            const SyntaxNode& meant = item == nullptr ? group : *item;
            has_window = has_window || IsSessionWindow(meant);
            if (FindSessionWindow(meant) == nullptr) groups.push_back(meant);
        }
    }
    if (!has_window) Refuse(select, cursor_.tokens());
    return groups;
}

void SyntaxParser::GroupBySessions(SyntaxNode& select, size_t tables_end) const {
    const auto& tokens = cursor_.tokens();
    const SyntaxNode* tables = nullptr;
    const SyntaxNode* window = nullptr;
    size_t end = tables_end;
    for (const SyntaxNode& part : select.parts) {
        if (part.kind == Kind::kPlain && part.end == tables_end) tables = &part;
        const bool is_condition =
            part.first > tables_end && IsWord(tokens[part.first - 1], "WHERE");
        if (is_condition) end = part.end;
        const bool may_hold = part.kind == Kind::kSelectItem || part.kind == Kind::kGroups;
        if (may_hold && window == nullptr) window = FindSessionWindow(part);
    }
    if (window == nullptr) return;
    for (const SyntaxNode& part : select.parts) CheckOnlyWindow(part, *window, tokens);
    const bool is_one = tables != nullptr && tables->parts.size() == 1 &&
                        tables->first > select.parts.front().first;
    if (!is_one) Refuse(select, tokens);
    const SyntaxNode& table = tables->parts.front();
    std::string alias = "spark_sessions";
    if (table.is_named) {
        alias = AliasOf(table, tokens);
    } else if (table.parts.front().kind == Kind::kTable) {
        alias = NamesFrom(table.first).back();
    }
    SyntaxNode opening = Open(Kind::kSessionWindows, tables->first);
    opening.end = opening.first;
    opening.parts = window->parts;
    std::vector<SyntaxNode> groups = GroupsBesideSession(select);
    std::string keys;
    for (size_t i = 0; i < groups.size(); ++i) keys += fmt::format("__tarn_session_key{}, ", i);
    std::move(groups.begin(), groups.end(), std::back_inserter(opening.parts));
    SyntaxNode closing = Open(Kind::kReplaced, end);
    closing.end = end;
    closing.word = fmt::format(
        ") WHERE __tarn_session_at IS NOT NULL)) WINDOW __tarn_session AS (PARTITION BY "
        "{}__tarn_session_number)) AS "
        "{}",
        keys, QuoteIdentifier(alias));
    NameWindows(select);
    select.parts.push_back(std::move(closing));
    select.parts.insert(select.parts.begin(), std::move(opening));
}

SqlText SyntaxWriter::WriteSessionWindows(const SyntaxNode& node) const {
    const int64_t gap = MicrosOf(node.parts[1]);
    if (gap <= 0) {
        throw Error(ErrorKind::kInvalidInput, "the gap between two sessions is longer than nothing")
            .At(SpotOf(tokens_[node.parts[1].first].position));
    }
    std::string keys;
    std::string named;
    std::vector<SqlText> values = {Write(node.parts[0])};
    for (size_t i = 2; i < node.parts.size(); ++i) {
        keys += fmt::format("{}__tarn_session_key{}", keys.empty() ? "PARTITION BY " : ", ", i - 2);
        named += fmt::format(", ${} AS __tarn_session_key{}", i, i - 2);
        values.push_back(Write(node.parts[i]));
    }
    const std::string order = keys + " ORDER BY __tarn_session_at";
    const std::string pattern = fmt::format(
        " (SELECT *, struct_pack(\"start\" := make_timestamptz(min(__tarn_session_at) OVER "
        "__tarn_session), "
        "\"end\" := make_timestamptz(max(__tarn_session_at) OVER __tarn_session + {0})) AS {1} "
        "FROM (SELECT "
        "*, sum(__tarn_session_begins) OVER ({2} ROWS UNBOUNDED PRECEDING) AS "
        "__tarn_session_number FROM (SELECT *, "
        "CASE WHEN __tarn_session_at - lag(__tarn_session_at) OVER ({2}) <= {0} THEN 0 ELSE 1 END "
        "AS __tarn_session_begins "
        "FROM (SELECT *, epoch_us({3}) AS __tarn_session_at{4} FROM ",
        gap, kColumn, order, WithCasts("$t1"), named);
    return Fill(pattern, std::move(values), Place(node));
}

}  // namespace tarn::sql
