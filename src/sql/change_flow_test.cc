#include "sql/change_flow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "sql/parser.h"

namespace tarn::sql {
namespace {

using testing::ElementsAre;

ChangeFlow Read(const std::string& text, Dialect dialect = Dialect::kTarn) {
    return ReadChangeFlow(Statement{text}, dialect).value();
}

TEST(ChangeFlow, EveryClauseIsRead) {
    const ChangeFlow flow = Read(
        "CREATE FLOW f COMMENT 'c' AS AUTO CDC INTO silver.`my users` FROM STREAM(bronze.changes) "
        "KEYS (a, `b c`) IGNORE NULL UPDATES APPLY AS DELETE WHEN `op` = 'd' AND (x IN (1, 2)) "
        "APPLY AS TRUNCATE WHEN op = 't' SEQUENCE BY STRUCT(lsn, n) COLUMNS * EXCEPT (op, lsn) "
        "STORED AS SCD TYPE 2 TRACK HISTORY ON (v)");
    EXPECT_EQ(flow.name, "f");
    EXPECT_THAT(flow.target, ElementsAre("silver", "my users"));
    EXPECT_THAT(flow.source, ElementsAre("bronze", "changes"));
    EXPECT_TRUE(flow.is_stream);
    EXPECT_THAT(flow.rules.keys, ElementsAre("a", "b c"));
    EXPECT_TRUE(flow.rules.ignore_null_updates);
    EXPECT_EQ(flow.rules.delete_when, "\"op\" = 'd' AND ( x IN ( 1 , 2 ) )");
    EXPECT_EQ(flow.rules.truncate_when, "op = 't'");
    EXPECT_THAT(flow.rules.sequence_by, ElementsAre("lsn", "n"));
    EXPECT_EQ(flow.rules.columns.takes, ColumnChoice::Takes::kAllBut);
    EXPECT_TRUE(flow.rules.keeps_history);
    EXPECT_EQ(flow.rules.tracked.takes, ColumnChoice::Takes::kNamed);
    EXPECT_THAT(flow.rules.tracked.names, ElementsAre("v"));
}

TEST(ChangeFlow, AFlowWithoutANameHasItsTables) {
    EXPECT_EQ(Read("APPLY CHANGES INTO s.t FROM x KEYS (a) SEQUENCE BY b").name, "t");
    EXPECT_EQ(Read("AUTO CDC INTO t FROM x KEYS (a) SEQUENCE BY b").name, "t");
    const ChangeFlow flow = Read(
        "CREATE OR REFRESH STREAMING TABLE t TBLPROPERTIES ('a' = 'b') FLOW AUTO CDC FROM x "
        "KEYS (a) SEQUENCE BY b");
    EXPECT_THAT(flow.target, ElementsAre("t"));
    EXPECT_FALSE(flow.is_stream);
}

TEST(ChangeFlow, SparksTextsAreInDoubleQuotes) {
    EXPECT_EQ(
        Read("AUTO CDC INTO t FROM x KEYS (a) APPLY AS DELETE WHEN op = \"d'd\" SEQUENCE BY b",
             Dialect::kSpark)
            .rules.delete_when,
        "op = 'd''d'");
}

TEST(ChangeFlow, AnythingElseIsNone) {
    for (const char* text :
         {"CREATE TABLE flow (a INTEGER)", "SELECT 1", "CREATE VIEW v AS SELECT 1",
          "CREATE STREAMING TABLE t (a INTEGER)", "ANALYZE t"})
        EXPECT_FALSE(ReadChangeFlow(Statement{text}, Dialect::kTarn).has_value()) << text;
}

TEST(ChangeFlow, ATableMayBeCalledStream) {
    const ChangeFlow flow = Read("AUTO CDC INTO t FROM stream KEYS (a) SEQUENCE BY b");
    EXPECT_THAT(flow.source, ElementsAre("stream"));
    EXPECT_FALSE(flow.is_stream);
}

TEST(ChangeFlow, AMistakeIsToldAtItsPlace) {
    const auto column_of = [](const std::string& text) {
        try {
            Read(text);
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput) << text;
            return error.spot().column;
        }
        ADD_FAILURE() << text;
        return 0;
    };
    EXPECT_EQ(column_of("AUTO CDC INTO t FROM x KEYS (a) SEQUENCE BY b KEYS (c)"), 47);
    EXPECT_EQ(column_of("AUTO CDC INTO t FROM x KEYS (a)"), 32);
    EXPECT_EQ(column_of("AUTO CDC INTO t FROM x KEYS (a) SEQUENCE BY b TRACK HISTORY ON v"), 47);
    EXPECT_EQ(column_of("AUTO CDC INTO t FROM x KEYS (a) SEQUENCE BY b STORED AS SCD TYPE 3"), 66);
    EXPECT_EQ(column_of("AUTO CDC INTO t FROM x WHERE y KEYS (a) SEQUENCE BY b"), 24);
}

TEST(StreamingTable, WithoutAQueryItIsDeclared) {
    const auto parsed = Parse(
        Statement{"CREATE OR REFRESH STREAMING TABLE s.t (a INTEGER, b VARCHAR)"}, Dialect::kTarn);
    EXPECT_EQ(std::get<EngineStatement>(parsed).text,
              "CREATE TABLE IF NOT EXISTS s.t (a INTEGER, b VARCHAR)");
    EXPECT_TRUE(
        std::get<CreateBareTable>(Parse(Statement{"CREATE STREAMING TABLE s.t"}, Dialect::kTarn))
            .if_not_exists);
    EXPECT_TRUE(std::holds_alternative<KnownButUnsupported>(
        Parse(Statement{"CREATE OR REFRESH STREAMING TABLE t AS SELECT 1"}, Dialect::kTarn)));
}

}  // namespace
}  // namespace tarn::sql
