#include "quality/quarantine_sql.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "sql/lexer.h"
#include "sql/quote.h"

namespace tarn::quality {
namespace {

// As rules are told from each other in kRulesColumn.
constexpr const char* kBetweenRules = ",";

bool IsOfQuarantine(std::string_view column) {
    return std::any_of(std::begin(kOwnColumns), std::end(kOwnColumns),
                       [&](std::string_view own) { return EqualsIgnoreCase(column, own); });
}

// Are two rows one; what they break may have been renewed.
std::string SameRow(std::string_view one, std::string_view other,
                    const std::vector<std::string>& columns) {
    std::vector<std::string> all;
    for (const std::string& column : columns) {
        if (EqualsIgnoreCase(column, kRulesColumn)) continue;
        all.push_back(fmt::format("{0}.{2} IS NOT DISTINCT FROM {1}.{2}", one, other,
                                  sql::QuoteIdentifier(column)));
    }
    return Join(all, " AND ");
}

std::string Reasons() {
    return fmt::format("list_aggregate({}, 'string_agg', '{}')", sql::QuoteIdentifier(kRulesColumn),
                       kBetweenRules);
}

std::string Aside(std::string_view column) {
    return fmt::format("{}.{}", sql::QuoteIdentifier(kAsideColumn), sql::QuoteIdentifier(column));
}

// InvalidInput: a condition that would end before its end, and take what stands beside it along.
void CheckCondition(const std::string& where) {
    int depth = 0;
    for (const sql::Token& token : sql::Lex(where)) {
        if (sql::IsSymbol(token, "(")) ++depth;
        if (sql::IsSymbol(token, ")")) --depth;
        if (depth >= 0 && !sql::IsSymbol(token, ";") && token.kind != sql::TokenKind::kUnknown)
            continue;
        throw Error(ErrorKind::kInvalidInput, "`{}` is no condition on a row", where);
    }
    if (depth != 0) throw Error(ErrorKind::kInvalidInput, "`{}` is no whole condition", where);
}

}  // namespace

std::string ConditionOf(const WaitingFilter& filter) {
    std::vector<std::string> all;
    if (!filter.rule.empty()) {
        all.push_back(fmt::format("list_contains(string_split({}, '{}'), {})",
                                  sql::QuoteIdentifier(kRulesColumn), kBetweenRules,
                                  sql::QuoteLiteral(filter.rule)));
    }
    if (!filter.run_id.empty()) {
        all.push_back(fmt::format("{} = {}", sql::QuoteIdentifier(kRunIdColumn),
                                  sql::QuoteLiteral(filter.run_id)));
    }
    // The closing bracket stands on its own line: a condition may end in a `--` comment.
    if (!filter.where.empty()) {
        CheckCondition(filter.where);
        all.push_back("(" + filter.where + "\n)");
    }
    return all.empty() ? "true" : Join(all, " AND ");
}

Fix ParseFix(std::string_view text) {
    bool is_quoted = false;
    size_t equals = 0;
    while (equals < text.size() && (is_quoted || text[equals] != '=')) {
        if (text[equals] == '"') is_quoted = !is_quoted;
        ++equals;
    }
    Fix fix;
    fix.column = sql::UnquoteIdentifier(Trim(text.substr(0, equals)));
    if (equals < text.size()) fix.expression = Trim(text.substr(equals + 1));
    if (fix.column.empty() || fix.expression.empty()) {
        throw Error(ErrorKind::kInvalidInput,
                    "`{}` sets no column: expected `column = expression`, as in `amount = "
                    "abs(amount)`",
                    text);
    }
    return fix;
}

std::string ReplayedSelect(const std::vector<std::string>& columns, const std::vector<Fix>& fixes,
                           const std::string& rows, const WaitingFilter& filter) {
    std::vector<std::string> selected;
    const auto fixed = [](const Fix& fix) {
        const std::string value = fix.type.empty()
                                      ? "(" + fix.expression + "\n)"
                                      : "CAST((" + fix.expression + "\n) AS " + fix.type + ")";
        return fmt::format("{} AS {}", value, sql::QuoteIdentifier(fix.column));
    };
    const auto fix_of = [&](const std::string& column) {
        return std::find_if(fixes.begin(), fixes.end(),
                            [&](const Fix& fix) { return EqualsIgnoreCase(fix.column, column); });
    };
    std::vector<std::string> aside;
    for (const std::string& column : columns) {
        const std::string name = sql::QuoteIdentifier(column);
        aside.push_back(fmt::format("{0} := waiting.{0}", name));
        if (IsOfQuarantine(column)) continue;
        const auto fix = fix_of(column);
        selected.push_back(fix == fixes.end() ? "waiting." + name : fixed(*fix));
    }
    for (const Fix& fix : fixes) {
        const bool is_there = std::any_of(
            columns.begin(), columns.end(),
            [&](const std::string& column) { return EqualsIgnoreCase(column, fix.column); });
        if (!is_there) selected.push_back(fixed(fix));
    }
    return fmt::format(
        "SELECT {}, struct_pack({}) AS {} FROM (SELECT * FROM {}) AS waiting WHERE {}",
        Join(selected, ", "), Join(aside, ", "), sql::QuoteIdentifier(kAsideColumn), rows,
        ConditionOf(filter));
}

std::string StayingByRule(std::string_view stage) {
    return fmt::format(
        "SELECT rule, count(*) FROM (SELECT unnest({}) AS rule FROM {} WHERE {} = '{}') GROUP BY "
        "rule ORDER BY count(*) DESC, rule",
        sql::QuoteIdentifier(kRulesColumn), stage, sql::QuoteIdentifier(kFateColumn),
        kFateQuarantine);
}

std::string RenewedRows(std::string_view stage) {
    return fmt::format("{} WHERE {} = '{}' AND {} IS DISTINCT FROM {}", stage,
                       sql::QuoteIdentifier(kFateColumn), kFateQuarantine, Reasons(),
                       Aside(kRulesColumn));
}

std::string SettleStatement(std::string_view table, const std::vector<std::string>& columns,
                            std::string_view stage) {
    std::vector<std::string> values;
    for (const std::string& column : columns) {
        if (EqualsIgnoreCase(column, kRulesColumn)) continue;
        values.push_back(fmt::format("{} AS {}", Aside(column), sql::QuoteIdentifier(column)));
    }
    return fmt::format(
        "MERGE INTO {0} AS waiting USING (SELECT DISTINCT {1}, {2} = '{3}' AS _stays, {4} AS "
        "_reasons FROM {5}) AS judged ON {6} WHEN MATCHED AND NOT judged._stays THEN DELETE WHEN "
        "MATCHED AND waiting.{7} IS DISTINCT FROM judged._reasons THEN UPDATE SET {7} = "
        "judged._reasons",
        table, Join(values, ", "), sql::QuoteIdentifier(kFateColumn), kFateQuarantine, Reasons(),
        stage, SameRow("waiting", "judged", columns), sql::QuoteIdentifier(kRulesColumn));
}

std::string BringBackStatement(std::string_view table, const std::vector<std::string>& columns,
                               int64_t version) {
    return fmt::format(
        "INSERT INTO {0} BY NAME SELECT * FROM (SELECT * FROM {0} VERSION AS OF {1}) AS was WHERE "
        "NOT EXISTS (SELECT 1 FROM {0} AS waiting WHERE {2})",
        table, version, SameRow("waiting", "was", columns));
}

std::string WaitingByRule(std::string_view rows) {
    return fmt::format(
        "SELECT rule, count(*) FROM (SELECT unnest(string_split({}, '{}')) AS rule FROM {}) GROUP "
        "BY rule ORDER BY count(*) DESC, rule",
        sql::QuoteIdentifier(kRulesColumn), kBetweenRules, rows);
}

}  // namespace tarn::quality
