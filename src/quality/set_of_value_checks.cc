// Checks of the set of values that a column has, and of their distribution.
#include "base/text.h"
#include "quality/check_sql.h"

namespace tarn::quality {
namespace {

// The column as it is compared with the values: as text, where they are texts.
std::string Compared(const CheckCall& call) {
    return call.Flag("quote_values") ? fmt::format("CAST({} AS VARCHAR)", call.Column())
                                     : call.Column();
}

std::string Wanted(const CheckCall& call) {
    std::vector<std::string> rows;
    for (const std::string& value : call.Values("value_set")) rows.push_back("(" + value + ")");
    return fmt::format("(SELECT DISTINCT value FROM (VALUES {}) AS said(value)) AS wanted",
                       Join(rows, ", "));
}

std::string NotWanted(const CheckCall& call) {
    return fmt::format("SELECT DISTINCT {0} AS value FROM {1} WHERE ({0} IN ({2})) IS NOT TRUE",
                       Compared(call), call.Rows(), Join(call.Values("value_set"), ", "));
}

std::string Lacking(const CheckCall& call) {
    return fmt::format(
        "SELECT wanted.value FROM {} WHERE NOT EXISTS (SELECT 1 FROM (SELECT {} AS value FROM {}) "
        "AS tested WHERE tested.value = wanted.value)",
        Wanted(call), Compared(call), call.Rows());
}

std::string EqualSet(const CheckCall& call) {
    return NotWanted(call) + "\nUNION ALL\n" + Lacking(call);
}

std::string MostCommon(const CheckCall& call) {
    const std::string value =
        call.Flag("quote_values")
            ? call.Column()
            : fmt::format("CAST({} AS {})", call.Column(), call.Text("data_type"));
    return fmt::format(
        "SELECT value FROM (SELECT {0} AS value, row_number() OVER (ORDER BY count(*) DESC, {0}) "
        "AS place FROM {1} GROUP BY {0}) AS ranked WHERE place = {2} AND value NOT IN ({3})",
        value, call.Rows(), call.Sql("top_n"), Join(call.Values("value_set"), ", "));
}

std::string AtLeastOne(const CheckCall& call) {
    const std::vector<std::string> groups = call.Columns("group_by_columns");
    return fmt::format("SELECT {}count({}) AS n FROM {}{} HAVING count({}) = 0", Before(groups),
                       call.Column(), call.Rows(), GroupBy(groups), call.Column());
}

std::string NotConstant(const CheckCall& call) {
    const std::vector<std::string> groups = call.Columns("group_by_columns");
    return fmt::format(
        "SELECT {0}count(DISTINCT {1}) AS n FROM {2}{3} HAVING count(DISTINCT {1}) = 1",
        Before(groups), call.Column(), call.Rows(), GroupBy(groups));
}

std::string NotNullPart(const CheckCall& call) {
    const std::vector<std::string> groups = call.Columns("group_by_columns");
    return fmt::format(
        "SELECT * FROM (SELECT {}count({}) / nullif(CAST(count(*) AS DOUBLE), 0) AS measured FROM "
        "{}{}) AS groups WHERE measured < {} OR measured > {}",
        Before(groups), call.Column(), call.Rows(), GroupBy(groups), call.Sql("at_least"),
        call.Sql("at_most"));
}

// Of the sums of groups, where there are some.
std::string WithinDeviations(const CheckCall& call) {
    const std::vector<std::string> groups = call.Columns("group_by");
    const std::string sums =
        fmt::format("(SELECT {}sum({}) AS value FROM {}{}) AS summed", Before(groups),
                    call.Column(), call.Rows(), GroupBy(groups));
    return fmt::format(
        "SELECT * FROM (SELECT *, (value - avg(value) OVER ()) / nullif(stddev(value) OVER (), 0) "
        "AS sigma FROM {}) AS judged WHERE abs(sigma) > {}",
        sums, call.Sql("sigma_threshold"));
}

std::string Scores(const CheckCall& call) {
    const std::string score = call.Flag("double_sided") ? "abs(sigma)" : "sigma";
    return fmt::format(
        "SELECT * FROM (SELECT {0} AS value, ({0} - avg({0}) OVER ()) / nullif(stddev({0}) OVER "
        "(), 0) AS sigma FROM {1}) AS judged WHERE {2} >= {3}",
        call.Column(), call.Rows(), score, call.Sql("threshold"));
}

constexpr std::array kQuoted = {CheckArgument{"quote_values", Kind::kFlag, "true", false, "quote"}};
constexpr std::array kValueSet =
    Joined(Joined(std::array{CheckArgument{"value_set", Kind::kValues, {}, true}}, kQuoted),
           kRowConditionOnly);
constexpr std::array kMost =
    Joined(kValueSet, std::array{CheckArgument{"top_n", Kind::kNumber, "1"},
                                 CheckArgument{"data_type", Kind::kText, "decimal"}});
constexpr std::array kProportion =
    Joined(std::array{CheckArgument{"at_least", Kind::kNumber, {}, true},
                      CheckArgument{"at_most", Kind::kNumber, "1"}},
           kGroupColumns);
constexpr std::array kSigma = {CheckArgument{"group_by", Kind::kColumns},
                               CheckArgument{"sigma_threshold", Kind::kNumber, "3"}};
constexpr std::array kScore = Joined(std::array{CheckArgument{"threshold", Kind::kNumber, {}, true},
                                                CheckArgument{"double_sided", Kind::kFlag, "true"}},
                                     kRowConditionOnly);

constexpr CheckSubject kColumn = CheckSubject::kColumn;
constexpr std::string_view kExpectations = "dbt_expectations great_expectations";

constexpr SetCheck kChecks[] = {
    {"at_least_one", "dbt_utils", "", kColumn, kGroupColumns, "one value at least is not NULL",
     AtLeastOne},
    {"not_constant", "dbt_utils", "", kColumn, kGroupColumns,
     "there is more than one value, or none", NotConstant},
    {"not_null_proportion", "dbt_utils", "", kColumn, kProportion,
     "the part of values that are not NULL is so large", NotNullPart, "at_least: 0.95"},
    {"expect_column_distinct_values_to_be_in_set", kExpectations, "", kColumn, kValueSet,
     "each value is one of `value_set`, NULL is not. A failure a value", NotWanted,
     "value_set: [open, shut]"},
    {"expect_column_distinct_values_to_contain_set", kExpectations, "", kColumn, kValueSet,
     "each of `value_set` is among the values", Lacking, "value_set: [open, shut]"},
    {"expect_column_distinct_values_to_equal_set", kExpectations, "", kColumn, kValueSet,
     "the values are those of `value_set`", EqualSet, "value_set: [open, shut]"},
    {"expect_column_most_common_value_to_be_in_set", kExpectations, "", kColumn, kMost,
     "the value at place `top_n`, by how often values stand, is one of `value_set`", MostCommon,
     "value_set: [open]\ntop_n: 1"},
    {"expect_column_values_to_be_within_n_stdevs", "dbt_expectations", "", kColumn, kSigma,
     "the sum of each group lies within so many standard deviations of their mean",
     WithinDeviations, "group_by: [g]\nsigma_threshold: 3"},
    {"expect_column_value_z_scores_to_be_less_than", "great_expectations", "", kColumn, kScore,
     "every value lies within so many standard deviations of the mean", Scores, "threshold: 3"},
};

}  // namespace

std::span<const SetCheck> SetOfValueChecks() { return kChecks; }

}  // namespace tarn::quality
