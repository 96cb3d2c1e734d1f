#include "sqllogic/script.h"

#include <gtest/gtest.h>

namespace tarn::sqllogic {
namespace {

TEST(Script, ReadsEveryKindOfRecord) {
    const auto records = ReadScript(
        "# a comment\nstatement ok\nCREATE TABLE t\n  (a INT)\n\nstatement count 2\nDELETE FROM "
        "t\n\n"
        "statement error NotFound 1:15 naming x y\nSELECT * FROM x\n\nquery IT rowsort\nSELECT 1, "
        "'a'\n----\n1\ta\n2\tNULL\n\n"
        "connection other\n\nrestart\nrequire disk\n",
        "t.test");
    ASSERT_EQ(records.size(), 7u);
    EXPECT_EQ(std::get<StatementRecord>(records[0].content).sql, "CREATE TABLE t\n  (a INT)");
    EXPECT_EQ(records[0].line, 2);
    EXPECT_EQ(std::get<StatementRecord>(records[1].content).count, 2u);
    EXPECT_EQ(std::get<StatementRecord>(records[2].content).error, "NotFound");
    EXPECT_EQ(std::get<StatementRecord>(records[2].content).error_at, "1:15");
    EXPECT_EQ(std::get<StatementRecord>(records[2].content).error_names,
              (std::vector<std::string>{"x", "y"}));
    const auto& query = std::get<QueryRecord>(records[3].content);
    EXPECT_EQ(query.columns, 2u);
    EXPECT_TRUE(query.in_any_order);
    EXPECT_EQ(query.rows, (std::vector<std::string>{"1\ta", "2\tNULL"}));
    EXPECT_EQ(std::get<ConnectionRecord>(records[4].content).name, "other");
    EXPECT_EQ(std::get<RequireRecord>(records[6].content).store, "disk");
}

TEST(Script, AMistakeIsRefused) {
    for (const char* text :
         {"stament ok\nSELECT 1\n", "statement ok\n\n", "statement error Nonsense\nSELECT 1\n",
          "statement error NotFound naming\nSELECT 1\n",
          "statement error NotFound 1:1 x\nSELECT 1\n", "query I\nSELECT 1\n\n",
          "query I sorted\nSELECT 1\n----\n1\n", "require cloud\n"}) {
        EXPECT_THROW(ReadScript(text, "t.test"), Error) << text;
    }
}

}  // namespace
}  // namespace tarn::sqllogic
