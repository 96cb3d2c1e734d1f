// Checks of one number of a table against the same number of earlier runs (anomaly.h).
#include "base/text.h"
#include "quality/check_sql.h"

namespace tarn::quality {
namespace {

std::string Volume(const CheckCall& call) {
    return fmt::format("SELECT count(*) AS measured FROM {}", call.Rows());
}

std::string Age(const CheckCall& call) {
    if (call.Column().empty()) return "SELECT NULL::DOUBLE AS measured";
    return fmt::format("SELECT epoch(now() - max(CAST({} AS TIMESTAMPTZ))) AS measured FROM {}",
                       call.Column(), call.Rows());
}

struct Measure {
    std::string_view word;
    std::string_view sql;  // of the column {0}
};

constexpr Measure kMeasures[] = {
    {"average", "avg({0})"},
    {"median", "quantile_cont({0}, 0.5)"},
    {"stddev", "stddev({0})"},
    {"min", "min({0})"},
    {"max", "max({0})"},
    {"sum", "sum({0})"},
    {"distinct_count", "count(DISTINCT {0})"},
    {"null_percent", "100.0 * count(*) FILTER (WHERE {0} IS NULL) / nullif(count(*), 0)"},
    {"zero_percent", "100.0 * count(*) FILTER (WHERE {0} = 0) / nullif(count(*), 0)"},
    {"average_length", "avg(length(CAST({0} AS VARCHAR)))"},
};
constexpr std::string_view kMeasureWords =
    "average median stddev min max sum distinct_count null_percent zero_percent average_length";

std::string Distribution(const CheckCall& call) {
    const std::string word = call.Text("measure");
    for (const Measure& measure : kMeasures) {
        if (measure.word != word) continue;
        return fmt::format("SELECT {} AS measured FROM {}",
                           fmt::format(fmt::runtime(measure.sql), call.Column()), call.Rows());
    }
    return "";
}

constexpr std::array kHistory = {
    CheckArgument{"sensitivity", Kind::kNumber, "3", false, "anomaly_sensitivity"},
    CheckArgument{"training_days", Kind::kNumber, "30"},
    CheckArgument{"min_points", Kind::kNumber, "7"},
    CheckArgument{"min_change_percent", Kind::kNumber, "1"},
    CheckArgument{"seasonality", Kind::kWord, "none", false, {}, "none weekday"},
    CheckArgument{"direction", Kind::kWord, "both", false, "anomaly_direction", "both drop spike"}};
constexpr std::array kOlder = {
    CheckArgument{"sensitivity", Kind::kNumber, "3", false, "anomaly_sensitivity"},
    CheckArgument{"training_days", Kind::kNumber, "30"},
    CheckArgument{"min_points", Kind::kNumber, "7"},
    CheckArgument{"min_change_percent", Kind::kNumber, "1"},
    CheckArgument{"seasonality", Kind::kWord, "none", false, {}, "none weekday"},
    CheckArgument{"direction", Kind::kWord, "spike", false, "anomaly_direction",
                  "both drop spike"}};
constexpr std::array kVolume = Joined(
    kHistory, std::array{CheckArgument{"measure", Kind::kWord, "rows", false, {}, "rows written"}});
constexpr std::array kDistribution =
    Joined(kHistory,
           std::array{CheckArgument{"measure", Kind::kWord, "average", false, {}, kMeasureWords}});

constexpr SetCheck kChecks[] = {
    {.name = "volume_anomaly",
     .packages = "tarn",
     .subject = CheckSubject::kTable,
     .arguments = kVolume,
     .meaning = "the number of rows (`measure: written`: of rows that a run wrote) is as in "
                "earlier runs",
     .sql = Volume,
     .example = "sensitivity: 3\nseasonality: weekday",
     .by_history = true},
    {.name = "freshness_anomaly",
     .packages = "tarn",
     .subject = CheckSubject::kEither,
     .arguments = kOlder,
     .meaning = "the newest time of the column (of a table as a whole: the last run that wrote to "
                "it) is not older than in earlier runs",
     .sql = Age,
     .example = "training_days: 14",
     .by_history = true},
    {.name = "distribution_anomaly",
     .packages = "tarn",
     .subject = CheckSubject::kColumn,
     .arguments = kDistribution,
     .meaning = "a measure of the column is as in earlier runs",
     .sql = Distribution,
     .example = "measure: null_percent",
     .by_history = true},
};

}  // namespace

std::span<const SetCheck> AnomalyChecks() { return kChecks; }

}  // namespace tarn::quality
