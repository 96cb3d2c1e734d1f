#include "engine/duck/number_format.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace tarn::engine::duck {
namespace {

std::string Written(std::string_view number, std::string_view pattern) {
    return NumberFormat::Parse(pattern).Write(number);
}
std::string Read(std::string_view text, std::string_view pattern) {
    return NumberFormat::Parse(pattern).Read(text).value_or("nothing");
}

TEST(NumberFormat, WritesDigitsInTheirPlaces) {
    EXPECT_EQ(Written("12454", "99G999"), "12,454");
    EXPECT_EQ(Written("12", "0000"), "0012");
    EXPECT_EQ(Written("12", "999"), " 12");
    EXPECT_EQ(Written("1234.5", "9,999.99"), "1,234.50");
    EXPECT_EQ(Written("0.5", "9.99"), "0.50");
    EXPECT_EQ(Written("0.25", ".99"), ".25");
    EXPECT_EQ(Written("0", "999"), "   ");
    EXPECT_EQ(Written("12", "9,999"), "   12");
    EXPECT_EQ(Written("1.50000", "9.9"), "1.5");
}

TEST(NumberFormat, WritesSignsWhereThePatternHasThem) {
    EXPECT_EQ(Written("-12", "S99"), "-12");
    EXPECT_EQ(Written("-12454.8", "99G999D9S"), "12,454.8-");
    EXPECT_EQ(Written("-12", "99MI"), "12-");
    EXPECT_EQ(Written("12", "99MI"), "12 ");
    EXPECT_EQ(Written("-12", "99PR"), "<12>");
    EXPECT_EQ(Written("78.12", "$99.99"), "$78.12");
    EXPECT_EQ(Written("12", "$9,999"), "$   12");
    EXPECT_EQ(Written("12", "S9,999"), "   +12");
    EXPECT_EQ(Written("-12", "99"), "12");
}

TEST(NumberFormat, SignsOfTooManyDigitsStandForThem) {
    EXPECT_EQ(Written("12345", "999"), "###");
    EXPECT_EQ(Written("78.125", "$99.99"), "$##.##");
}

TEST(NumberFormat, ReadsWhatItWrites) {
    EXPECT_EQ(Read("12,454.8-", "99,999.9S"), "-12454.80");
    EXPECT_EQ(Read("$1,234.50", "$9,999.99"), "1234.500");
    EXPECT_EQ(Read("<12>", "99PR"), "-12.0");
    EXPECT_EQ(Read(" 12", "999"), "12.0");
}

TEST(NumberFormat, ReadsNothingOfAnotherShape) {
    EXPECT_EQ(Read("1234", "999"), "nothing");
    EXPECT_EQ(Read("12", "000"), "nothing");
    EXPECT_EQ(Read("1234", "9,999"), "nothing");
    EXPECT_EQ(Read("abc", "999"), "nothing");
    EXPECT_EQ(Read("", "999"), "nothing");
    EXPECT_EQ(Read("12.5", "99"), "nothing");
    EXPECT_EQ(Read("12", "$99"), "nothing");
}

TEST(NumberFormat, OtherPatternsAreRefused) {
    for (const char* pattern : {"", "x", "9.9.9", ",9", "9,", "L99", "S", "9a9"})
        EXPECT_THROW(NumberFormat::Parse(pattern), Error) << pattern;
}

}  // namespace
}  // namespace tarn::engine::duck
