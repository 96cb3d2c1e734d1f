// Checks of what a table is: is it there, which columns has it.
#include "base/text.h"
#include "quality/check_sql.h"
#include "sql/quote.h"

namespace tarn::quality {
namespace {

// Nothing fails but the statement, where there is no such table.
std::string TableExists(const CheckCall& call) {
    return fmt::format("SELECT * FROM {} LIMIT 0", call.Rows());
}

std::string ColumnExists(const CheckCall& call) {
    std::string is_it = fmt::format("lower(name) = lower({})",
                                    sql::QuoteLiteral(sql::UnquoteIdentifier(call.Column())));
    if (call.Has("column_index")) is_it += " AND place = " + call.Sql("column_index");
    return fmt::format(
        "SELECT {} AS missing_column WHERE NOT EXISTS (SELECT 1 FROM {} AS columns WHERE {})",
        sql::QuoteLiteral(call.Column()), ColumnsOf(call.Rows()), is_it);
}

std::string CountOfColumns(const CheckCall& call, const std::string& must_hold) {
    return fmt::format(
        "SELECT * FROM (SELECT count(*) AS measured FROM {} AS columns) AS counted WHERE NOT ({})",
        ColumnsOf(call.Rows()), must_hold);
}

std::string ColumnsBetween(const CheckCall& call) {
    return CountOfColumns(call, InBounds(call, "measured"));
}

std::string ColumnsEqual(const CheckCall& call) {
    return CountOfColumns(call, "measured = " + call.Sql("value"));
}

std::string ColumnsEqualOther(const CheckCall& call) {
    return CountOfColumns(call, fmt::format("measured = (SELECT count(*) FROM {} AS others)",
                                            ColumnsOf(call.Table("compare_model"))));
}

// The columns that are listed, with their places.
std::string Listed(const CheckCall& call) {
    std::vector<std::string> rows;
    for (const std::string& name : call.Literals("column_list"))
        rows.push_back(fmt::format("({}, {})", name, rows.size() + 1));
    return fmt::format("(VALUES {}) AS listed(name, place)", Join(rows, ", "));
}

std::string Lacking(const CheckCall& call) {
    return fmt::format(
        "SELECT listed.name, 'missing' AS what FROM {} WHERE NOT EXISTS (SELECT 1 FROM {} AS "
        "columns WHERE lower(columns.name) = lower(listed.name))",
        Listed(call), ColumnsOf(call.Rows()));
}

std::string Unlisted(const CheckCall& call) {
    return fmt::format(
        "SELECT columns.name, 'not listed' AS what FROM {} AS columns WHERE NOT EXISTS (SELECT 1 "
        "FROM {} WHERE lower(columns.name) = lower(listed.name))",
        ColumnsOf(call.Rows()), Listed(call));
}

std::string MatchSet(const CheckCall& call) {
    if (!call.Flag("exact_match")) return Lacking(call);
    return Lacking(call) + "\nUNION ALL\n" + Unlisted(call);
}

std::string MatchList(const CheckCall& call) {
    return fmt::format(
        "SELECT coalesce(listed.name, columns.name) AS name, listed.place AS listed_place, "
        "columns.place FROM {} FULL JOIN {} AS columns ON lower(columns.name) = lower(listed.name) "
        "AND columns.place = listed.place WHERE listed.name IS NULL OR columns.name IS NULL",
        Listed(call), ColumnsOf(call.Rows()));
}

std::string NotContain(const CheckCall& call) {
    return fmt::format(
        "SELECT listed.name, 'there' AS what FROM {} WHERE EXISTS (SELECT 1 FROM {} AS columns "
        "WHERE lower(columns.name) = lower(listed.name))",
        Listed(call), ColumnsOf(call.Rows()));
}

constexpr std::array kTransform = {
    CheckArgument{"transform", Kind::kWord, "upper", false, {}, "upper lower"}};
constexpr std::array kColumn =
    Joined(std::array{CheckArgument{"column_index", Kind::kNumber}}, kTransform);
constexpr std::array kBetween = {CheckArgument{"min_value", Kind::kNumber},
                                 CheckArgument{"max_value", Kind::kNumber},
                                 CheckArgument{"strictly", Kind::kFlag, "false"},
                                 CheckArgument{"strict_min", Kind::kFlag, "false"},
                                 CheckArgument{"strict_max", Kind::kFlag, "false"}};
constexpr std::array kValue = {CheckArgument{"value", Kind::kNumber, {}, true}};
constexpr std::array kOther = {CheckArgument{"compare_model", Kind::kTable, {}, true}};
constexpr std::array kList = Joined(
    std::array{CheckArgument{"column_list", Kind::kTexts, {}, true, "column_set"}}, kTransform);
constexpr std::array kExactList =
    Joined(kList, std::array{CheckArgument{"exact_match", Kind::kFlag, "true"}});

constexpr CheckSubject kTable = CheckSubject::kTable;
constexpr std::string_view kExpectations = "dbt_expectations great_expectations";

constexpr SetCheck kChecks[] = {
    {"expect_table_to_exist", kExpectations, "", kTable, {}, "there is such a table", TableExists},
    {"expect_column_to_exist", kExpectations, "", CheckSubject::kColumn, kColumn,
     "the table has the column, at this place where one is said", ColumnExists, "column_index: 1"},
    {"expect_table_column_count_to_be_between", kExpectations, "", kTable, kBetween,
     "the table has so many columns", ColumnsBetween, "min_value: 1", kBoundNeeds},
    {"expect_table_column_count_to_equal", kExpectations, "", kTable, kValue,
     "the table has so many columns", ColumnsEqual, "value: 2"},
    {"expect_table_column_count_to_equal_other_table", kExpectations, "", kTable, kOther,
     "both tables have as many columns", ColumnsEqualOther, "compare_model: ref('others')"},
    {"expect_table_columns_to_contain_set", kExpectations, "", kTable, kList,
     "the table has these columns. A failure a column", Lacking, "column_list: [a, b]"},
    {"expect_table_columns_to_match_set", kExpectations, "", kTable, kExactList,
     "the table has these columns and no others. A failure a column", MatchSet,
     "column_list: [a, b]"},
    {"expect_table_columns_to_match_ordered_list", kExpectations, "", kTable, kList,
     "the table has these columns, in this order. A failure a column and place", MatchList,
     "column_list: [a, b]"},
    {"expect_table_columns_to_not_contain_set", kExpectations, "", kTable, kList,
     "the table has none of these columns. A failure a column", NotContain,
     "column_list: [secret]"},
};

}  // namespace

std::span<const SetCheck> TableChecks() { return kChecks; }

}  // namespace tarn::quality
