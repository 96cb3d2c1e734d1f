#include "pipeline/test_threshold.h"

#include <gtest/gtest.h>

namespace tarn::pipeline {
namespace {

TEST(TestThresholdTest, APercentSignBehindANumberCountsOfAHundredRows) {
    EXPECT_TRUE(IsInPercent("> 5%"));
    EXPECT_TRUE(IsInPercent("between 1% and 2.5%"));
    for (const char* rows : {"> 5", "!= 0", "% 2 = 1", "> 10%3"}) EXPECT_FALSE(IsInPercent(rows));
    EXPECT_EQ(ConditionSql("> 5"), "n > 5");
    EXPECT_EQ(ConditionSql("between 1% and 2.5% "),
              "coalesce(100.0 * n / nullif(rows, 0), 0) between 1 and 2.5 ");
}

TEST(TestThresholdTest, SaysWhatDecides) {
    quality::TestOptions options;
    EXPECT_EQ(ThresholdOf(options), "error if != 0");
    options.error_if = "> 5%";
    EXPECT_EQ(ThresholdOf(options), "error if > 5%, warn if != 0");
    options.severity = quality::Severity::kWarn;
    EXPECT_EQ(ThresholdOf(options), "warn if != 0");
}

}  // namespace
}  // namespace tarn::pipeline
