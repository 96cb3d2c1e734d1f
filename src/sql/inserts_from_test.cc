#include "sql/inserts_from.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace tarn::sql {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> TextsOf(const std::string& text) {
    std::vector<std::string> texts;
    for (const Statement& insert : InsertsFrom({text}, Dialect::kSpark))
        texts.push_back(insert.text);
    return texts;
}

TEST(InsertsFromTest, EachInsertReadsTheTablesInFront) {
    EXPECT_THAT(TextsOf("FROM t INSERT INTO a SELECT x WHERE x > 1"),
                ElementsAre("INSERT INTO a FROM t SELECT x WHERE x > 1"));
    EXPECT_THAT(
        TextsOf("from (SELECT 1 AS x) s JOIN u USING (x) INSERT INTO TABLE a (x) SELECT x "
                "insert overwrite b PARTITION (p = 'q') SELECT y"),
        ElementsAre("INSERT INTO TABLE a (x) from (SELECT 1 AS x) s JOIN u USING (x) SELECT x",
                    "insert overwrite b PARTITION (p = 'q') from (SELECT 1 AS x) s JOIN u "
                    "USING (x) SELECT y"));
    EXPECT_THAT(TextsOf("WITH w AS (SELECT 1) FROM w INSERT INTO a SELECT *"),
                ElementsAre("INSERT INTO a WITH w AS (SELECT 1) FROM w SELECT *"));
}

TEST(InsertsFromTest, OtherStatementsAreNone) {
    EXPECT_THAT(TextsOf("FROM t SELECT x"), IsEmpty());
    EXPECT_THAT(TextsOf("INSERT INTO a SELECT x FROM t"), IsEmpty());
    EXPECT_THAT(TextsOf("WITH w AS (SELECT 1) INSERT INTO a SELECT * FROM w"), IsEmpty());
    EXPECT_THAT(TextsOf("FROM t SELECT 'INSERT INTO a'"), IsEmpty());
    EXPECT_THAT(TextsOf("WITH w AS (SELECT 1) SELECT * FROM w"), IsEmpty());
}

TEST(InsertsFromTest, AnInsertStandsAtItsOwnPlace) {
    const auto inserts = InsertsFrom(
        {"FROM t\nINSERT INTO a SELECT 1\n  INSERT INTO b SELECT 2", 3, 5, 40}, Dialect::kTarn);
    ASSERT_EQ(inserts.size(), 2U);
    EXPECT_EQ(inserts[0].line, 4);
    EXPECT_EQ(inserts[0].column, 1);
    EXPECT_EQ(inserts[1].line, 5);
    EXPECT_EQ(inserts[1].column, 3);
}

TEST(InsertsFromTest, AnInsertWithoutSelectIsRefused) {
    EXPECT_THROW(TextsOf("FROM t INSERT INTO a (x)"), Error);
}

}  // namespace
}  // namespace tarn::sql
