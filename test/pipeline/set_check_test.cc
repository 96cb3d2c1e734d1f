// Every check over tables that keep it, that break it, that have NULLs, and that are empty, with
// the number of failures that it must give.
#include <set>

#include "dbt_fixture.h"
#include "quality/data_tests.h"

namespace tarn::pipeline {
namespace {

struct Tried {
    std::string rows;  // SQL of the tested table
    int64_t failures = 0;
};

struct Case {
    std::string test;    // as YAML
    std::string column;  // empty: of the table as a whole
    std::vector<Tried> tried;
};

// A column `v`; "" is an empty table of numbers.
std::string V(const std::string& values) {
    if (values.empty()) return "SELECT 1 AS v WHERE false";
    return "SELECT unnest([" + values + "]) AS v";
}

// Columns `a` and `b`.
std::string Ab(const std::string& rows) {
    if (rows.empty()) return "SELECT 1 AS a, 1 AS b WHERE false";
    return "SELECT * FROM (VALUES " + rows + ") AS t(a, b)";
}

// Columns `g` and `v`.
std::string Gv(const std::string& rows) { return "SELECT * FROM (VALUES " + rows + ") AS t(g, v)"; }

// Times that lie so many hours back, as `v` and `seen`, of the groups `g`.
std::string HoursAgo(const std::string& hours) {
    return "SELECT now() - to_hours(CAST(h AS INTEGER)) AS v, v AS seen, 1 AS g FROM (SELECT "
           "unnest([" +
           hours + "]) AS h)";
}

std::vector<Case> ValueCases() {
    return {
        {"not_null", "v", {{V("1, 2"), 0}, {V("1, NULL, NULL"), 2}, {V(""), 0}}},
        {"dbt.not_null", "v", {{V("NULL"), 1}}},
        {"expect_column_values_to_not_be_null: {row_condition: 'v IS NULL'}",
         "v",
         {{V("1, NULL"), 1}}},
        {"not_null: {mostly: 0.9}",
         "v",
         {{V("1, 2, 3, 4, 5, 6, 7, 8, 9, NULL"), 0},
          {V("1, 2, 3, 4, 5, 6, 7, 8, NULL, NULL"), 2},
          {V(""), 0}}},
        {"unique", "v", {{V("1, 2, NULL, NULL"), 0}, {V("1, 1, 1, 2, 2"), 2}, {V(""), 0}}},
        {"accepted_values: {values: [a, b]}",
         "v",
         {{V("'a', 'b', NULL"), 0}, {V("'c', 'c', 'd', 'a'"), 2}, {V(""), 0}}},
        {"accepted_values: {values: [1, 2], quote: false}", "v", {{V("1, 2"), 0}, {V("3"), 1}}},
        {"relationships: {to: ref('others'), field: v}",
         "v",
         {{V("1, 2, NULL"), 0}, {V("1, 9, 9"), 2}, {V(""), 0}}},
        {"relationships_where: {to: ref('others'), field: v, from_condition: v < 9, to_condition: "
         "v > 1}",
         "v",
         {{V("2, 9, NULL"), 0}, {V("1, 2"), 1}, {V(""), 0}}},
        {"dbt_utils.not_accepted_values: {values: [a]}",
         "v",
         {{V("'b', NULL"), 0}, {V("'a', 'a'"), 1}, {V(""), 0}}},
        {"dbt_utils.accepted_range: {min_value: 0, max_value: 9}",
         "v",
         {{V("0, 9, NULL"), 0}, {V("-1, 10, 5"), 2}, {V(""), 0}}},
        {"accepted_range: {min_value: 0, inclusive: false}", "v", {{V("0, 1"), 1}}},
        {"accepted_range: {max_value: 2024-01-31}",
         "v",
         {{V("DATE '2024-01-31'"), 0}, {V("DATE '2024-02-01'"), 1}}},
        {"not_empty_string", "v", {{V("'a', NULL"), 0}, {V("'', '  '"), 2}}},
        {"not_empty_string: {trim_whitespace: false}", "v", {{V("'', '  '"), 1}}},
        {"sequential_values", "v", {{V("3, 1, 2"), 0}, {V("1, 2, 4, 6"), 2}, {V(""), 0}}},
        {"sequential_values: {interval: 1, datepart: day, group_by_columns: [g]}",
         "v",
         {{Gv("(1, DATE '2024-01-31'), (1, DATE '2024-02-01'), (2, DATE '2024-05-01')"), 0},
          {Gv("(1, DATE '2024-01-31'), (1, DATE '2024-02-02')"), 1}}},
        {"expect_column_values_to_be_null",
         "v",
         {{V("NULL, NULL"), 0}, {V("NULL, 1"), 1}, {V(""), 0}}},
        {"expect_column_values_to_be_in_set: {value_set: [a, b]}",
         "v",
         {{V("'a'"), 0}, {V("'a', 'c', 'c', NULL"), 3}, {V(""), 0}}},
        {"expect_column_values_to_be_in_set: {value_set: [1], quote_values: false, mostly: 0.5}",
         "v",
         {{V("1, 2"), 0}, {V("1, 2, 3"), 2}}},
        {"expect_column_values_to_not_be_in_set: {value_set: [a]}",
         "v",
         {{V("'b', NULL"), 0}, {V("'a', 'a'"), 2}, {V(""), 0}}},
        {"expect_column_values_to_be_between: {min_value: 1, max_value: 3}",
         "v",
         {{V("1, 3, NULL"), 0}, {V("0, 4, 2"), 2}, {V(""), 0}}},
        {"expect_column_values_to_be_between: {min_value: 1, strictly: true}",
         "v",
         {{V("2"), 0}, {V("1"), 1}}},
        {"expect_column_values_to_be_increasing",
         "v",
         {{V("3, 1, 2"), 0}, {V("1, 1, 2"), 1}, {V(""), 0}}},
        {"expect_column_values_to_be_increasing: {sort_column: g, strictly: false, step: 1}",
         "v",
         {{Gv("(1, 5), (2, 6)"), 0}, {Gv("(1, 5), (2, 7), (3, 6)"), 2}}},
        {"expect_column_values_to_be_decreasing: {sort_column: g}",
         "v",
         {{Gv("(1, 5), (2, 4)"), 0}, {Gv("(1, 5), (2, 5), (3, 6)"), 2}}},
    };
}

std::vector<Case> PatternCases() {
    const std::string texts = V("'abc', 'abd', NULL");
    return {
        {"expect_column_value_lengths_to_be_between: {min_value: 1, max_value: 3}",
         "v",
         {{texts, 0}, {V("'', 'abcd', 'a'"), 2}, {V(""), 0}}},
        {"expect_column_value_lengths_to_equal: {value: 3}",
         "v",
         {{texts, 0}, {V("'a', 'abc'"), 1}}},
        {"expect_column_values_to_match_regex: {regex: '^a.c$'}",
         "v",
         {{V("'abc', NULL"), 0}, {V("'abd', 'ABC'"), 2}}},
        {"expect_column_values_to_match_regex: {regex: '^a', flags: i}", "v", {{V("'ABC'"), 0}}},
        {"expect_column_values_to_not_match_regex: {regex: '[0-9]'}",
         "v",
         {{texts, 0}, {V("'a1', 'b'"), 1}}},
        {"expect_column_values_to_match_regex_list: {regex_list: ['^a', '^b']}",
         "v",
         {{V("'a', 'b', NULL"), 0}, {V("'c', 'a'"), 1}}},
        {"expect_column_values_to_match_regex_list: {regex_list: ['^a', 'z$'], match_on: all}",
         "v",
         {{V("'az'"), 0}, {V("'a', 'z'"), 2}}},
        {"expect_column_values_to_not_match_regex_list: {regex_list: ['^a', '^b'], match_on: all}",
         "v",
         {{V("'c', NULL"), 0}, {V("'a', 'b'"), 2}}},
        {"expect_column_values_to_match_like_pattern: {like_pattern: 'a%'}",
         "v",
         {{texts, 0}, {V("'b', 'a'"), 1}}},
        {"expect_column_values_to_not_match_like_pattern: {like_pattern: 'b%'}",
         "v",
         {{texts, 0}, {V("'b', 'bb'"), 2}}},
        {"expect_column_values_to_match_like_pattern_list: {like_pattern_list: ['a%', 'b%']}",
         "v",
         {{V("'a', 'b'"), 0}, {V("'c'"), 1}}},
        {"expect_column_values_to_not_match_like_pattern_list: {like_pattern_list: ['a%', 'b%'], "
         "match_on: all}",
         "v",
         {{V("'c'"), 0}, {V("'a', 'b', 'c'"), 2}}},
        {"expect_column_values_to_have_consistent_casing",
         "v",
         {{V("'a', 'b', 'a', NULL"), 0}, {V("'a', 'A', 'b', 'B'"), 1}, {V("'x'"), 0}}},
        {"expect_column_values_to_have_consistent_casing: {display_inconsistent_columns: true}",
         "v",
         {{V("'a', 'A', 'b', 'B'"), 2}}},
        {"expect_column_values_to_be_of_type: {column_type: int}",
         "v",
         {{V("1"), 0}, {V("'a'"), 1}, {V(""), 0}, {"SELECT 1 AS other", 1}}},
        {"expect_column_values_to_be_of_type: {column_type: numeric}", "v", {{V("1.5"), 0}}},
        {"expect_column_values_to_be_in_type_list: {column_type_list: [string, bigint]}",
         "v",
         {{V("'a'"), 0}, {V("1"), 1}}},
        {"expect_column_values_to_be_json_parseable",
         "v",
         {{V("'{}', '[1]', NULL"), 0}, {V("'{', 'x'"), 2}}},
        {"expect_column_values_to_match_strftime_format: {strftime_format: '%Y-%m-%d'}",
         "v",
         {{V("'2024-02-29', NULL"), 0}, {V("'2024-02-30', '29.2.2024'"), 2}}},
        {"expect_column_values_to_be_dateutil_parseable",
         "v",
         {{V("'2024-02-29', '2024-02-29 10:00:00', NULL"), 0}, {V("'soon'"), 1}}},
    };
}

std::vector<Case> SetCases() {
    return {
        {"at_least_one", "v", {{V("NULL, 1"), 0}, {V("NULL, NULL"), 1}, {V(""), 1}}},
        {"at_least_one: {group_by_columns: [g]}",
         "v",
         {{Gv("(1, 1), (2, 2)"), 0}, {Gv("(1, 1), (2, NULL), (3, NULL)"), 2}}},
        {"not_constant", "v", {{V("1, 2"), 0}, {V("1, 1, NULL"), 1}, {V(""), 0}}},
        {"not_constant: {group_by_columns: [g]}", "v", {{Gv("(1, 1), (1, 1), (2, 1), (2, 2)"), 1}}},
        {"not_null_proportion: {at_least: 0.5}",
         "v",
         {{V("1, NULL"), 0}, {V("1, NULL, NULL"), 1}, {V(""), 0}}},
        {"not_null_proportion: {at_least: 0, at_most: 0.5}", "v", {{V("1, 2, NULL"), 1}}},
        {"expect_column_distinct_values_to_be_in_set: {value_set: [a, b]}",
         "v",
         {{V("'a', 'a'"), 0}, {V("'c', 'c', 'd', NULL"), 3}, {V(""), 0}}},
        {"expect_column_distinct_values_to_contain_set: {value_set: [a, b]}",
         "v",
         {{V("'a', 'b', 'c'"), 0}, {V("'a'"), 1}, {V(""), 2}}},
        {"expect_column_distinct_values_to_equal_set: {value_set: [1, 2]}",
         "v",
         {{V("1, 2, 2"), 0}, {V("1, 3, 4"), 3}, {V(""), 2}}},
        {"expect_column_most_common_value_to_be_in_set: {value_set: [a], top_n: 1}",
         "v",
         {{V("'a', 'a', 'b'"), 0}, {V("'b', 'b', 'a'"), 1}, {V(""), 0}}},
        {"expect_column_most_common_value_to_be_in_set: {value_set: [1], top_n: 2, quote_values: "
         "false}",
         "v",
         {{V("2, 2, 1"), 0}, {V("2, 2, 3"), 1}}},
        {"expect_column_values_to_be_within_n_stdevs: {group_by: [g], sigma_threshold: 1}",
         "v",
         {{Gv("(1, 1), (2, 1), (3, 1)"), 0}, {Gv("(1, 1), (2, 1), (3, 1), (4, 9)"), 1}}},
        {"expect_column_value_z_scores_to_be_less_than: {threshold: 1.4}",
         "v",
         {{V("1, 1, 2, 2"), 0}, {V("1, 1, 1, 9, NULL"), 1}, {V(""), 0}}},
    };
}

// Of one number that must lie between bounds.
Case Bounds(const std::string& check, const std::string& bounds, const std::string& well,
            const std::string& badly, int64_t of_none = 0) {
    return {check + ": {" + bounds + "}", "v", {{V(well), 0}, {V(badly), 1}, {V(""), of_none}}};
}

std::vector<Case> AggregateCases() {
    return {
        {"expression_is_true: {expression: '>= 0'}", "v", {{V("0, NULL"), 0}, {V("-1, 1, -2"), 2}}},
        {"dbt_utils.expression_is_true: {expression: a < b}",
         "",
         {{Ab("(1, 2)"), 0}, {Ab("(2, 1), (1, NULL)"), 1}, {Ab(""), 0}}},
        Bounds("expect_column_max_to_be_between", "max_value: 5", "5, NULL", "6, 1"),
        Bounds("expect_column_min_to_be_between", "min_value: 1", "1, NULL", "0, 9"),
        Bounds("expect_column_mean_to_be_between", "min_value: 2, max_value: 3", "1, 3, NULL", "9"),
        Bounds("expect_column_median_to_be_between", "min_value: 2, max_value: 2", "1, 2, 90",
               "1, 4"),
        Bounds("expect_column_quantile_values_to_be_between", "quantile: 0.5, max_value: 2",
               "1, 2, 90", "3"),
        Bounds("expect_column_stdev_to_be_between", "max_value: 1", "1, 2", "1, 9"),
        Bounds("expect_column_sum_to_be_between", "min_value: 3, max_value: 3", "1, 2, NULL", "4"),
        Bounds("expect_column_unique_value_count_to_be_between", "min_value: 2", "1, 2, 2",
               "1, 1, NULL", 1),
        Bounds("expect_column_proportion_of_unique_values_to_be_between", "min_value: 0.6",
               "1, 2, 2, NULL", "1, 1"),
        Bounds("expect_column_proportion_of_non_null_values_to_be_between", "min_value: 0.6",
               "1, 2, NULL", "1, NULL"),
        {"expect_column_sum_to_be_between: {max_value: 3, group_by: [g], row_condition: g < 9}",
         "v",
         {{Gv("(1, 1), (1, 2), (2, 3), (9, 99)"), 0}, {Gv("(1, 4), (2, 5), (3, 1)"), 2}}},
        {"expect_column_max_to_be_between: {max_value: 5, strict_max: true}", "v", {{V("5"), 1}}},
        {"expect_column_distinct_count_to_equal: {value: 2}",
         "v",
         {{V("1, 2, 2, NULL"), 0}, {V("1"), 1}, {V(""), 1}}},
        {"expect_column_distinct_count_to_be_greater_than: {value: 1}",
         "v",
         {{V("1, 2"), 0}, {V("1, 1"), 1}}},
        {"expect_column_distinct_count_to_be_less_than: {value: 2}",
         "v",
         {{V("1, 1"), 0}, {V("1, 2"), 1}}},
        {"expect_table_row_count_to_be_between: {min_value: 1, max_value: 2}",
         "",
         {{V("1, NULL"), 0}, {V("1, 2, 3"), 1}, {V(""), 1}}},
        {"expect_table_row_count_to_equal: {value: 2, group_by: [g]}",
         "",
         {{Gv("(1, 1), (1, 2)"), 0}, {Gv("(1, 1), (2, 1)"), 2}}},
        {"expression_between: {expression: sum(v), min_value: 1}",
         "",
         {{V("1"), 0}, {V("0"), 1}, {V(""), 0}}},
        {"dbt_expectations.expression_is_true: {expression: v >= 0}",
         "",
         {{V("0, NULL"), 0}, {V("-1, -1"), 2}}},
        {"dbt_expectations.expression_is_true: {expression: sum(v), test_condition: '> 1', "
         "group_by_columns: [g]}",
         "",
         {{Gv("(1, 2)"), 0}, {Gv("(1, 1), (2, 1)"), 2}}},
    };
}

std::vector<Case> ColumnsCases() {
    return {
        {"unique_combination_of_columns: {combination_of_columns: [a, b]}",
         "",
         {{Ab("(1, 1), (1, 2)"), 0}, {Ab("(1, NULL), (1, NULL), (2, 2), (2, 2)"), 2}, {Ab(""), 0}}},
        {"mutually_exclusive_ranges: {lower_bound_column: a, upper_bound_column: b}",
         "",
         {{Ab("(1, 2), (2, 3), (5, 9)"), 0}, {Ab("(1, 3), (2, 4), (9, 9)"), 2}, {Ab(""), 0}}},
        {"mutually_exclusive_ranges: {lower_bound_column: a, upper_bound_column: b, gaps: "
         "not_allowed, zero_length_range_allowed: true}",
         "",
         {{Ab("(1, 1), (1, 3)"), 0}, {Ab("(1, 2), (3, 4)"), 1}}},
        {"mutually_exclusive_ranges: {lower_bound_column: a, upper_bound_column: b, gaps: "
         "required}",
         "",
         {{Ab("(1, 2), (3, 4)"), 0}, {Ab("(1, 2), (2, 4)"), 1}}},
        {"expect_column_pair_values_A_to_be_greater_than_B: {column_A: a, column_B: b}",
         "",
         {{Ab("(2, 1), (NULL, 1)"), 0}, {Ab("(1, 1), (1, 2)"), 2}, {Ab(""), 0}}},
        {"expect_column_pair_values_a_to_be_greater_than_b: {column_a: a, column_b: b, or_equal: "
         "true}",
         "",
         {{Ab("(1, 1)"), 0}}},
        {"expect_column_pair_values_to_be_equal: {column_A: a, column_B: b}",
         "",
         {{Ab("(1, 1), (NULL, 1)"), 0}, {Ab("(1, 2)"), 1}, {Ab(""), 0}}},
        {"expect_column_pair_values_to_be_in_set: {column_A: a, column_B: b, value_pairs_set: [[1, "
         "2], [2, 3]]}",
         "",
         {{Ab("(1, 2), (2, 3)"), 0}, {Ab("(1, 3), (3, 2)"), 2}, {Ab(""), 0}}},
        {"expect_compound_columns_to_be_unique: {column_list: [a, b]}",
         "",
         {{Ab("(1, 1), (1, 2), (NULL, NULL), (NULL, NULL)"), 0},
          {Ab("(1, NULL), (1, NULL)"), 1},
          {Ab(""), 0}}},
        {"expect_compound_columns_to_be_unique: {column_list: [a, b], ignore_row_if: "
         "any_value_is_missing}",
         "",
         {{Ab("(1, NULL), (1, NULL)"), 0}}},
        {"expect_select_column_values_to_be_unique_within_record: {column_list: [a, b]}",
         "",
         {{Ab("(1, 2), (NULL, NULL)"), 0}, {Ab("(1, 1), (2, 2)"), 2}, {Ab(""), 0}}},
        {"expect_multicolumn_sum_to_equal: {column_list: [a, b], sum_total: 10}",
         "",
         {{Ab("(1, 2), (3, 4)"), 0}, {Ab("(1, 1)"), 1}, {Ab(""), 0}}},
    };
}

std::vector<Case> TableCases() {
    const std::string two = Ab("(1, 2)");
    const std::string three = "SELECT 1 AS b, 2 AS a, 3 AS secret";
    return {
        {"expect_column_to_exist", "b", {{two, 0}, {V("1"), 1}, {Ab(""), 0}}},
        {"expect_column_to_exist: {column_index: 1}", "b", {{three, 0}, {two, 1}}},
        {"expect_table_column_count_to_be_between: {min_value: 1, max_value: 2}",
         "",
         {{two, 0}, {three, 1}}},
        {"expect_table_column_count_to_equal: {value: 2}", "", {{two, 0}, {three, 1}, {Ab(""), 0}}},
        {"expect_table_column_count_to_equal_other_table: {compare_model: ref('others')}",
         "",
         {{V("1"), 0}, {two, 1}}},
        {"expect_table_columns_to_contain_set: {column_list: [A, b]}",
         "",
         {{three, 0}, {V("1"), 2}, {Ab(""), 0}}},
        {"expect_table_columns_to_match_set: {column_list: [B, a]}",
         "",
         {{two, 0}, {three, 1}, {V("1"), 3}}},
        {"expect_table_columns_to_match_set: {column_set: [a], exact_match: false}",
         "",
         {{three, 0}, {V("1"), 1}}},
        {"expect_table_columns_to_match_ordered_list: {column_list: [a, b]}",
         "",
         {{two, 0}, {"SELECT 1 AS b, 2 AS a", 4}}},
        {"expect_table_columns_to_not_contain_set: {column_list: [secret, v]}",
         "",
         {{two, 0}, {three, 1}}},
    };
}

std::vector<Case> OtherTableCases() {
    return {
        {"equal_rowcount: {compare_model: ref('others')}",
         "",
         {{V("7, 8, 9"), 0}, {V("1"), 2}, {V("1, 2, 3, 4"), 1}, {V(""), 3}}},
        {"fewer_rows_than: {compare_model: ref('others')}",
         "",
         {{V("1"), 0}, {V("1, 2, 3"), 1}, {V("1, 2, 3, 4, 5"), 2}, {V(""), 0}}},
        {"equality: {compare_model: ref('others')}",
         "",
         {{V("3, 2, 1"), 0}, {V("1, 2, 4"), 2}, {V("1, 2"), 2}, {V(""), 6}}},
        {"equality: {compare_model: ref('pairs'), compare_columns: [b]}",
         "",
         {{Ab("(9, 2), (9, 4)"), 0}, {Ab("(1, 2)"), 2}}},
        {"equality: {compare_model: ref('pairs'), exclude_columns: [a], precision: 1}",
         "",
         {{Ab("(9, 2), (9, 4)"), 0}, {Ab("(1, 2), (3, 5)"), 2}}},
        {"equality: {compare_model: ref('pairs')}",
         "",
         {{"SELECT b, a FROM (" + Ab("(1, 2), (3, 4)") + ")", 0}}},
        {"cardinality_equality: {to: ref('others'), field: v}",
         "v",
         {{V("3, 2, 1"), 0}, {V("1, 1, 2"), 3}, {V(""), 3}}},
        {"expect_table_aggregation_to_equal_other_table: {compare_model: ref('others'), "
         "expression: "
         "sum(v)}",
         "",
         {{V("6"), 0}, {V("7"), 1}, {V(""), 1}}},
        {"expect_table_aggregation_to_equal_other_table: {compare_model: ref('others'), "
         "expression: "
         "sum(v), tolerance: 1}",
         "",
         {{V("7"), 0}, {V("8"), 1}}},
        {"equal_expression: {expression: sum(v), compare_expression: count(*), tolerance_percent: "
         "0.1}",
         "",
         {{V("1, 1"), 0}, {V("2, 2"), 1}}},
        {"expect_table_row_count_to_equal_other_table: {compare_model: ref('others')}",
         "",
         {{V("1, 2, 3"), 0}, {V("1"), 1}, {V(""), 1}}},
        {"expect_table_row_count_to_equal_other_table_times_factor: {compare_model: ref('pairs'), "
         "factor: 2}",
         "",
         {{V("1, 2, 3, 4"), 0}, {V("1"), 1}}},
        {"expect_column_distinct_count_to_equal_other_table: {compare_model: ref('pairs'), "
         "compare_column_name: b}",
         "v",
         {{V("1, 2, 2"), 0}, {V("1"), 1}}},
    };
}

std::vector<Case> TimeCases() {
    const std::string none = HoursAgo("1") + " WHERE false";
    const auto days = [](const std::string& dates) {
        return "SELECT CAST(d AS DATE) AS seen FROM (SELECT unnest([" + dates + "]) AS d)";
    };
    const std::string sums =
        "SELECT CAST(now() - to_days(CAST(d AS INTEGER)) AS DATE) AS seen, CASE WHEN d = 1 THEN {} "
        "ELSE 10 + d % 2 END AS v FROM range(1, 20) AS t(d)";
    return {
        {"recency: {field: seen, datepart: hour, interval: 3}",
         "",
         {{HoursAgo("1, 9"), 0}, {HoursAgo("4, 9, NULL"), 1}, {none, 1}}},
        {"recency: {field: seen, datepart: hour, interval: 3, group_by_columns: [g]}",
         "",
         {{HoursAgo("1"), 0}, {HoursAgo("4"), 1}, {none, 0}}},
        {"recency: {field: seen, datepart: day, interval: 9, ignore_time_component: true}",
         "",
         {{HoursAgo("216"), 0}, {HoursAgo("264"), 1}}},
        {"expect_row_values_to_have_recent_data: {datepart: hour, interval: 3}",
         "v",
         {{HoursAgo("1"), 0}, {HoursAgo("4, -9"), 1}, {none, 1}}},
        {"expect_grouped_row_values_to_have_recent_data: {group_by: [g], timestamp_column: seen, "
         "datepart: hour, interval: 3}",
         "",
         {{HoursAgo("1, 9"), 0}, {HoursAgo("4, 9"), 1}, {none, 0}}},
        {"expect_row_values_to_have_data_for_every_n_datepart: {date_col: seen}",
         "",
         {{days("'2024-01-01', '2024-01-02', '2024-01-03'"), 0},
          {days("'2024-01-01', '2024-01-04'"), 2},
          {days("'2024-01-01'") + " WHERE false", 0}}},
        {"expect_row_values_to_have_data_for_every_n_datepart: {date_col: seen, date_part: day, "
         "interval: 2, test_start_date: 2024-01-01, test_end_date: 2024-01-07, "
         "exclusion_condition: "
         "\"date_day <> '2024-01-05'\"}",
         "",
         {{days("'2024-01-01', '2024-01-04'"), 0}, {days("'2024-01-01'"), 1}}},
        {"expect_column_values_to_be_within_n_moving_stdevs: {date_column_name: seen, take_diffs: "
         "false, take_logs: false}",
         "v",
         {{fmt::format(fmt::runtime(sums), 11), 0}, {fmt::format(fmt::runtime(sums), 90), 1}}},
    };
}

std::vector<Case> MetricCases() {
    return {
        {"row_count", "", {{V("1"), 0}, {V(""), 1}}},
        {"odcs.rowCount: {mustBeBetween: [2, 3]}", "", {{V("1, 2"), 0}, {V("1"), 1}}},
        {"missing_count", "v", {{V("1"), 0}, {V("1, NULL, NULL"), 1}, {V(""), 0}}},
        {"soda.missing_count: {missing_values: [n/a, ''], must_be_less_than: 3}",
         "v",
         {{V("'n/a', '', 'x'"), 0}, {V("'n/a', '', NULL"), 1}}},
        {"odcs.nullValues: {mustBeLessThan: 50, unit: percent}",
         "v",
         {{V("1, 2, NULL"), 0}, {V("1, NULL"), 1}, {V(""), 0}}},
        {"missing_percent: {mustBeLessThan: 50}", "v", {{V("1, 2, NULL"), 0}, {V("1, NULL"), 1}}},
        {"invalid_count: {valid_values: [a, b]}",
         "v",
         {{V("'a', NULL"), 0}, {V("'c', 'd'"), 1}, {V(""), 0}}},
        {"invalidValues: {validValues: [a], missingValues: [n/a]}",
         "v",
         {{V("'a', 'n/a'"), 0}, {V("'b'"), 1}}},
        {"invalidValues: {pattern: '[a-z]+', mustBeLessOrEqualTo: 1}",
         "v",
         {{V("'a', 'A'"), 0}, {V("'A', '1'"), 1}}},
        {"invalid_percent: {valid_min: 0, mustBeLessThan: 50}",
         "v",
         {{V("1, 2, -1"), 0}, {V("1, -1"), 1}}},
        {"duplicate_count", "v", {{V("1, 2, NULL, NULL"), 0}, {V("1, 1, 1"), 1}, {V(""), 0}}},
        {"duplicate_count: {mustBe: 2}", "v", {{V("1, 1, 1, 2, 2, 3"), 0}}},
        {"duplicate_percent: {mustBeLessThan: 51}",
         "v",
         {{V("1, 1, 2, 3"), 0}, {V("1, 1, 2, NULL"), 1}, {V(""), 0}}},
        {"duplicateValues", "v", {{V("1, 2, NULL, NULL"), 0}, {V("1, 1, 1"), 1}}},
        {"duplicateValues: {properties: [a, b], mustBe: 1}",
         "",
         {{Ab("(1, 1), (1, 1)"), 0}, {Ab("(1, 1), (1, 2)"), 1}}},
        {"freshness: {unit: hour, mustBeLessThan: 3}",
         "v",
         {{HoursAgo("2, 9"), 0}, {HoursAgo("4"), 1}, {HoursAgo("1") + " WHERE false", 1}}},
        {"avg: {mustBeBetween: [1, 2]}", "v", {{V("1, 2, NULL"), 0}, {V("9"), 1}, {V(""), 1}}},
        {"soda.min: {mustBeGreaterThan: 0}", "v", {{V("1, 2"), 0}, {V("0"), 1}}},
        {"soda.max: {mustBeLessThan: 9}", "v", {{V("8"), 0}, {V("9"), 1}}},
        {"soda.sum: {mustBe: 3}", "v", {{V("1, 2"), 0}, {V("1"), 1}}},
        {"stddev: {mustBeLessThan: 1}", "v", {{V("1, 2"), 0}, {V("1, 9"), 1}}},
        {"avg_length: {mustBe: 2}", "v", {{V("'a', 'abc', NULL"), 0}, {V("'a'"), 1}}},
        {"min_length: {mustBeGreaterThan: 0}", "v", {{V("'a', NULL"), 0}, {V("'', 'a'"), 1}}},
        {"max_length: {mustBeLessThan: 3, mustNotBe: 1}",
         "v",
         {{V("'ab'"), 0}, {V("'a'"), 1}, {V("'abc'"), 1}}},
    };
}

std::vector<Case> AllCases() {
    std::vector<Case> all;
    for (auto cases : {ValueCases(), PatternCases(), SetCases(), AggregateCases(), ColumnsCases(),
                       OtherTableCases(), TableCases(), TimeCases(), MetricCases()})
        all.insert(all.end(), cases.begin(), cases.end());
    return all;
}

class SetCheckTest : public testing::Test {
protected:
    SetCheckTest() {
        lake_.Run("CREATE TEMP TABLE others AS " + V("1, 2, 3"));
        lake_.Run("CREATE TEMP TABLE pairs AS " + Ab("(1, 2), (3, 4)"));
    }

