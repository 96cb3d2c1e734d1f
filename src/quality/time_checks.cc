// Checks of when rows are: how new the newest is, and whether a day is missing.
#include "base/text.h"
#include "quality/check_sql.h"

namespace tarn::quality {
namespace {

std::string Ago(const CheckCall& call) {
    return "now() - " + Interval(call.Sql("interval"), call.Text("datepart"));
}

// An empty table, or group, is not recent.
std::string Recency(const CheckCall& call) {
    const std::vector<std::string> groups = call.Columns("group_by_columns");
    const std::string type = call.Flag("ignore_time_component") ? "DATE" : "TIMESTAMPTZ";
    return fmt::format(
        "SELECT * FROM (SELECT {}CAST(max({}) AS {}) AS most_recent FROM {}{}) AS newest WHERE "
        "most_recent IS NULL OR most_recent < CAST({} AS {})",
        Before(groups), call.Sql("field"), type, call.Rows(), GroupBy(groups), Ago(call), type);
}

// Times to come are mistakes, and not looked at.
std::string RecentData(const CheckCall& call) {
    return fmt::format(
        "SELECT * FROM (SELECT max(CAST({0} AS TIMESTAMPTZ)) AS most_recent FROM {1} WHERE "
        "CAST({0} "
        "AS TIMESTAMPTZ) <= now()) AS newest WHERE coalesce(most_recent, TIMESTAMPTZ '1970-01-01') "
        "< {2}",
        call.Column(), call.Rows(), Ago(call));
}

std::string RecentGroups(const CheckCall& call) {
    const std::vector<std::string> groups = call.Columns("group_by");
    return fmt::format(
        "SELECT * FROM (SELECT {0}max(CAST({1} AS TIMESTAMPTZ)) AS most_recent FROM {2} WHERE "
        "CAST({1} AS TIMESTAMPTZ) <= now(){3}) AS newest WHERE most_recent < {4}",
        Before(groups), call.Columns("timestamp_column").at(0), call.Rows(), GroupBy(groups),
        Ago(call));
}

// Each stretch of `interval` parts from the first to the last one, the last left out where it is
// said; those without a row fail.
std::string EveryPart(const CheckCall& call) {
    const std::string part = call.Text("date_part");
    const std::string time = fmt::format("CAST({} AS TIMESTAMP)", call.Columns("date_col").at(0));
    const auto bound = [&](const char* said, const char* found) {
        return call.Has(said) ? fmt::format("CAST({} AS TIMESTAMP)", call.Literal(said))
                              : fmt::format("date_trunc('{}', {}({}))", part, found, time);
    };
    const std::string step = Interval(call.Sql("interval"), part);
    const std::string excluded =
        call.Has("exclusion_condition") ? " AND " + call.Sql("exclusion_condition") : "";
    return fmt::format(
        "WITH tested AS (SELECT {0} AS moment FROM {1}), ends AS (SELECT {2} AS lowest, {3} AS "
        "highest "
        "FROM {1}), spine AS (SELECT unnest(generate_series(lowest, highest, {4})) AS begins FROM "
        "ends), counted AS (SELECT begins AS date_{5}, (SELECT count(*) FROM tested WHERE moment "
        ">= "
        "begins AND moment < begins + {4}) AS row_cnt FROM spine, ends WHERE begins < highest)\n"
        "SELECT * FROM counted WHERE row_cnt = 0{6}",
        time, call.Rows(), bound("test_start_date", "min"), bound("test_end_date", "max"), step,
        part, excluded);
}

// A sum, or what it grew by, as its logarithm where that is asked for.
std::string Metric(const CheckCall& call, const std::string& value) {
    if (!call.Flag("take_logs")) return fmt::format("coalesce({}, 0)", value);
    return fmt::format("coalesce(ln(nullif({}, 0)), 0)", value);
}

std::string MovingDeviations(const CheckCall& call) {
    const std::vector<std::string> groups = call.Columns("group_by");
    const std::string part = call.Text("period");
    const std::string over = PartitionBy(groups) + "ORDER BY period";
    std::string metric = Metric(call, "total");
    if (call.Flag("take_diffs")) {
        metric += " - " + Metric(call, fmt::format("lag(total, {}) OVER ({})",
                                                   call.Sql("lookback_periods"), over));
    }
    const std::string trend = fmt::format("{} ROWS BETWEEN {} PRECEDING AND 1 PRECEDING", over,
                                          call.Sql("trend_periods"));
    const std::string sigma = call.Sql("sigma_threshold");
    return fmt::format(
        "WITH sums AS (SELECT {0}date_trunc('{1}', {2}) AS period, sum({3}) AS total FROM {4} "
        "GROUP BY {0}date_trunc('{1}', {2})), metrics AS (SELECT *, {5} AS metric FROM sums), "
        "trends AS (SELECT *, (metric - avg(metric) OVER ({6})) / nullif(stddev(metric) OVER "
        "({6}), 0) AS sigma FROM metrics)\n"
        "SELECT * FROM trends WHERE period >= date_trunc('{1}', now()) - {7} AND period < "
        "date_trunc('{1}', now()) AND NOT (sigma >= {8} AND sigma <= {9})",
        Before(groups), part, call.Columns("date_column_name").at(0), call.Column(), call.Rows(),
        metric, trend, Interval(call.Sql("test_periods"), part),
        call.Has("sigma_threshold_lower") ? call.Sql("sigma_threshold_lower") : "-(" + sigma + ")",
        call.Has("sigma_threshold_upper") ? call.Sql("sigma_threshold_upper") : sigma);
}

constexpr std::array kAgo = {CheckArgument{"datepart", Kind::kWord, {}, true, {}, kDateParts},
                             CheckArgument{"interval", Kind::kNumber, {}, true}};
constexpr std::array kRecency =
    Joined(Joined(kAgo, kGroupColumns),
           std::array{CheckArgument{"field", Kind::kSql, {}, true},
                      CheckArgument{"ignore_time_component", Kind::kFlag, "false"}});
constexpr std::array kRecent = Joined(kAgo, kRowConditionOnly);
constexpr std::array kRecentGroups =
    Joined(kRecent, std::array{CheckArgument{"group_by", Kind::kColumns, {}, true},
                               CheckArgument{"timestamp_column", Kind::kColumns, {}, true}});
constexpr std::array kEvery = Joined(
    std::array{CheckArgument{"date_col", Kind::kColumns, {}, true},
               CheckArgument{"date_part", Kind::kWord, "day", false, {}, kDateParts},
               CheckArgument{"interval", Kind::kNumber, "1"}, CheckArgument{"exclusion_condition"},
               CheckArgument{"test_start_date", Kind::kText},
               CheckArgument{"test_end_date", Kind::kText}},
    kRowConditionOnly);
constexpr std::array kMoving = {CheckArgument{"date_column_name", Kind::kColumns, {}, true},
                                CheckArgument{"group_by", Kind::kColumns},
                                CheckArgument{"period", Kind::kWord, "day", false, {}, kDateParts},
                                CheckArgument{"lookback_periods", Kind::kNumber, "1"},
                                CheckArgument{"trend_periods", Kind::kNumber, "7"},
                                CheckArgument{"test_periods", Kind::kNumber, "14"},
                                CheckArgument{"sigma_threshold", Kind::kNumber, "3"},
                                CheckArgument{"sigma_threshold_upper", Kind::kNumber},
                                CheckArgument{"sigma_threshold_lower", Kind::kNumber},
                                CheckArgument{"take_diffs", Kind::kFlag, "true"},
                                CheckArgument{"take_logs", Kind::kFlag, "true"}};

constexpr CheckSubject kColumn = CheckSubject::kColumn;
constexpr CheckSubject kTable = CheckSubject::kTable;

constexpr SetCheck kChecks[] = {
    {"recency", "dbt_utils", "", kTable, kRecency,
     "the newest `field` is not older, in each group; without rows it is", Recency,
     "field: seen\ndatepart: day\ninterval: 1"},
    {"expect_row_values_to_have_recent_data", "dbt_expectations", "", kColumn, kRecent,
     "the newest time that is not to come is not older; without rows it is", RecentData,
     "datepart: day\ninterval: 1"},
    {"expect_grouped_row_values_to_have_recent_data", "dbt_expectations", "", kTable, kRecentGroups,
     "in each group the newest time that is not to come is not older", RecentGroups,
     "group_by: [g]\ntimestamp_column: seen\ndatepart: day\ninterval: 1"},
    {"expect_row_values_to_have_data_for_every_n_datepart", "dbt_expectations", "", kTable, kEvery,
     "no day (`date_part`), or stretch of `interval` of them, is without a row. A failure a "
     "stretch",
     EveryPart, "date_col: seen\ndate_part: day"},
    {"expect_column_values_to_be_within_n_moving_stdevs", "dbt_expectations", "", kColumn, kMoving,
     "what the sum of each day grew by lies within so many deviations of the days before it",
     MovingDeviations, "date_column_name: seen"},
};

}  // namespace

std::span<const SetCheck> TimeChecks() { return kChecks; }

}  // namespace tarn::quality
