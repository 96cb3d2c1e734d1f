// Checks of each value of a column: is it there, is it one of those allowed, how large is it, does
// it follow the one before.
#include "base/text.h"
#include "quality/check_sql.h"

namespace tarn::quality {
namespace {

std::string NotNull(const CheckCall& call) {
    return EachRowWithNulls(call, call.Column() + " IS NULL");
}

std::string Null(const CheckCall& call) {
    return EachRowWithNulls(call, call.Column() + " IS NOT NULL");
}

std::string Unique(const CheckCall& call) {
    return fmt::format(
        "SELECT {0} AS value, count(*) AS n FROM {1} WHERE {0} IS NOT NULL GROUP BY {0} "
        "HAVING count(*) > 1",
        call.Column(), call.Rows());
}

std::string AcceptedValues(const CheckCall& call) {
    return fmt::format(
        "SELECT {0} AS value, count(*) AS n FROM {1} WHERE {0} NOT IN ({2}) GROUP BY {0}",
        call.Column(), call.Rows(), Join(call.Values("values"), ", "));
}

std::string NotAcceptedValues(const CheckCall& call) {
    return fmt::format(
        "SELECT {0} AS value, count(*) AS n FROM {1} WHERE {0} IN ({2}) GROUP BY {0}",
        call.Column(), call.Rows(), Join(call.Values("values"), ", "));
}

std::string InSet(const CheckCall& call) {
    return EachRowWithNulls(call, fmt::format("({} IN ({})) IS NOT TRUE", call.Column(),
                                              Join(call.Values("value_set"), ", ")));
}

std::string NotInSet(const CheckCall& call) {
    return EachRow(call,
                   fmt::format("{} IN ({})", call.Column(), Join(call.Values("value_set"), ", ")));
}

std::string AcceptedRange(const CheckCall& call) {
    const std::string equal = call.Flag("inclusive") ? "=" : "";
    std::vector<std::string> broken;
    if (call.Has("min_value"))
        broken.push_back(fmt::format("NOT {} >{} {}", call.Column(), equal, call.Sql("min_value")));
    if (call.Has("max_value"))
        broken.push_back(fmt::format("NOT {} <{} {}", call.Column(), equal, call.Sql("max_value")));
    return fmt::format("SELECT * FROM {} WHERE {}", call.Rows(), Join(broken, " OR "));
}

std::string Between(const CheckCall& call) {
    return EachRow(call, fmt::format("NOT ({})", InBounds(call, call.Column())));
}

std::string NotEmpty(const CheckCall& call) {
    const std::string value =
        call.Flag("trim_whitespace") ? fmt::format("trim({})", call.Column()) : call.Column();
    return fmt::format("SELECT * FROM {} WHERE {} = ''", call.Rows(), value);
}

// Each value against the one before it.
std::string InOrder(const CheckCall& call, bool is_rising) {
    const std::vector<std::string> groups = call.Columns("group_by");
    const std::string sort = call.Has("sort_column") ? call.Sql("sort_column") : call.Column();
    std::string must =
        fmt::format("value {}{} before", is_rising ? ">" : "<", call.Flag("strictly") ? "" : "=");
    if (call.Has("step")) {
        must += fmt::format(" AND {} = {}", is_rising ? "value - before" : "before - value",
                            call.Sql("step"));
    }
    return fmt::format(
        "SELECT * FROM (SELECT {0} AS value, lag({0}) OVER ({1}ORDER BY {2}) AS before FROM {3}) "
        "AS ordered WHERE before IS NOT NULL AND NOT ({4})",
        call.Column(), PartitionBy(groups), sort, call.Rows(), must);
}

std::string Increasing(const CheckCall& call) { return InOrder(call, true); }
std::string Decreasing(const CheckCall& call) { return InOrder(call, false); }

std::string Sequential(const CheckCall& call) {
    const std::string part = call.Text("datepart");
    const std::string must =
        part.empty() ? fmt::format("value = before + {}", call.Sql("interval"))
                     : fmt::format("CAST(value AS TIMESTAMP) = CAST(before AS TIMESTAMP) + {}",
                                   Interval(call.Sql("interval"), part));
    return fmt::format(
        "SELECT * FROM (SELECT {0} AS value, lag({0}) OVER ({1}ORDER BY {0}) AS before FROM {2}) "
        "AS ordered WHERE NOT ({3})",
        call.Column(), PartitionBy(call.Columns("group_by_columns")), call.Rows(), must);
}

std::string Relationships(const CheckCall& call) {
    return fmt::format(
        "SELECT child.value FROM (SELECT {} AS value FROM {}) AS child WHERE child.value IS NOT "
        "NULL AND NOT EXISTS (SELECT 1 FROM {} AS parent WHERE parent.{} = child.value)",
        call.Column(), call.Rows(), call.Table("to"), call.Columns("field").at(0));
}

std::string RelationshipsWhere(const CheckCall& call) {
    return fmt::format(
        "SELECT child.value FROM (SELECT {0} AS value FROM {1} WHERE {2}\n) AS child WHERE "
        "child.value IS NOT NULL AND NOT EXISTS (SELECT 1 FROM (SELECT {3} AS value FROM {4} "
        "WHERE {5}\n) AS parent WHERE parent.value = child.value)",
        call.Column(), call.Rows(), call.Sql("from_condition"), call.Columns("field").at(0),
        call.Table("to"), call.Sql("to_condition"));
}

constexpr std::array kQuoted = {CheckArgument{"quote_values", Kind::kFlag, "true", false, "quote"}};
constexpr std::array kValues =
    Joined(std::array{CheckArgument{"values", Kind::kValues, {}, true, "valid_values"}}, kQuoted);
constexpr std::array kValueSet =
    Joined(Joined(std::array{CheckArgument{"value_set", Kind::kValues, {}, true}}, kQuoted), kRow);
constexpr std::array kRange = {CheckArgument{"min_value"}, CheckArgument{"max_value"},
                               CheckArgument{"inclusive", Kind::kFlag, "true"}};
constexpr std::array kBetween = Joined(kBounds, kRow);
constexpr std::array kTrim = {CheckArgument{"trim_whitespace", Kind::kFlag, "true"}};
constexpr std::array kOrder =
    Joined(kGrouped,
           std::array{CheckArgument{"sort_column"}, CheckArgument{"strictly", Kind::kFlag, "true"},
                      CheckArgument{"step", Kind::kNumber}});
constexpr std::array kSequence = Joined(
    kGroupColumns, std::array{CheckArgument{"interval", Kind::kNumber, "1"},
                              CheckArgument{"datepart", Kind::kWord, {}, false, {}, kDateParts}});
constexpr std::array kTo = {CheckArgument{"to", Kind::kTable, {}, true},
                            CheckArgument{"field", Kind::kColumns, {}, true}};
constexpr std::array kToWhere =
    Joined(kTo, std::array{CheckArgument{"from_condition", Kind::kSql, "true"},
                           CheckArgument{"to_condition", Kind::kSql, "true"}});

constexpr CheckSubject kColumn = CheckSubject::kColumn;
constexpr std::string_view kExpectations = "dbt_expectations great_expectations";

constexpr SetCheck kChecks[] = {
    {"not_null", "dbt dbt_expectations great_expectations", "expect_column_values_to_not_be_null",
     kColumn, kRow, "no value is NULL", NotNull},
    {"unique", "dbt dbt_expectations great_expectations", "expect_column_values_to_be_unique",
     kColumn, kRowConditionOnly, "no value stands twice; NULL does not count. A failure a value",
     Unique},
    {"accepted_values", "dbt", "", kColumn, kValues,
     "every value is one of `values`; NULL is. A failure a value", AcceptedValues,
     "values: [open, shut]"},
    {"relationships", "dbt", "", kColumn, kTo,
     "every value stands in the column `field` of `to`; NULL does not count", Relationships,
     "to: ref('parents')\nfield: id"},
    {"relationships_where", "dbt_utils", "", kColumn, kToWhere,
     "the same, of rows that meet `from_condition`, in rows that meet `to_condition`",
     RelationshipsWhere, "to: ref('parents')\nfield: id\nfrom_condition: v > 0"},
    {"not_accepted_values", "dbt_utils", "", kColumn, kValues,
     "no value is one of `values`. A failure a value", NotAcceptedValues, "values: [void]"},
    {"accepted_range", "dbt_utils", "", kColumn, kRange,
     "every value lies between the bounds; NULL does", AcceptedRange, "min_value: 0",
     "min_value max_value"},
    {"not_empty_string", "dbt_utils", "", kColumn, kTrim, "no text is empty, or blank", NotEmpty},
    {"sequential_values", "dbt_utils", "", kColumn, kSequence,
     "each value is the one before it and `interval` more, in order of the values", Sequential,
     "interval: 1"},
    {"expect_column_values_to_be_null", kExpectations, "", kColumn, kRow, "every value is NULL",
     Null},
    {"expect_column_values_to_be_in_set", kExpectations, "", kColumn, kValueSet,
     "every value is one of `value_set`; NULL is not", InSet, "value_set: [open, shut]"},
    {"expect_column_values_to_not_be_in_set", kExpectations, "", kColumn, kValueSet,
     "no value is one of `value_set`", NotInSet, "value_set: [void]"},
    {"expect_column_values_to_be_between", kExpectations, "", kColumn, kBetween,
     "every value lies between the bounds; NULL does", Between, "min_value: 0", kBoundNeeds},
    {"expect_column_values_to_be_increasing", kExpectations, "", kColumn, kOrder,
     "each value is greater than the one before it, in the order of `sort_column`", Increasing},
    {"expect_column_values_to_be_decreasing", kExpectations, "", kColumn, kOrder,
     "each value is less than the one before it, in the order of `sort_column`", Decreasing},
};

}  // namespace

std::span<const SetCheck> ValueChecks() { return kChecks; }

}  // namespace tarn::quality
