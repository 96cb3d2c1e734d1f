#include "sql/spark_expression.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "sql/spark_functions.h"
#include "sql/spark_to_engine.h"

namespace tarn::sql {
namespace {

std::string Typed(std::string_view text) { return SparkExpression::ParseTyped(text).ToSpark(); }
std::string Engine(std::string_view text) { return ToEngine(SparkExpression::ParseStored(text)); }

std::string Refused(std::string_view text) {
    try {
        Engine(text);
    } catch (const Error& error) {
        return std::string(TraitsOf(error.kind()).name);
    }
    return "none";
}

TEST(SparkExpressionTest, WhatIsTypedIsKeptInSparksSpelling) {
    EXPECT_EQ(Typed("\"my col\" > 0 AND name = 'it''s'"), "`my col` > 0 AND name = 'it\\'s'");
    EXPECT_EQ(Typed("a::VARCHAR LIKE 'a\\%'"), "CAST(a AS STRING) LIKE 'a\\\\%'");
    EXPECT_EQ(Typed("at >= TIMESTAMP '2024-01-01'"), "at >= TIMESTAMP_NTZ '2024-01-01'");
    EXPECT_EQ(Typed("CAST(at AS TIMESTAMP WITH TIME ZONE) < now()"),
              "CAST(at AS TIMESTAMP) < now()");
    EXPECT_EQ(Typed("not (a in (1, 2)) or a is distinct from b"),
              "NOT (a IN (1, 2)) OR NOT (a <=> b)");
    EXPECT_EQ(Typed("- (- a) + \"select\""), "-(-a) + `select`");
    EXPECT_EQ(Typed("- - 1"), "- -1");
    EXPECT_EQ(Typed("case when a then 1 else 2 end = 1"), "CASE WHEN a THEN 1 ELSE 2 END = 1");
    EXPECT_EQ(Typed("current_date"), "current_date()");
    EXPECT_EQ(Typed("extract(year from d)"), "year(d)");
}

// What Spark wrote is read back as the same: the spelling is a fixed point.
TEST(SparkExpressionTest, ItsOwnSpellingIsReadBack) {
    for (const char* text :
         {"`a``b` <=> 'x\\\\y\\n'", "a.b.`c d` IS NOT NULL", "x BETWEEN 1 AND 2 AND NOT y",
          "a RLIKE '^[0-9]+$'", "CAST(a AS DECIMAL(10, 2)) DIV 2 = 1", "INTERVAL -1 DAY + d > e",
          "coalesce(a, concat(b, 'c'), NULL) NOT IN (1L, 2.5BD, 1E3)"}) {
        EXPECT_EQ(SparkExpression::ParseStored(text).ToSpark(), text);
    }
}

TEST(SparkExpressionTest, DoubleQuotesAndEscapesAreTexts) {
    EXPECT_EQ(Engine("a = \"it's\""), "(\"a\" = 'it''s')");
    EXPECT_EQ(Engine("a = 'it\\'s \\u00e9'"), "(\"a\" = 'it''s é')");
    EXPECT_EQ(Engine("a like 'x' 'y'"), "(\"a\" LIKE 'xy' ESCAPE '\\')");
}

TEST(SparkExpressionTest, PrecedenceIsSparks) {
    EXPECT_EQ(Engine("a OR b AND NOT c = 1 + 2 * 3"),
              "(\"a\" OR (\"b\" AND (NOT (\"c\" = (1 + (2 * 3))))))");
    EXPECT_EQ(Engine("a & b | c"), "((\"a\" & \"b\") | \"c\")");
}

TEST(SparkExpressionTest, WhereTheEngineAnswersOtherwiseItIsWrittenInOtherWords) {
    EXPECT_EQ(Engine("a / b"), "(\"a\" / nullif(\"b\", 0))");
    EXPECT_EQ(Engine("concat(a, b)"), "spark_concat(\"a\", \"b\")");
    EXPECT_EQ(Engine("last_day(d)"), "last_day(spark_cast(\"d\", CAST(NULL AS DATE)))");
    EXPECT_EQ(Engine("date_format(d, 'EEE')"), "spark_date_format(\"d\", 'EEE')");
    EXPECT_EQ(Engine("s.`f g`.h"), "struct_extract(struct_extract(\"s\", 'f g'), 'h')");
    EXPECT_EQ(Engine("CAST(a AS timestamp)"), "CAST(\"a\" AS TIMESTAMP WITH TIME ZONE)");
    EXPECT_EQ(Engine("a == 5L"), "(\"a\" = CAST(5 AS BIGINT))");
    EXPECT_EQ(Engine("TRY_CAST(a AS int)"), "spark_try_cast(\"a\", CAST(NULL AS INTEGER))");
    EXPECT_EQ(Engine("-m['k'][0]"), "(- spark_element(spark_element(\"m\", 'k'), 0))");
}

// Spark counts from 0, Tarn from 1: what is typed has to be the same in both.
TEST(SparkExpressionTest, AnElementByItsPlaceIsKeptAndNotTyped) {
    EXPECT_EQ(SparkExpression::ParseStored("a[0] > b['k']").ToSpark(), "a[0] > b['k']");
    EXPECT_EQ(Typed("try_cast(m['k'] as bigint)"), "TRY_CAST(m['k'] AS BIGINT)");
    EXPECT_THROW(Typed("a[1] > 0"), Error);
}

TEST(SparkExpressionTest, WhatIsNotKnownIsRefused) {
    for (const char* text :
         {"frobnicate(a)", "a[0", "exists(SELECT 1)", "a IN (SELECT 1)", "sum(DISTINCT a)",
          "sum(a)", "xpath_string(a, b)", "CAST(a AS interval)", "x -> x + 1",
          "CAST(a AS VARCHAR(3))", "year(a, b)"}) {
        EXPECT_NE(Refused(text), "none") << text;
    }
    for (const char* text : {"", "a >", "'open", "`open", "a b", "(a", "CASE END", "a ? b"}) {
        EXPECT_EQ(Refused(text), "InvalidInput") << text;
    }
    EXPECT_EQ(Refused(std::string(20'000, '~') + "a"), "LimitExceeded");
    EXPECT_EQ(Refused(std::string(1'000, '(') + "a" + std::string(1'000, ')')), "LimitExceeded");
}

TEST(SparkExpressionTest, ColumnsAreFoundAtEveryDepth) {
    const auto columns =
        SparkExpression::ParseStored("if(a.b > 1, upper(`c d`), e) = 'f'").Columns();
    const std::vector<std::vector<std::string>> expected = {{"a", "b"}, {"c d"}, {"e"}};
    EXPECT_EQ(columns, expected);
}

}  // namespace
}  // namespace tarn::sql
