#include "pipeline/anomaly_run.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "base/text.h"

namespace tarn::pipeline {
namespace {

// Where a number and its history come from.
enum class Origin { kTable, kWrittenByRuns, kTimeOfRuns };

Origin OriginOf(const quality::CheckCall& call) {
    const std::string_view name = call.Of().name;
    if (name == "volume_anomaly" && call.Text("measure") == "written")
        return Origin::kWrittenByRuns;
    return name == "freshness_anomaly" && call.Column().empty() ? Origin::kTimeOfRuns
                                                                : Origin::kTable;
}

quality::AnomalyRule RuleOf(const quality::CheckCall& call) {
    quality::AnomalyRule rule;
    rule.sensitivity = call.Number("sensitivity");
    rule.training_days = call.Number("training_days");
    rule.min_points = static_cast<size_t>(std::max(1.0, call.Number("min_points")));
    rule.min_change_percent = call.Number("min_change_percent");
    rule.by_weekday = call.Text("seasonality") == "weekday";
    const std::string direction = call.Text("direction");
    if (direction == "drop") rule.direction = quality::AnomalyDirection::kDrop;
    if (direction == "spike") rule.direction = quality::AnomalyDirection::kSpike;
    return rule;
}

double Seconds(DurationUs duration) { return std::chrono::duration<double>(duration).count(); }

// Newest first: runs that wrote to the table what came since the last. Rows that were replayed are
// no load of a source.
std::vector<catalog::RunRecord> RunsThatWrote(const BuildScope& scope, const std::string& table) {
    catalog::RunFilter filter;
    filter.target = table;
    filter.state = catalog::RunState::kSucceeded;
    auto runs = scope.parts.catalog.Runs().Runs(filter);
    std::erase_if(runs, [](const auto& run) { return run.kind == catalog::RunKind::kReplay; });
    return runs;
}

std::optional<double> Measured(engine::Session& session, const std::string& sql) {
    const auto rows = session.Query("SELECT CAST(measured AS DOUBLE) FROM (\n" + sql + "\n) AS m");
    if (rows.empty() || !rows[0].at(0)) return std::nullopt;
    const double number = std::strtod(rows[0].at(0)->c_str(), nullptr);
    return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

}  // namespace

bool IsByHistory(const Node& node) {
    return node.test != nullptr && node.test->check != nullptr && node.test->check->by_history;
}

std::string MeasureOf(const Node& node) {
    const quality::SetCheck& check = *node.test->check;
    const quality::CheckCall call = quality::CallOf(check, *node.test->declared, "");
    std::string measure(check.name);
    if (quality::FindArgument(check, "measure") != nullptr) measure += " " + call.Text("measure");
    if (!call.Column().empty()) measure += " of " + call.Column();
    const std::string& where = node.test_options.where;
    return where.empty() ? measure : measure + " where " + where;
}

quality::AnomalyVerdict MeasureAnomaly(const BuildScope& scope, const Node& node,
                                       const std::string& sql, const std::string& judged,
                                       const std::string& table) {
    const quality::CheckCall call = quality::CallOf(*node.test->check, *node.test->declared, table);
    const quality::AnomalyRule rule = RuleOf(call);
    const TimestampUs now = scope.parts.clock.Now();
    std::optional<double> value;
    std::vector<quality::HistoryPoint> history;
    const Origin origin = OriginOf(call);
    const auto runs =
        origin == Origin::kTable ? std::vector<catalog::RunRecord>() : RunsThatWrote(scope, table);
    if (origin == Origin::kWrittenByRuns) {
        for (const catalog::RunRecord& run : runs)
            history.push_back({static_cast<double>(run.rows_written), run.started});
        if (!history.empty()) {
            value = history.front().value;
            history.erase(history.begin());
        }
        return quality::JudgeAnomaly(value, now, history, rule);
    }
    if (origin == Origin::kTable) value = Measured(scope.parts.session, sql);
    if (origin == Origin::kTimeOfRuns && !runs.empty()) value = Seconds(now - runs.front().started);
    const auto since = now - DurationUs(static_cast<int64_t>(rule.training_days * 86'400e6));
    for (const catalog::QualityValue& one :
         scope.parts.catalog.Runs().QualityValues(judged, MeasureOf(node), since))
        history.push_back({one.value, one.at});
    return quality::JudgeAnomaly(value, now, history, rule);
}

std::string RowsOf(const quality::AnomalyVerdict& verdict) {
    const std::string value = verdict.value ? fmt::format("{}", *verdict.value) : "NULL";
    return fmt::format(
        "SELECT {}::DOUBLE AS measured, {}::DOUBLE AS low, {}::DOUBLE AS high, {}::DOUBLE AS "
        "median, {}::DOUBLE AS deviation, {} AS earlier_runs WHERE {}",
        value, verdict.low, verdict.high, verdict.median, verdict.deviation, verdict.points,
        verdict.is_anomaly);
}

}  // namespace tarn::pipeline
