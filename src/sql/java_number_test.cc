#include "sql/java_number.h"

#include <limits>

#include <gtest/gtest.h>

namespace tarn::sql {
namespace {

TEST(JavaNumber, IsWrittenAsJavaDoes) {
    EXPECT_EQ(JavaText(1.0), "1.0");
    EXPECT_EQ(JavaText(-0.0), "-0.0");
    EXPECT_EQ(JavaText(0.001), "0.001");
    EXPECT_EQ(JavaText(0.00012), "1.2E-4");
    EXPECT_EQ(JavaText(1234567.5), "1234567.5");
    EXPECT_EQ(JavaText(1e7), "1.0E7");
    EXPECT_EQ(JavaText(-1.25e20), "-1.25E20");
    EXPECT_EQ(JavaText(0.1F), "0.1");
    EXPECT_EQ(JavaText(3.4028235e38F), "3.4028235E38");
}

TEST(JavaNumber, HasNoDigitsWhereItIsNone) {
    EXPECT_EQ(JavaText(std::numeric_limits<double>::infinity()), "Infinity");
    EXPECT_EQ(JavaText(-std::numeric_limits<float>::infinity()), "-Infinity");
    EXPECT_EQ(JavaText(std::numeric_limits<double>::quiet_NaN()), "NaN");
}

}  // namespace
}  // namespace tarn::sql
