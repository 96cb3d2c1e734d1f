// Checks of one number that the rows, or those of each group, come to. A failure a group.
#include "base/text.h"
#include "quality/check_sql.h"

namespace tarn::quality {
namespace {

std::string AggregateBetween(const CheckCall& call, const std::string& aggregate) {
    return OfGroups(call, "group_by", aggregate, InBounds(call, "measured"));
}

std::string Max(const CheckCall& call) {
    return AggregateBetween(call, "max(" + call.Column() + ")");
}
std::string Min(const CheckCall& call) {
    return AggregateBetween(call, "min(" + call.Column() + ")");
}
std::string Mean(const CheckCall& call) {
    return AggregateBetween(call, "avg(" + call.Column() + ")");
}
std::string Median(const CheckCall& call) {
    return AggregateBetween(call, "quantile_cont(" + call.Column() + ", 0.5)");
}
std::string Deviation(const CheckCall& call) {
    return AggregateBetween(call, "stddev(" + call.Column() + ")");
}
std::string Sum(const CheckCall& call) {
    return AggregateBetween(call, "sum(" + call.Column() + ")");
}
std::string Quantile(const CheckCall& call) {
    return AggregateBetween(
        call, fmt::format("quantile_cont({}, {})", call.Column(), call.Sql("quantile")));
}
std::string DistinctBetween(const CheckCall& call) {
    return AggregateBetween(call, "count(DISTINCT " + call.Column() + ")");
}
std::string UniquePart(const CheckCall& call) {
    return AggregateBetween(
        call, fmt::format("CASE WHEN count({0}) = 0 THEN 1 ELSE CAST(count(DISTINCT {0}) AS "
                          "DOUBLE) / count({0}) END",
                          call.Column()));
}
std::string PartWithValue(const CheckCall& call) {
    return AggregateBetween(
        call, fmt::format("count({}) / nullif(CAST(count(*) AS DOUBLE), 0)", call.Column()));
}
std::string RowsBetween(const CheckCall& call) { return AggregateBetween(call, "count(*)"); }

std::string RowsEqual(const CheckCall& call) {
    return OfGroups(call, "group_by", "count(*)", "measured = " + call.Sql("value"));
}

std::string DistinctIs(const CheckCall& call, const char* comparison) {
    return OfGroups(call, "group_by", "count(DISTINCT " + call.Column() + ")",
                    fmt::format("measured {} {}", comparison, call.Sql("value")));
}
std::string DistinctEqual(const CheckCall& call) { return DistinctIs(call, "="); }
std::string DistinctGreater(const CheckCall& call) { return DistinctIs(call, ">"); }
std::string DistinctLess(const CheckCall& call) { return DistinctIs(call, "<"); }

std::string ExpressionBetween(const CheckCall& call) {
    return OfGroups(call, "group_by_columns", call.Sql("expression"), InBounds(call, "measured"));
}

// Of rows, or of groups where there are some.
std::string ExpressionHolds(const CheckCall& call) {
    const std::string must =
        fmt::format("({}) {}", call.Sql("expression"), call.Sql("test_condition"));
    if (!call.Has("group_by_columns"))
        return fmt::format("SELECT * FROM {} WHERE NOT ({})", call.Rows(), must);
    return OfGroups(call, "group_by_columns", must, "measured");
}

std::string ExpressionIsTrue(const CheckCall& call) {
    return fmt::format("SELECT * FROM {} WHERE NOT ({} {})", call.Rows(), call.Column(),
                       call.Sql("expression"));
}

constexpr std::array kBetween = Joined(kBounds, kGrouped);
constexpr std::array kQuantile =
    Joined(std::array{CheckArgument{"quantile", Kind::kNumber, {}, true}}, kBetween);
constexpr std::array kValue =
    Joined(std::array{CheckArgument{"value", Kind::kSql, {}, true}}, kGrouped);
constexpr std::array kExpression = {CheckArgument{"expression", Kind::kSql, {}, true}};
constexpr std::array kGroupedRows =
    Joined(std::array{CheckArgument{"group_by_columns", Kind::kColumns, {}, false, "group_by"}},
           kRowConditionOnly);
constexpr std::array kExpressionBetween = Joined(Joined(kExpression, kBounds), kGroupedRows);
constexpr std::array kExpressionHolds =
    Joined(Joined(kExpression, std::array{CheckArgument{"test_condition", Kind::kSql, "= true"}}),
           kGroupedRows);

constexpr CheckSubject kColumn = CheckSubject::kColumn;
constexpr CheckSubject kTable = CheckSubject::kTable;
constexpr std::string_view kExpectations = "dbt_expectations great_expectations";

constexpr SetCheck kChecks[] = {
    {"expression_is_true", "dbt_utils", "", CheckSubject::kEither, kExpression,
     "the expression is not FALSE of any row; below a column the column stands before it",
     ExpressionIsTrue, "expression: '>= 0'"},
    {"expect_column_max_to_be_between", kExpectations, "", kColumn, kBetween,
     "the greatest value lies between the bounds", Max, "max_value: 10", kBoundNeeds},
    {"expect_column_min_to_be_between", kExpectations, "", kColumn, kBetween,
     "the least value lies between the bounds", Min, "min_value: 0", kBoundNeeds},
    {"expect_column_mean_to_be_between", kExpectations, "", kColumn, kBetween,
     "the mean lies between the bounds", Mean, "min_value: 0", kBoundNeeds},
    {"expect_column_median_to_be_between", kExpectations, "", kColumn, kBetween,
     "the median lies between the bounds", Median, "min_value: 0", kBoundNeeds},
    {"expect_column_quantile_values_to_be_between", kExpectations, "", kColumn, kQuantile,
     "the quantile lies between the bounds", Quantile, "quantile: 0.9\nmax_value: 10", kBoundNeeds},
    {"expect_column_stdev_to_be_between", kExpectations, "", kColumn, kBetween,
     "the standard deviation of a sample lies between the bounds", Deviation, "max_value: 10",
     kBoundNeeds},
    {"expect_column_sum_to_be_between", kExpectations, "", kColumn, kBetween,
     "the sum lies between the bounds", Sum, "min_value: 0", kBoundNeeds},
    {"expect_column_unique_value_count_to_be_between", kExpectations, "", kColumn, kBetween,
     "there are so many different values", DistinctBetween, "min_value: 1", kBoundNeeds},
    {"expect_column_proportion_of_unique_values_to_be_between", kExpectations, "", kColumn,
     kBetween, "different values are so large a part of the values", UniquePart, "min_value: 0.5",
     kBoundNeeds},
    {"expect_column_proportion_of_non_null_values_to_be_between", "great_expectations", "", kColumn,
     kBetween, "values that are not NULL are so large a part of the rows", PartWithValue,
     "min_value: 0.5", kBoundNeeds},
    {"expect_column_distinct_count_to_equal", "dbt_expectations", "", kColumn, kValue,
     "there are so many different values", DistinctEqual, "value: 2"},
    {"expect_column_distinct_count_to_be_greater_than", "dbt_expectations", "", kColumn, kValue,
     "there are more different values", DistinctGreater, "value: 1"},
    {"expect_column_distinct_count_to_be_less_than", "dbt_expectations", "", kColumn, kValue,
     "there are fewer different values", DistinctLess, "value: 9"},
    {"expect_table_row_count_to_be_between", kExpectations, "", kTable, kBetween,
     "there are so many rows", RowsBetween, "min_value: 1", kBoundNeeds},
    {"expect_table_row_count_to_equal", kExpectations, "", kTable, kValue, "there are so many rows",
     RowsEqual, "value: 3"},
    {"expression_between", "dbt_expectations", "", CheckSubject::kEither, kExpressionBetween,
     "the aggregate lies between the bounds", ExpressionBetween, "expression: sum(v)\nmin_value: 0",
     kBoundNeeds},
    {"expression_is_true", "dbt_expectations", "", CheckSubject::kEither, kExpressionHolds,
     "the expression, of rows or as an aggregate of groups, is not FALSE", ExpressionHolds,
     "expression: v >= 0"},
};

}  // namespace

std::span<const SetCheck> AggregateChecks() { return kChecks; }

}  // namespace tarn::quality
