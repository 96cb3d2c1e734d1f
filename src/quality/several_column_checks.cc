// Checks of several columns of a row together, and of ranges that rows are.
#include "base/text.h"
#include "quality/check_sql.h"

namespace tarn::quality {
namespace {

std::string First(const CheckCall& call) { return call.Columns("column_A").at(0); }
std::string Second(const CheckCall& call) { return call.Columns("column_B").at(0); }

std::string Greater(const CheckCall& call) {
    return EachRow(call, fmt::format("NOT ({} >{} {})", First(call),
                                     call.Flag("or_equal") ? "=" : "", Second(call)));
}

std::string Equal(const CheckCall& call) {
    return EachRow(call, fmt::format("NOT ({} = {})", First(call), Second(call)));
}

std::string PairInSet(const CheckCall& call) {
    std::vector<std::string> pairs;
    for (const auto& [a, b] : call.Pairs("value_pairs_set"))
        pairs.push_back(fmt::format("({} = {} AND {} = {})", First(call), a, Second(call), b));
    return EachRow(call, fmt::format("NOT ({})", Join(pairs, " OR ")));
}

// Rows that are looked at, as `ignore_row_if` has it.
std::string NotIgnored(const CheckCall& call, const std::vector<std::string>& columns) {
    const std::string which = call.Text("ignore_row_if");
    if (which == "never") return "true";
    std::vector<std::string> nulls;
    nulls.reserve(columns.size());
    for (const std::string& column : columns) nulls.push_back(column + " IS NULL");
    return fmt::format("NOT ({})", Join(nulls, which.starts_with("any") ? " OR " : " AND "));
}

std::string UniqueTogether(const CheckCall& call) {
    const std::vector<std::string> columns = call.Columns("column_list");
    return fmt::format(
        "SELECT {0}, count(*) AS n FROM {1} WHERE {2} GROUP BY {0} HAVING "
        "count(*) > 1",
        Join(columns, ", "), call.Rows(), NotIgnored(call, columns));
}

std::string UniqueCombination(const CheckCall& call) {
    return fmt::format("SELECT {0}, count(*) AS n FROM {1} GROUP BY {0} HAVING count(*) > 1",
                       Join(call.Columns("combination_of_columns"), ", "), call.Rows());
}

// NULL is a value like another, unless its row is ignored.
std::string DifferentInRow(const CheckCall& call) {
    const std::vector<std::string> columns = call.Columns("column_list");
    std::vector<std::string> equal;
    for (size_t i = 0; i < columns.size(); ++i) {
        for (size_t j = i + 1; j < columns.size(); ++j)
            equal.push_back(
                fmt::format("CAST({} AS VARCHAR) IS NOT DISTINCT FROM CAST({} AS "
                            "VARCHAR)",
                            columns[i], columns[j]));
    }
    return fmt::format("SELECT * FROM {} WHERE {} AND ({})", call.Rows(), NotIgnored(call, columns),
                       equal.empty() ? "false" : Join(equal, " OR "));
}

std::string SumEqual(const CheckCall& call) {
    std::vector<std::string> sums;
    for (const std::string& column : call.Columns("column_list"))
        sums.push_back("sum(" + column + ")");
    const std::string total = call.Sql("sum_total");
    const bool is_number = total.find_first_not_of("0123456789.+-eE") == std::string::npos;
    return OfGroups(
        call, "group_by",
        fmt::format("{} = {}", Join(sums, " + "), is_number ? total : "sum(" + total + ")"),
        "measured");
}

std::string ExclusiveRanges(const CheckCall& call) {
    const std::string gaps = call.Text("gaps");
    const std::string upper = gaps == "not_allowed" ? "=" : gaps == "required" ? "<" : "<=";
    const std::string partition =
        call.Has("partition_by") ? "PARTITION BY " + call.Sql("partition_by") + " " : "";
    return fmt::format(
        "SELECT * FROM (SELECT {0} AS lower_bound, {1} AS upper_bound, lead({0}) OVER ({2}ORDER "
        "BY {0}, {1}) AS next_lower_bound, row_number() OVER ({2}ORDER BY {0} DESC, {1} DESC) = 1 "
        "AS is_last FROM {3}) AS ranges WHERE NOT (coalesce(lower_bound {4} upper_bound, false) "
        "AND coalesce(upper_bound {5} next_lower_bound, is_last, false))",
        call.Sql("lower_bound_column"), call.Sql("upper_bound_column"), partition, call.Rows(),
        call.Flag("zero_length_range_allowed") ? "<=" : "<", upper);
}

constexpr std::array kPair = {CheckArgument{"column_A", Kind::kColumns, {}, true, "column_a"},
                              CheckArgument{"column_B", Kind::kColumns, {}, true, "column_b"}};
constexpr std::array kPairRow = Joined(kPair, kRow);
constexpr std::array kGreater =
    Joined(kPairRow, std::array{CheckArgument{"or_equal", Kind::kFlag, "false"}});
constexpr std::array kPairSet =
    Joined(kPairRow, std::array{CheckArgument{"value_pairs_set", Kind::kPairs, {}, true}});
constexpr std::array kTogether =
    Joined(std::array{CheckArgument{"column_list", Kind::kColumns, {}, true},
                      CheckArgument{"quote_columns", Kind::kFlag, "false"},
                      CheckArgument{"ignore_row_if",
                                    Kind::kWord,
                                    "all_values_are_missing",
                                    false,
                                    {},
                                    "all_values_are_missing any_value_is_missing never"}},
           kRowConditionOnly);
constexpr std::array kCombination = {
    CheckArgument{"combination_of_columns", Kind::kColumns, {}, true},
    CheckArgument{"quote_columns", Kind::kFlag, "false"}};
constexpr std::array kSum =
    Joined(std::array{CheckArgument{"column_list", Kind::kColumns, {}, true},
                      CheckArgument{"sum_total", Kind::kSql, {}, true}},
           kGrouped);
constexpr std::array kRanges = {
    CheckArgument{"lower_bound_column", Kind::kSql, {}, true},
    CheckArgument{"upper_bound_column", Kind::kSql, {}, true}, CheckArgument{"partition_by"},
    CheckArgument{"gaps", Kind::kWord, "allowed", false, {}, "allowed not_allowed required"},
    CheckArgument{"zero_length_range_allowed", Kind::kFlag, "false"}};

constexpr CheckSubject kTable = CheckSubject::kTable;
constexpr std::string_view kExpectations = "dbt_expectations great_expectations";

constexpr SetCheck kChecks[] = {
    {"unique_combination_of_columns", "dbt_utils", "", kTable, kCombination,
     "no two rows have the same values in these columns; NULL is a value. A failure a combination",
     UniqueCombination, "combination_of_columns: [a, b]"},
    {"mutually_exclusive_ranges", "dbt_utils", "", kTable, kRanges,
     "the ranges that rows are do not overlap; `gaps` says what may lie between them",
     ExclusiveRanges, "lower_bound_column: a\nupper_bound_column: b"},
    {"expect_column_pair_values_A_to_be_greater_than_B", kExpectations,
     "expect_column_pair_values_a_to_be_greater_than_b", kTable, kGreater,
     "in every row one column is greater than the other; NULL is", Greater,
     "column_A: a\ncolumn_B: b"},
    {"expect_column_pair_values_to_be_equal", kExpectations, "", kTable, kPairRow,
     "in every row both columns are equal; NULL is", Equal, "column_A: a\ncolumn_B: b"},
    {"expect_column_pair_values_to_be_in_set", kExpectations, "", kTable, kPairSet,
     "every row has one of the pairs, which are SQL", PairInSet,
     "column_A: a\ncolumn_B: b\nvalue_pairs_set: [[1, 2], [2, 3]]"},
    {"expect_compound_columns_to_be_unique", kExpectations,
     "expect_multicolumn_values_to_be_unique", kTable, kTogether,
     "no two rows have the same values in these columns. A failure a combination", UniqueTogether,
     "column_list: [a, b]"},
    {"expect_select_column_values_to_be_unique_within_record", kExpectations, "", kTable, kTogether,
     "no row has the same value in two of these columns", DifferentInRow, "column_list: [a, b]"},
    {"expect_multicolumn_sum_to_equal", kExpectations, "", kTable, kSum,
     "the sums of these columns come to `sum_total`, a number or an expression whose sum is meant",
     SumEqual, "column_list: [a, b]\nsum_total: 10"},
};

}  // namespace

std::span<const SetCheck> SeveralColumnChecks() { return kChecks; }

}  // namespace tarn::quality