    static quality::DataTest Parsed(const std::string& yaml, const std::string& column) {
        return quality::ParseDataTest(YamlNode::Parse(yaml, "m.yml"), "t", column);
    }

    int64_t Failures(const Case& one, const std::string& rows) {
        const quality::DataTest test = Parsed(one.test, one.column);
        const quality::SetCheck* check = quality::FindSetCheck(test.word);
        if (check == nullptr) throw Error(ErrorKind::kInternal, "there is no such check");
        quality::CheckArguments(*check, test);
        quality::TestWriting writing;
        writing.table = [](const std::string& text) {
            return text.substr(5, text.size() - 7);  // ref('others')
        };
        const std::string failing = quality::FailingRows(*check, test, "(" + rows + ")", writing);
        const std::string count =
            check->fail_calc.empty() ? "count(*)" : std::string(check->fail_calc);
        return std::stoll(lake_.One(
            fmt::format("SELECT coalesce({}, 0) FROM (\n{}\n) AS failing", count, failing)));
    }

    LakeFiles files_;
    storage::LocalStore store_;
    OpenLake lake_{files_.path(), store_};
};

TEST_F(SetCheckTest, EachCheckGivesTheFailuresThatItMust) {
    for (const Case& one : AllCases()) {
        for (const Tried& tried : one.tried) {
            SCOPED_TRACE(one.test + " of " + tried.rows);
            try {
                EXPECT_EQ(Failures(one, tried.rows), tried.failures);
            } catch (const Error& error) {
                ADD_FAILURE() << error.what();
            }
        }
    }
}

TEST_F(SetCheckTest, EachCheckIsTriedWhereItHoldsAndWhereItDoesNot) {
    std::set<const quality::SetCheck*> held;
    std::set<const quality::SetCheck*> broken;
    for (const Case& one : AllCases()) {
        const auto* check = quality::FindSetCheck(Parsed(one.test, one.column).word);
        for (const Tried& tried : one.tried) (tried.failures == 0 ? held : broken).insert(check);
    }
    for (const quality::SetCheck& check : quality::SetChecks()) {
        // Judged by history, or by the statement alone: tests of their own.
        if (check.by_history || check.name == "expect_table_to_exist") continue;
        EXPECT_TRUE(held.contains(&check) && broken.contains(&check)) << check.name;
    }
}

TEST_F(SetCheckTest, ATableThatIsNotThereFailsTheStatement) {
    const Case exists{"expect_table_to_exist", "", {}};
    EXPECT_EQ(Failures(exists, "SELECT * FROM others"), 0);
    EXPECT_THROW(Failures(exists, "SELECT * FROM nobody"), Error);
}

}  // namespace
}  // namespace tarn::pipeline
