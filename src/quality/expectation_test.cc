#include "quality/expectation.h"

#include <gtest/gtest.h>

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

TEST(RowLaw, EachTermCounts) {
    EXPECT_NO_THROW(CheckRowLaw({10, 4, 3, 2, 1}, "silver.flights"));
    EXPECT_NO_THROW(CheckRowLaw({}, "silver.flights"));
    EXPECT_THROW(CheckRowLaw({10, 4, 3, 2, 0}, "silver.flights"), Error);
    EXPECT_THROW(CheckRowLaw({10, 11, 0, 0, 0}, "silver.flights"), Error);
}

}  // namespace
}  // namespace tarn::quality
