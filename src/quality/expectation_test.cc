#include "quality/expectation.h"

#include <gtest/gtest.h>

#include "quality/data_tests.h"
#include "quality/row_law.h"

namespace tarn::quality {
namespace {

YamlNode Yaml(const std::string& text) { return YamlNode::Parse(text, "models/silver/silver.yml"); }

Error Refusal(const std::string& text) {
    try {
        ParseExpectations(Yaml(text));
    } catch (const Error& error) {
        return error;
    }
    return Error(ErrorKind::kInternal, "nothing was refused");
}

TEST(Expectation, IsReadWithItsPlace) {
    const auto rules = ParseExpectations(
        Yaml("- name: known\n  condition: carrier IS NOT NULL\n  action: quarantine\n"));
    ASSERT_EQ(rules.size(), 1u);
    EXPECT_EQ(rules[0].name, "known");
    EXPECT_EQ(rules[0].condition, "carrier IS NOT NULL");
    EXPECT_EQ(rules[0].action, Action::kQuarantine);
    EXPECT_EQ(rules[0].spot.line, 2);
}

TEST(Expectation, MistakesAreRefusedAtTheirPlace) {
    const Error key = Refusal("- name: a\n  conditon: x\n  action: warn\n");
    EXPECT_EQ(key.kind(), ErrorKind::kInvalidInput);
    EXPECT_EQ(key.spot().line, 2);
    EXPECT_NE(key.message().find("condition"), std::string::npos);
    EXPECT_EQ(Refusal("- name: a\n  condition: x\n  action: quarantene\n").spot().line, 3);
    EXPECT_EQ(Refusal("- name: a b\n  condition: x\n  action: warn\n").kind(),
              ErrorKind::kInvalidInput);
    EXPECT_EQ(Refusal("- name: a\n  condition: ''\n  action: warn\n").kind(),
              ErrorKind::kInvalidInput);
    EXPECT_EQ(
        Refusal(
            "- {name: a, condition: x, action: warn}\n- {name: A, condition: y, action: warn}\n")
            .spot()
            .line,
        2);
}

TEST(DataTest, IsReadAsDbtWritesIt) {
    const auto node = Yaml(
        "- not_null\n"
        "- accepted_values:\n    values: [a, b]\n    config: {severity: warn}\n"
        "- relationships: {arguments: {to: ref('airlines'), field: carrier}}\n");
    const auto items = node.Items();
    const DataTest not_null = ParseDataTest(items[0], "flights", "carrier");
    EXPECT_EQ(not_null.name, "not_null_flights_carrier");
    EXPECT_EQ(not_null.options.severity, Severity::kError);
    const DataTest accepted = ParseDataTest(items[1], "flights", "carrier");
    EXPECT_EQ(accepted.values, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(accepted.options.severity, Severity::kWarn);
    const DataTest related = ParseDataTest(items[2], "flights", "carrier");
    EXPECT_EQ(related.to, "ref('airlines')");
    EXPECT_EQ(related.field, "carrier");
}

TEST(DataTest, AnUnknownTestOrALackingArgumentIsRefused) {
    const auto items = Yaml(
                           "- [not_null]\n- accepted_values: {}\n- unique: {values: [1]}\n"
                           "- not_null: {severity: loud}\n")
                           .Items();
    for (const YamlNode& item : items) {
        EXPECT_THROW(ParseDataTest(item, "flights", "carrier"), Error);
    }
    EXPECT_THROW(ParseDataTest(Yaml("unique"), "flights", ""), Error);
}

TEST(DataTest, AWordOfNobodyIsAMacros) {
    const DataTest test = ParseDataTest(
        Yaml("utils.between: {low: 1, config: {severity: WARN, limit: 5}, arguments: {high: [x]}}"),
        "flights", "");
    EXPECT_EQ(test.kind, DataTestKind::kMacro);
    EXPECT_EQ(test.macro, "utils.between");
    EXPECT_EQ(test.arguments, R"({"low":1,"high":["x"]})");
    EXPECT_EQ(test.name, "utils_between_flights_x__1");
    EXPECT_EQ(test.options.severity, Severity::kWarn);
    EXPECT_EQ(test.options.limit, 5);
}

TEST(RowLaw, EachTermCounts) {
    EXPECT_NO_THROW(CheckRowLaw({10, 4, 3, 2, 1}, "silver.flights"));
    EXPECT_NO_THROW(CheckRowLaw({}, "silver.flights"));
    EXPECT_THROW(CheckRowLaw({10, 4, 3, 2, 0}, "silver.flights"), Error);
    EXPECT_THROW(CheckRowLaw({10, 11, 0, 0, 0}, "silver.flights"), Error);
}

}  // namespace
}  // namespace tarn::quality
