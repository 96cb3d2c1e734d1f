#include "serve/api_type.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace tarn::serve {
namespace {

std::string JsonOf(ApiType type, std::string_view text) {
    std::string out;
    AppendJson(type, text, out);
    return out;
}

bool Parses(ApiType type, std::string_view text) {
    try {
        ParseApiValue(type, text);
        return true;
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput);
        return false;
    }
}

TEST(ApiTypeTest, ReadsValuesOfEachType) {
    EXPECT_EQ(ParseApiValue(ApiType::kBoolean, "true"), table::Value(true));
    EXPECT_EQ(ParseApiValue(ApiType::kInteger, "-42"), table::Value(int64_t{-42}));
    EXPECT_EQ(ParseApiValue(ApiType::kBigint, "9223372036854775807"), table::Value(INT64_MAX));
    EXPECT_EQ(ParseApiValue(ApiType::kNumber, "1.5e3"), table::Value(1500.0));
    EXPECT_EQ(ParseApiValue(ApiType::kDecimal, "-12.50"), table::Value(table::Decimal{-1250, 2}));
    EXPECT_EQ(ParseApiValue(ApiType::kString, "it's"), table::Value(std::string("it's")));
    EXPECT_EQ(ParseApiValue(ApiType::kDate, "1970-01-02"), table::Value(table::Date{1}));
    EXPECT_EQ(ParseApiValue(ApiType::kDate, "1969-12-31"), table::Value(table::Date{-1}));
    EXPECT_EQ(ParseApiValue(ApiType::kTimestamp, "1970-01-01T01:00:00.5+01:00"),
              table::Value(table::Timestamp{500'000}));
    EXPECT_EQ(ParseApiValue(ApiType::kTimestamp, "1970-01-01T00:00Z"),
              table::Value(table::Timestamp{0}));
    EXPECT_EQ(ParseApiValue(ApiType::kLocalTimestamp, "1970-01-01T00:00:01"),
              table::Value(table::Timestamp{1'000'000}));
}

TEST(ApiTypeTest, RefusesWhatIsNotOfTheType) {
    for (const char* text :
         {"", "1.5", " 1", "1 ", "+1", "0x10", "9223372036854775808", "1e3", "NaN", "1;--"}) {
        EXPECT_FALSE(Parses(ApiType::kInteger, text)) << text;
    }
    for (const char* text : {"", "nan", "inf", "-inf", "1e999", "1,5", "0x1p3", "1 "}) {
        EXPECT_FALSE(Parses(ApiType::kNumber, text)) << text;
    }
    for (const char* text :
         {"", ".", "1.", ".5", "1e3", "--1", "123456789012345678901234567890123456789"}) {
        EXPECT_FALSE(Parses(ApiType::kDecimal, text)) << text;
    }
    for (const char* text :
         {"", "2013-02-29", "2013-13-01", "2013-1-1", "20130101", "2013-01-01 ", "2013-00-10"}) {
        EXPECT_FALSE(Parses(ApiType::kDate, text)) << text;
    }
    for (const char* text :
         {"2013-01-01T00:00:00", "2013-01-01", "2013-01-01T24:00:00Z", "2013-01-01T00:60:00Z",
          "2013-01-01T00:00:00.1234567Z", "2013-01-01T00:00:00.Z", "2013-01-01T00:00:00+1",
          "2013-01-01T00:00:00ZZ"}) {
        EXPECT_FALSE(Parses(ApiType::kTimestamp, text)) << text;
    }
    EXPECT_FALSE(Parses(ApiType::kLocalTimestamp, "2013-01-01T00:00:00Z"));
    for (const char* text : {"TRUE", "1", "yes", ""})
        EXPECT_FALSE(Parses(ApiType::kBoolean, text)) << text;
    EXPECT_FALSE(Parses(ApiType::kString, std::string(kMaxParameterBytes + 1, 'a')));
}

TEST(ApiTypeTest, WritesTypedJson) {
    EXPECT_EQ(JsonOf(ApiType::kBoolean, "false"), "false");
    EXPECT_EQ(JsonOf(ApiType::kInteger, "-7"), "-7");
    EXPECT_EQ(JsonOf(ApiType::kInteger, "9007199254740991"), "9007199254740991");
    EXPECT_EQ(JsonOf(ApiType::kBigint, "9223372036854775807"), "\"9223372036854775807\"");
    EXPECT_EQ(JsonOf(ApiType::kNumber, "0.1"), "0.1");
    EXPECT_EQ(JsonOf(ApiType::kNumber, "1e+20"), "1e+20");
    EXPECT_EQ(JsonOf(ApiType::kNumber, "nan"), "null");
    EXPECT_EQ(JsonOf(ApiType::kNumber, "-inf"), "null");
    EXPECT_EQ(JsonOf(ApiType::kDecimal, "1.50"), "\"1.50\"");
    EXPECT_EQ(JsonOf(ApiType::kString, "a\"b\\\n\xc3\xa9"), "\"a\\\"b\\\\\\n\xc3\xa9\"");
    EXPECT_EQ(JsonOf(ApiType::kDate, "2013-01-31"), "\"2013-01-31\"");
    EXPECT_EQ(JsonOf(ApiType::kTimestamp, "2013-01-31 05:00:00.5+00"),
              "\"2013-01-31T05:00:00.5Z\"");
    EXPECT_EQ(JsonOf(ApiType::kLocalTimestamp, "2013-01-31 05:00:00"), "\"2013-01-31T05:00:00\"");
}

TEST(ApiTypeTest, AnIntegerThatJsonReadersWouldLoseIsRefused) {
    for (const char* text : {"9007199254740992", "-9007199254740992", "99999999999999999999"}) {
        try {
            JsonOf(ApiType::kInteger, text);
            ADD_FAILURE() << text;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::kUnsupported) << text;
        }
    }
}

TEST(ApiTypeTest, AValueThatIsNotOfItsColumnsTypeIsADefect) {
    for (const auto& [type, text] : {std::pair{ApiType::kBoolean, "1"},
                                     {ApiType::kInteger, "1.5"},
                                     {ApiType::kNumber, ".5"},
                                     {ApiType::kNumber, "0x1"},
                                     {ApiType::kNumber, "01"},
                                     {ApiType::kTimestamp, "2013-01-31 05:00:00"}}) {
        try {
            JsonOf(type, text);
            ADD_FAILURE() << text;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::kInternal) << text;
        }
    }
}

TEST(ApiTypeTest, NamesComeBackAndFitTheirColumns) {
    for (const std::string& name : ApiTypeNames()) EXPECT_EQ(NameOf(ApiTypeOf(name)), name);
    EXPECT_TRUE(Fits(ApiType::kInteger, "BIGINT"));
    EXPECT_TRUE(Fits(ApiType::kInteger, "DECIMAL(38,0)"));
    EXPECT_FALSE(Fits(ApiType::kInteger, "DECIMAL(10,2)"));
    EXPECT_FALSE(Fits(ApiType::kInteger, "VARCHAR"));
    EXPECT_TRUE(Fits(ApiType::kDecimal, "DECIMAL(10,2)"));
    EXPECT_TRUE(Fits(ApiType::kNumber, "DOUBLE"));
    EXPECT_FALSE(Fits(ApiType::kDecimal, "DOUBLE"));
    EXPECT_TRUE(Fits(ApiType::kTimestamp, "TIMESTAMP WITH TIME ZONE"));
    EXPECT_FALSE(Fits(ApiType::kTimestamp, "TIMESTAMP"));
    EXPECT_FALSE(Fits(ApiType::kString, "STRUCT(a VARCHAR)"));
}

}  // namespace
}  // namespace tarn::serve
