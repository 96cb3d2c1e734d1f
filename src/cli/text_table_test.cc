#include "cli/text_table.h"

#include <gtest/gtest.h>

namespace tarn::cli {
namespace {

TEST(TextTable, NumbersToTheRightTextToTheLeft) {
    EXPECT_EQ(TextTable({{"id", "INTEGER"}, {"name", "VARCHAR"}, {"p", "DECIMAL(10,2)"}},
                        {{"1", "a", "1.50"}, {"100", std::nullopt, "22.00"}}),
              " id | name |     p\n"
              "----+------+------\n"
              "  1 | a    |  1.50\n"
              "100 | NULL | 22.00\n");
}

TEST(TextTable, WidthIsWhatATerminalShows) {
    EXPECT_EQ(DisplayWidth("abc"), 3U);
    EXPECT_EQ(DisplayWidth("日本"), 4U);
    EXPECT_EQ(DisplayWidth("e\xCC\x81"), 1U);  // e and a combining accent
    EXPECT_EQ(DisplayWidth("😀"), 2U);
    EXPECT_EQ(DisplayWidth("\xF0\x9F"), 1U);  // cut short
    EXPECT_EQ(TextTable({{"a", "VARCHAR"}, {"b", "VARCHAR"}}, {{"日", "x"}, {"é", "y"}}),
              "a  | b\n---+--\n日 | x\né  | y\n");
}

TEST(TextTable, NoValueMovesTheCursor) {
    EXPECT_EQ(TextTable({{"a", "VARCHAR"}}, {{"1\n2\t3\r\033[2J"}}),
              "a\n------------------\n1\\n2\\t3\\x0d\\x1b[2J\n");
}

TEST(TextTable, NoColumnsAndNoRowsAreFine) {
    EXPECT_EQ(TextTable({{"a", "VARCHAR"}}, {}), "a\n-\n");
    EXPECT_EQ(TextTable({}, {}), "\n\n");
}

}  // namespace
}  // namespace tarn::cli
