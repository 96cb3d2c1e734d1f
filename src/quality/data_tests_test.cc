#include "quality/data_tests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace tarn::quality {
namespace {

using testing::HasSubstr;

DataTest Parsed(const std::string& yaml, const std::string& column = "carrier") {
    return ParseDataTest(YamlNode::Parse(yaml, "m.yml"), "flights", column);
}

// What is wrong with the test; the place is the mistake's.
Error MistakeIn(const std::string& yaml, const std::string& column = "carrier") {
    try {
        const DataTest test = Parsed(yaml, column);
        CheckArguments(*FindSetCheck(test.word), test);
    } catch (const Error& error) {
        return error;
    }
    return Error(ErrorKind::kInternal, "nothing is wrong");
}

TEST(DataTest, IsReadAsDbtWritesIt) {
    EXPECT_EQ(Parsed("not_null").name, "not_null_flights_carrier");
    const DataTest accepted =
        Parsed("accepted_values:\n  values: [a, b]\n  config: {severity: warn}\n");
    EXPECT_EQ(accepted.arguments, R"({"values":["a","b"]})");
    EXPECT_EQ(accepted.argument_spots.at("values").line, 2);
    EXPECT_EQ(accepted.options.severity, Severity::kWarn);
    const DataTest related = Parsed(
        "utils.between: {low: 1, config: {severity: WARN, limit: 5}, arguments: {high: [x]}}", "");
    EXPECT_EQ(related.word, "utils.between");
    EXPECT_EQ(related.arguments, R"({"low":1,"high":["x"]})");
    EXPECT_EQ(related.name, "utils_between_flights_x__1");
    EXPECT_EQ(related.options.limit, 5);
    EXPECT_THROW(Parsed("[not_null]"), Error);
    EXPECT_THROW(Parsed("not_null: {severity: loud}"), Error);
}

TEST(DataTest, AMistakeInAnArgumentIsToldAtItsPlace) {
    const Error unknown = MistakeIn("accepted_values:\n  values: [a]\n  quotes: false\n");
    EXPECT_EQ(unknown.kind(), ErrorKind::kInvalidInput);
    EXPECT_EQ(unknown.spot().line, 3);
    EXPECT_THAT(unknown.message(), HasSubstr("you mean `quote`"));
    const Error kind = MistakeIn("accepted_range:\n  min_value: [1, 2]\n");
    EXPECT_EQ(kind.spot().line, 2);
    const Error word = MistakeIn("dbt_utils.sequential_values:\n  interval: 1\n  datepart: dayy\n");
    EXPECT_EQ(word.spot().line, 3);
    EXPECT_THAT(word.message(), HasSubstr("`day`"));
}

TEST(DataTest, WhatACheckNeedsIsAskedFor) {
    for (const char* broken :
         {"accepted_values: {}", "accepted_values: {values: []}", "accepted_values: {values: [~]}",
          "unique: {values: [1]}", "relationships: {to: ref('x')}", "accepted_range: {}",
          "expect_column_max_to_be_between", "avg", "invalid_count",
          "equal_rowcount: {compare_model: ref('x')}"})
        EXPECT_EQ(MistakeIn(broken).kind(), ErrorKind::kInvalidInput) << broken;
    EXPECT_EQ(MistakeIn("unique", "").kind(), ErrorKind::kInvalidInput);
    EXPECT_EQ(MistakeIn("unique: {column_name: a || b}", "").kind(), ErrorKind::kInternal);
    EXPECT_EQ(MistakeIn("expression_is_true: {expression: a > b}", "").kind(),
              ErrorKind::kInternal);
}

TEST(DataTest, IsFoundByItsNameItsPackageAndItsFurtherSpellings) {
    for (const char* word :
         {"recency", "dbt_utils.recency", "dbt.unique", "great_expectations.expect_column_to_exist",
          "dbt_expectations.expect_column_values_to_be_unique", "soda.missing_count",
          "odcs.rowCount", "nullValues"})
        EXPECT_NE(FindSetCheck(word), nullptr) << word;
    EXPECT_EQ(FindSetCheck("dbt.recency"), nullptr);
    EXPECT_EQ(FindSetCheck("recent"), nullptr);
    EXPECT_NE(FindSetCheck("expression_is_true"),
              FindSetCheck("dbt_expectations.expression_is_true"));
}

TEST(DataTest, EachExampleIsWell) {
    for (const SetCheck& check : SetChecks()) {
        DataTest test;
        test.word = check.name;
        if (check.subject == CheckSubject::kColumn) test.column = "v";
        if (!check.example.empty())
            test.arguments = YamlNode::Parse(check.example, "example").ToJson();
        EXPECT_NO_THROW(CheckArguments(check, test)) << check.name;
        EXPECT_FALSE(FailingRows(check, test, "t").empty()) << check.name;
        for (const CheckArgument& argument : check.arguments)
            EXPECT_EQ(FindArgument(check, argument.name), &argument) << check.name;
    }
}

TEST(DataTest, ColumnsAreQuotedExpressionsAreNot) {
    const auto sql = [](const std::string& yaml) {
        const DataTest test = Parsed(yaml, "");
        return FailingRows(*FindSetCheck(test.word), test, "t");
    };
    EXPECT_THAT(sql("unique_combination_of_columns: {combination_of_columns: [order, lower(b)]}"),
                HasSubstr("SELECT \"order\", lower(b), "));
    EXPECT_THAT(sql("unique: {column_name: a || b}"), HasSubstr("(a || b)"));
}

}  // namespace
}  // namespace tarn::quality
