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

std::string WhereFate(std::string_view fate) {
    return fmt::format("WHERE {} = '{}'", sql::QuoteIdentifier(kFateColumn), fate);
}

}  // namespace

std::string StageStatement(const SplitPlan& plan, std::string_view stage) {
    std::string sql = fmt::format("CREATE OR REPLACE TEMP TABLE {} AS WITH model AS (\n{}\n),\n",
                                  stage, plan.select);
    sql += fmt::format("ruled AS (SELECT *{}, {} AS {} FROM model),\n", LateColumns(plan),
                       BrokenRules(plan.expectations), sql::QuoteIdentifier(kRulesColumn));
    sql += fmt::format("judged AS (SELECT *, {} AS {} FROM ruled)\n", FateCases(plan.expectations),
                       sql::QuoteIdentifier(kFateColumn));
    if (plan.deduplicate.keys.empty()) return sql + "SELECT * FROM judged";
    return sql + fmt::format("SELECT * REPLACE ({} AS {}) FROM judged", DuplicateCase(plan),
                             sql::QuoteIdentifier(kFateColumn));
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
