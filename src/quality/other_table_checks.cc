// Checks of a table against another one.
#include "base/text.h"
#include "quality/check_sql.h"

namespace tarn::quality {
namespace {

// Rows of both, counted in each group, beside each other.
std::string BothCounts(const CheckCall& call) {
    const std::vector<std::string> groups = call.Columns("group_by_columns");
    std::string selected;
    std::string columns;
    for (size_t i = 0; i < groups.size(); ++i) {
        selected += fmt::format("{} AS g{}, ", groups[i], i);
        columns += fmt::format(" AND ours.g{0} = theirs.g{0}", i);
    }
    return fmt::format(
        "(SELECT {0}count(*) AS n FROM {1}{2}) AS ours FULL JOIN (SELECT {0}count(*) AS n FROM "
        "{3}{2}) AS theirs ON true{4}",
        selected, call.Rows(), GroupBy(groups), call.Table("compare_model"), columns);
}

std::string EqualRowCount(const CheckCall& call) {
    return fmt::format(
        "SELECT ours.n AS rows_here, theirs.n AS rows_there, abs(ours.n - theirs.n) AS diff_count "
        "FROM {}",
        BothCounts(call));
}

std::string FewerRows(const CheckCall& call) {
    return fmt::format(
        "SELECT ours.n AS rows_here, theirs.n AS rows_there, CASE WHEN ours.n > theirs.n THEN "
        "ours.n - theirs.n WHEN ours.n = theirs.n THEN 1 ELSE 0 END AS row_count_delta FROM {}",
        BothCounts(call));
}

// Fractions are compared to so many digits.
std::string Rounded(const std::string& columns, const std::string& precision) {
    const std::string each = "COLUMNS(" + columns + ")";
    return fmt::format(
        "CASE WHEN typeof({0}) IN ('DOUBLE', 'FLOAT') OR starts_with(typeof({0}), 'DECIMAL') THEN "
        "CAST(round(TRY_CAST({0} AS DOUBLE), {1}) AS VARCHAR) ELSE CAST({0} AS VARCHAR) END",
        each, precision);
}

std::string Equality(const CheckCall& call) {
    const std::vector<std::string> some = call.Columns("compare_columns");
    const std::vector<std::string> without = call.Columns("exclude_columns");
    std::string columns = some.empty() ? "*" : Join(some, ", ");
    if (!without.empty()) columns += " EXCLUDE (" + Join(without, ", ") + ")";
    const std::string ours = fmt::format("(SELECT {} FROM {})", columns, call.Rows());
    const std::string other =
        fmt::format("(SELECT {} FROM {})", columns, call.Table("compare_model"));
    // By name: the other table may have its columns in another order.
    const std::string theirs =
        fmt::format("(SELECT * FROM {} LIMIT 0) UNION ALL BY NAME SELECT * FROM {}", ours, other);
    const std::string seen = call.Has("precision") ? Rounded("*", call.Sql("precision")) : "*";
    return fmt::format(
        "WITH ours AS (SELECT {0} FROM {1}), theirs AS (SELECT {0} FROM ({2})), only_ours AS "
        "(SELECT * FROM ours EXCEPT SELECT * FROM theirs), only_theirs AS (SELECT * FROM theirs "
        "EXCEPT SELECT * FROM ours)\n"
        "SELECT 'a_minus_b' AS which_diff, * FROM only_ours UNION ALL SELECT 'b_minus_a' AS "
        "which_diff, * FROM only_theirs",
        seen, ours, theirs);
}

std::string Cardinality(const CheckCall& call) {
    return fmt::format(
        "WITH ours AS (SELECT {0} AS value, count(*) AS n FROM {1} GROUP BY {0}), theirs AS "
        "(SELECT {2} AS value, count(*) AS n FROM {3} GROUP BY {2})\n"
        "SELECT * FROM (SELECT * FROM ours EXCEPT SELECT * FROM theirs) UNION ALL SELECT * FROM "
        "(SELECT * FROM theirs EXCEPT SELECT * FROM ours)",
        call.Column(), call.Rows(), call.Columns("field").at(0), call.Table("to"));
}

struct Side {
    std::string rows;
    std::string expression;
    std::vector<std::string> groups;
};

std::string SelectOf(const Side& side) {
    std::string groups;
    for (size_t i = 0; i < side.groups.size(); ++i)
        groups += fmt::format("{} AS g{}, ", side.groups[i], i);
    return fmt::format("(SELECT {}{} AS value FROM {}{})", groups, side.expression, side.rows,
                       GroupBy(side.groups));
}

// Aggregates of both, in each group, that differ by more than the tolerance.
std::string Differences(const CheckCall& call, const Side& ours, const Side& theirs) {
    std::string on = "true";
    for (size_t i = 0; i < ours.groups.size(); ++i)
        on += fmt::format(" AND ours.g{0} = theirs.g{0}", i);
    const std::string apart = "abs(coalesce(ours.value, 0) - coalesce(theirs.value, 0))";
    const bool in_percent =
        FindArgument(call.Of(), "tolerance_percent") != nullptr && call.Has("tolerance_percent");
    const std::string tolerance = in_percent ? call.Sql("tolerance_percent")
                                  : FindArgument(call.Of(), "tolerance") != nullptr
                                      ? call.Sql("tolerance")
                                      : "0";
    return fmt::format(
        "SELECT ours.value AS value, theirs.value AS compared, {0} AS difference FROM {1} AS ours "
        "FULL JOIN {2} AS theirs ON {3} WHERE {4} > {5}",
        apart, SelectOf(ours), SelectOf(theirs), on,
        in_percent ? apart + " / nullif(ours.value * 1.0, 0)" : apart, tolerance);
}

// Where the other side is not said, it is as this one.
Side OtherSide(const CheckCall& call, const Side& ours) {
    Side theirs = ours;
    theirs.rows = call.Has("compare_model") ? call.Table("compare_model") : ours.rows;
    const bool has_own = call.Has("compare_row_condition");
    if (call.Has("compare_model") || has_own)
        theirs.rows =
            Where(theirs.rows, call.Sql(has_own ? "compare_row_condition" : "row_condition"));
    return theirs;
}

std::string AggregationEqual(const CheckCall& call) {
    Side ours{call.Rows(), call.Sql("expression"), call.Columns("group_by")};
    Side theirs = OtherSide(call, ours);
    if (call.Has("compare_expression")) theirs.expression = call.Sql("compare_expression");
    if (call.Has("compare_group_by")) theirs.groups = call.Columns("compare_group_by");
    return Differences(call, ours, theirs);
}

std::string RowCountEqual(const CheckCall& call) {
    Side ours{call.Rows(), "count(*)", call.Columns("group_by")};
    Side theirs = OtherSide(call, ours);
    theirs.expression = "count(*) * " + call.Sql("factor");
    if (call.Has("compare_group_by")) theirs.groups = call.Columns("compare_group_by");
    return Differences(call, ours, theirs);
}

std::string DistinctEqual(const CheckCall& call) {
    Side ours{call.Rows(), "count(DISTINCT " + call.Column() + ")", {}};
    Side theirs = OtherSide(call, ours);
    if (call.Has("compare_column_name"))
        theirs.expression = "count(DISTINCT " + call.Columns("compare_column_name").at(0) + ")";
    return Differences(call, ours, theirs);
}

constexpr std::array kModel = {CheckArgument{"compare_model", Kind::kTable, {}, true}};
constexpr std::array kCounts = Joined(kModel, kGroupColumns);
constexpr std::array kEquality =
    Joined(kModel, std::array{CheckArgument{"compare_columns", Kind::kColumns},
                              CheckArgument{"exclude_columns", Kind::kColumns},
                              CheckArgument{"precision", Kind::kNumber}});
constexpr std::array kTo = {CheckArgument{"to", Kind::kTable, {}, true},
                            CheckArgument{"field", Kind::kColumns, {}, true}};
constexpr std::array kConditions = {CheckArgument{"row_condition"},
                                    CheckArgument{"compare_row_condition"}};
constexpr std::array kGroups =
    Joined(kConditions, std::array{CheckArgument{"group_by", Kind::kColumns},
                                   CheckArgument{"compare_group_by", Kind::kColumns}});
constexpr std::array kAggregation =
    Joined(kGroups, std::array{CheckArgument{"expression", Kind::kSql, {}, true},
                               CheckArgument{"compare_expression"},
                               CheckArgument{"tolerance", Kind::kNumber, "0"},
                               CheckArgument{"tolerance_percent", Kind::kNumber}});
constexpr std::array kOtherAggregation = Joined(kModel, kAggregation);
constexpr std::array kAnyAggregation =
    Joined(std::array{CheckArgument{"compare_model", Kind::kTable}}, kAggregation);
constexpr std::array kRowCount =
    Joined(Joined(kModel, kGroups), std::array{CheckArgument{"factor", Kind::kNumber, "1"}});
constexpr std::array kFactor =
    Joined(Joined(kModel, kGroups), std::array{CheckArgument{"factor", Kind::kNumber, {}, true}});
constexpr std::array kDistinct = Joined(
    Joined(kModel, kConditions), std::array{CheckArgument{"compare_column_name", Kind::kColumns}});

constexpr CheckSubject kColumn = CheckSubject::kColumn;
constexpr CheckSubject kTable = CheckSubject::kTable;
constexpr std::string_view kExpectations = "dbt_expectations great_expectations";

// As dbt_utils has it: how many rows differ, and by how many one side has more of them.
constexpr std::string_view kSetDifference =
    "count(*) + coalesce(abs(sum(CASE WHEN which_diff = 'a_minus_b' THEN 1 ELSE 0 END) - sum(CASE "
    "WHEN which_diff = 'b_minus_a' THEN 1 ELSE 0 END)), 0)";

constexpr SetCheck kChecks[] = {
    {"equal_rowcount", "dbt_utils", "", kTable, kCounts,
     "both tables have as many rows, in each group. The failures are the rows by which they differ",
     EqualRowCount, "compare_model: ref('others')", "", "sum(coalesce(diff_count, 0))"},
    {"fewer_rows_than", "dbt_utils", "", kTable, kCounts,
     "the table has fewer rows, in each group. The failures are the rows that it has more",
     FewerRows, "compare_model: ref('others')", "", "sum(coalesce(row_count_delta, 0))"},
    {"equality", "dbt_utils", "", kTable, kEquality,
     "both tables have the same rows, each once; columns are compared by name. The failures are "
     "the "
     "rows that only one has, and by how many one side has more of them",
     Equality, "compare_model: ref('others')", "", kSetDifference},
    {"cardinality_equality", "dbt_utils", "", kColumn, kTo,
     "each value stands as often in the column `field` of `to`. A failure a value and side",
     Cardinality, "to: ref('others')\nfield: v"},
    {"expect_table_aggregation_to_equal_other_table", "dbt_expectations", "", kTable,
     kOtherAggregation, "an aggregate comes to the same in both tables, in each group",
     AggregationEqual, "compare_model: ref('others')\nexpression: sum(v)"},
    {"equal_expression", "dbt_expectations", "", kTable, kAnyAggregation,
     "two aggregates come to the same, of two tables or of one", AggregationEqual,
     "expression: sum(v)\ncompare_expression: count(*)"},
    {"expect_table_row_count_to_equal_other_table", kExpectations, "", kTable, kRowCount,
     "both tables have as many rows, in each group", RowCountEqual, "compare_model: ref('others')"},
    {"expect_table_row_count_to_equal_other_table_times_factor", "dbt_expectations", "", kTable,
     kFactor, "the table has `factor` times as many rows, in each group", RowCountEqual,
     "compare_model: ref('others')\nfactor: 2"},
    {"expect_column_distinct_count_to_equal_other_table", "dbt_expectations", "", kColumn,
     kDistinct, "both tables have as many different values", DistinctEqual,
     "compare_model: ref('others')"},
};

}  // namespace

std::span<const SetCheck> OtherTableChecks() { return kChecks; }

}  // namespace tarn::quality
