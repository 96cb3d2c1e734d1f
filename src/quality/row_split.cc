#include "quality/row_split.h"

#include <algorithm>

#include "base/text.h"
#include "sql/quote.h"

namespace tarn::quality {
namespace {

std::string QuotedList(const std::vector<std::string>& names) {
    std::vector<std::string> quoted;
    for (const std::string& name : names) quoted.push_back(sql::QuoteIdentifier(name));
    return Join(quoted, ", ");
}

std::string BrokenRules(const std::vector<Expectation>& expectations) {
    if (expectations.empty()) return "CAST([] AS VARCHAR[])";
    std::vector<std::string> terms;
    for (const Expectation& rule : expectations) {
        // The closing bracket stands on its own line: a condition may end in a `--` comment.
        terms.push_back(fmt::format("CASE WHEN ({}\n) IS TRUE THEN NULL ELSE {} END",
                                    rule.condition, sql::QuoteLiteral(rule.name)));
    }
    return fmt::format("[rule FOR rule IN CAST([{}] AS VARCHAR[]) IF rule IS NOT NULL]",
                       Join(terms, ", "));
}

// WHEN branches, the strongest action first.
std::string FateCases(const std::vector<Expectation>& expectations) {
    std::string cases;
    const std::pair<Action, std::string_view> order[] = {{Action::kFail, kFateFail},
                                                         {Action::kQuarantine, kFateQuarantine},
                                                         {Action::kDrop, kFateDrop}};
    for (const auto& [action, fate] : order) {
        std::vector<std::string> names;
        for (const Expectation& rule : expectations) {
            if (rule.action == action) names.push_back(sql::QuoteLiteral(rule.name));
        }
        if (names.empty()) continue;
        cases += fmt::format(" WHEN list_has_any({}, [{}]) THEN '{}'",
                             sql::QuoteIdentifier(kRulesColumn), Join(names, ", "), fate);
    }
    return cases.empty() ? fmt::format("'{}'", kFateWrite)
                         : fmt::format("CASE{} ELSE '{}' END", cases, kFateWrite);
}

std::string LateColumns(const SplitPlan& plan) {
    if (!plan.lateness) return "";
    const std::string time =
        fmt::format("CAST({} AS TIMESTAMPTZ)", sql::QuoteIdentifier(plan.lateness->column));
    return fmt::format(
        ", ({} < {}) IS TRUE AS is_late_arrival, date_diff('second', {}, {}) AS ingestion_lag_secs",
        time, plan.lateness->watermark, time, plan.lateness->now);
}

// SQL of the rows whose keys a new one may double. An event that comes again has its time, so that
// what lies before all new ones is not asked.
std::string Existing(const SplitPlan& plan) {
    if (!plan.lateness) return plan.existing;
    const std::string time =
        fmt::format("CAST({} AS TIMESTAMPTZ)", sql::QuoteIdentifier(plan.lateness->column));
    return fmt::format(
        "(SELECT * FROM {0} WHERE {1} IS NULL OR {1} >= least({2}, (SELECT min({1}) FROM model)))",
        plan.existing, time, plan.lateness->watermark);
}

// A row is a duplicate when another that would be written stands before it, or when its key is
// there already.
std::string DuplicateCase(const SplitPlan& plan) {
    const std::string keys = QuotedList(plan.deduplicate.keys);
    const std::string order =
        plan.deduplicate.order_by.empty() ? keys : Join(plan.deduplicate.order_by, ", ");
    std::string test = fmt::format("row_number() OVER (PARTITION BY {}, {} ORDER BY {}) > 1", keys,
                                   sql::QuoteIdentifier(kFateColumn), order);
    if (!plan.existing.empty()) {
        std::vector<std::string> matches;
        for (const std::string& key : plan.deduplicate.keys) {
            matches.push_back(fmt::format("there.{0} IS NOT DISTINCT FROM judged.{0}",
                                          sql::QuoteIdentifier(key)));
        }
        test += fmt::format(" OR EXISTS (SELECT 1 FROM {} AS there WHERE {})", Existing(plan),
                            Join(matches, " AND "));
    }
    return fmt::format("CASE WHEN {} = '{}' AND ({}) THEN '{}' ELSE {} END",
                       sql::QuoteIdentifier(kFateColumn), kFateWrite, test, kFateDuplicate,
                       sql::QuoteIdentifier(kFateColumn));
}

// Do both have one key; a key that is NULL is nobody's.
std::string SameKey(const Rivals& rivals, std::string_view one, std::string_view other) {
    std::vector<std::string> all;
    for (const std::string& key : rivals.keys)
        all.push_back(fmt::format("{0}.{2} = {1}.{2}", one, other, sql::QuoteIdentifier(key)));
    return Join(all, " AND ");
}

std::string HasKey(const Rivals& rivals) {
    std::vector<std::string> all;
    for (const std::string& key : rivals.keys)
        all.push_back(sql::QuoteIdentifier(key) + " IS NOT NULL");
    return Join(all, " AND ");
}

// Of the rows of one key, those of the target among them, the first in the declared order is
// written; that of the target where they are equal.
std::string ByDeclaredOrder(const Rivals& rivals) {
    const std::string fate = sql::QuoteIdentifier(kFateColumn);
    return fmt::format(
        "met AS (SELECT 1 AS _is_new, * FROM deduplicated UNION ALL BY NAME SELECT 0 AS _is_new, "
        "'{0}' AS {1}, {2} FROM {3} AS there WHERE EXISTS (SELECT 1 FROM deduplicated WHERE {4})),"
        "\nplaced AS (SELECT *, row_number() OVER (PARTITION BY {5}, {1} ORDER BY {6}, _is_new, "
        "{7} DESC) AS _place FROM met)\n"
        "SELECT * EXCLUDE (_is_new, _place) REPLACE (CASE WHEN {1} = '{0}' AND {8} AND _place > 1 "
        "THEN '{9}' ELSE {1} END AS {1}) FROM placed WHERE _is_new = 1",
        kFateWrite, fate, QuotedList(rivals.shared), rivals.table,
        SameKey(rivals, "there", "deduplicated"), QuotedList(rivals.keys),
        Join(rivals.order_by, ", "), rivals.age, HasKey(rivals), kFateDuplicate);
}

// A row of the target is not known to be older: what comes waits, unless it is to be overwritten.
// Among those that come, the latest are right.
std::string ByAge(const Rivals& rivals) {
    const std::string fate = sql::QuoteIdentifier(kFateColumn);
    const std::string rules = sql::QuoteIdentifier(kRulesColumn);
    const std::string keys = QuotedList(rivals.keys);
    const std::string is_there =
        rivals.overwrite ? "false"
                         : fmt::format("EXISTS (SELECT 1 FROM {} AS there WHERE {})", rivals.table,
                                       SameKey(rivals, "there", "deduplicated"));
    const std::string came_twice =
        rivals.is_unique ? fmt::format("count(DISTINCT {}) OVER (PARTITION BY {}, {}, {}) > 1",
                                       rivals.whole, keys, fate, rivals.age)
                         : "false";
    const std::string place =
        fmt::format("{}() OVER (PARTITION BY {}, {} ORDER BY {} DESC)",
                    rivals.is_unique ? "row_number" : "rank", keys, fate, rivals.age);
    return fmt::format(
        "aged AS (SELECT *, {0} AS _is_there, {1} AS _came_twice, max({2}) OVER (PARTITION BY {3}, "
        "{4}) IS DISTINCT FROM {2} AS _is_older, {5} AS _place FROM deduplicated),\n"
        "met AS (SELECT *, CASE WHEN {4} <> '{6}' OR NOT ({7}) THEN '' WHEN _is_there THEN '{8}' "
        "WHEN _came_twice AND NOT _is_older THEN '{9}' ELSE '' END AS _waits_for FROM aged)\n"
        "SELECT * EXCLUDE (_is_there, _came_twice, _is_older, _place, _waits_for) REPLACE (CASE "
        "WHEN _waits_for <> '' THEN '{10}' WHEN {4} = '{6}' AND {7} AND _place > 1 THEN '{11}' "
        "ELSE {4} END AS {4}, CASE WHEN _waits_for <> '' THEN list_append({12}, _waits_for) ELSE "
        "{12} END AS {12}) FROM met",
        is_there, came_twice, rivals.age, keys, fate, place, kFateWrite, HasKey(rivals),
        kKeyIsThere, kKeyComesTwice, kFateQuarantine, kFateDuplicate, rules);
}

std::string WhereFate(std::string_view fate) {
    return fmt::format("WHERE {} = '{}'", sql::QuoteIdentifier(kFateColumn), fate);
}

}  // namespace

std::string StageStatement(const SplitPlan& plan, std::string_view stage) {
    std::string sql = fmt::format("CREATE OR REPLACE TEMP TABLE {} AS WITH model AS (\n{}\n),\n",
                                  stage, plan.select);
    sql += fmt::format("ruled AS (SELECT *{}, {} AS {} FROM model),\n", LateColumns(plan),
                       BrokenRules(plan.expectations), sql::QuoteIdentifier(kRulesColumn));
    sql += fmt::format("judged AS (SELECT *, {} AS {} FROM ruled)", FateCases(plan.expectations),
                       sql::QuoteIdentifier(kFateColumn));
    const std::string deduplicated =
        plan.deduplicate.keys.empty()
            ? "SELECT * FROM judged"
            : fmt::format("SELECT * REPLACE ({} AS {}) FROM judged", DuplicateCase(plan),
                          sql::QuoteIdentifier(kFateColumn));
    if (!plan.rivals) return sql + "\n" + deduplicated;
    return sql + ",\ndeduplicated AS (" + deduplicated + "),\n" +
           (plan.rivals->order_by.empty() ? ByAge(*plan.rivals) : ByDeclaredOrder(*plan.rivals));
}

std::string TargetSelect(const SplitPlan& plan, std::string_view stage) {
    std::vector<std::string> excluded = plan.quarantine_only;
    excluded.emplace_back(kRulesColumn);
    excluded.emplace_back(kFateColumn);
    std::string quality_columns;
    if (plan.add_quality_columns) {
        quality_columns = fmt::format(
            ", len({0}) = 0 AS dq_passed, CASE WHEN len({0}) > 0 THEN list_aggregate({0}, "
            "'string_agg', ',') END AS dq_failure_reason",
            sql::QuoteIdentifier(kRulesColumn));
    }
    return fmt::format("SELECT * EXCLUDE ({}){} FROM {} {}", QuotedList(excluded), quality_columns,
                       stage, WhereFate(kFateWrite));
}

std::string QuarantineSelect(const SplitPlan&, std::string_view stage, std::string_view run_id,
                             std::string_view quarantined_at) {
    return fmt::format(
        "SELECT * EXCLUDE ({0}, {1}), list_aggregate({0}, 'string_agg', ',') AS {0}, {2} AS "
        "_run_id, "
        "CAST({3} AS TIMESTAMP WITH TIME ZONE) AS _quarantined_at FROM {4} {5}",
        sql::QuoteIdentifier(kRulesColumn), sql::QuoteIdentifier(kFateColumn),
        sql::QuoteLiteral(run_id), sql::QuoteLiteral(quarantined_at), stage,
        WhereFate(kFateQuarantine));
}

std::string FateCounts(std::string_view stage) {
    return fmt::format("SELECT {0}, count(*) FROM {1} GROUP BY {0}",
                       sql::QuoteIdentifier(kFateColumn), stage);
}

std::string RuleCounts(std::string_view stage) {
    return fmt::format(
        "SELECT rule, count(*) FROM (SELECT unnest({}) AS rule FROM {}) GROUP BY rule",
        sql::QuoteIdentifier(kRulesColumn), stage);
}

}  // namespace tarn::quality
