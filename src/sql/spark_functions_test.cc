#include "sql/spark_functions.h"

#include <algorithm>
#include <set>
#include <tuple>

#include <gtest/gtest.h>

namespace tarn::sql {
namespace {

TEST(SparkFunctions, ACallFindsTheRowForItsNumberOfArguments) {
    ASSERT_NE(FindSparkFunction("split", 2), nullptr);
    EXPECT_EQ(FindSparkFunction("split", 3)->least, 3);
    EXPECT_EQ(FindSparkFunction("split", 4), nullptr);
    EXPECT_EQ(FindSparkFunction("concat", 100)->most, -1);
    EXPECT_EQ(FindSparkFunction("frobnicate", 1), nullptr);
    EXPECT_EQ(SparkFunctionsNamed("locate").size(), 2U);
}

TEST(SparkFunctions, NoNumberOfArgumentsFitsTwoRows) {
    const SparkFunction* before = nullptr;
    for (const SparkFunction& row : SparkFunctions()) {
        const bool same = before != nullptr && before->name == row.name;
        if (same) {
            EXPECT_TRUE(before->most >= 0 && before->most < row.least) << row.name;
            EXPECT_EQ(before->is_sparks_alone, row.is_sparks_alone) << row.name;
        }
        EXPECT_TRUE(row.instead.empty() || row.engine.empty()) << row.name;
        before = &row;
    }
}

TEST(SparkFunctions, PatternsCastWhatTheyTake) {
    EXPECT_EQ(
        WithCasts("f($s1, $2, $i3)"),
        "f(spark_cast($1, CAST(NULL AS VARCHAR)), $2, spark_cast($3, CAST(NULL AS INTEGER)))");
    EXPECT_EQ(WithCasts("f($*)"), "f($*)");
    EXPECT_EQ(WithCasts("f($p1)"), "f(spark_pattern(spark_cast($1, CAST(NULL AS VARCHAR))))");
}

}  // namespace
}  // namespace tarn::sql
