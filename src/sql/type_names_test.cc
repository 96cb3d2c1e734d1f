#include "sql/type_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace tarn::sql {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::pair<std::string, TypeRules> Read(const std::string& text) {
    const std::vector<Token> tokens = Lex(text);
    TokenCursor cursor(tokens);
    auto read = ReadColumnType(cursor);
    EXPECT_TRUE(cursor.AtEnd()) << text;
    return read;
}

std::string Shown(const TextLimit& limit) {
    std::string shown = limit.is_char ? "char" : "varchar";
    shown += "(" + std::to_string(limit.length) + ")" + (limit.is_engines ? "?" : "");
    for (const std::string& part : limit.path) shown += " " + part;
    return shown;
}

std::vector<std::string> LimitsOf(const std::string& text) {
    std::vector<std::string> shown;
    for (const TextLimit& limit : Read(text).second.text_limits) shown.push_back(Shown(limit));
    return shown;
}

TEST(TypeNamesTest, LengthsOfTextsAreReadAtEveryDepth) {
    EXPECT_THAT(LimitsOf("VARCHAR"), IsEmpty());
    EXPECT_THAT(LimitsOf("VARCHAR(5)"), ElementsAre("varchar(5)?"));
    EXPECT_THAT(LimitsOf("character(5)"), ElementsAre("char(5)?"));
    EXPECT_THAT(LimitsOf("DECIMAL(5, 2)"), IsEmpty());
    EXPECT_THAT(LimitsOf("SPARK_CHAR(1)"), ElementsAre("char(1)"));
    EXPECT_THAT(LimitsOf("MAP<SPARK_VARCHAR(1), ARRAY<STRUCT<a: INT, b: SPARK_CHAR(2) NOT NULL>>>"),
                ElementsAre("varchar(1) key", "char(2) value element b"));
    EXPECT_THAT(LimitsOf("VARCHAR(3)[]"), ElementsAre("varchar(3)? element"));
}

TEST(TypeNamesTest, TheEngineGetsWhatItKnows) {
    EXPECT_EQ(Read("VARCHAR(5)").first, "VARCHAR(5)");
    EXPECT_EQ(Read("SPARK_VARCHAR(5)").first, "VARCHAR");
    EXPECT_EQ(Read("ARRAY<SPARK_CHAR(5)>").first, "VARCHAR[]");
}

TEST(TypeNamesTest, OwnLimitsAreThoseThatAlwaysCount) {
    EXPECT_THAT(OwnLimits(Read("STRUCT(a VARCHAR(5), b SPARK_CHAR(2))").second.text_limits),
                testing::SizeIs(1));
}

TEST(TypeNamesTest, ALengthIsANumber) { EXPECT_THROW(Read("VARCHAR(x)"), Error); }

}  // namespace
}  // namespace tarn::sql
