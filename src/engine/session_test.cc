// Sessions and ordinary statements, without any table of a lake.
#include "engine/session.h"

#include <gtest/gtest.h>

#include "engine/test_lake.h"
#include "engine/test_sql.h"

namespace tarn::engine {
namespace {

class SessionTest : public testing::Test {
protected:
    TestLake lake_;
    std::unique_ptr<Session> session_ = lake_.Connect();
};

TEST_F(SessionTest, GivesRowsAsText) {
    auto rows = session_->Query(
        "SELECT 1 AS a, NULL AS b, TIMESTAMPTZ '2013-01-01 05:00:00+00' AS c, [1, 2] AS d");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0][0], "1");
    EXPECT_EQ(rows[0][1], std::nullopt);
    EXPECT_EQ(rows[0][2], "2013-01-01 05:00:00+00");
    EXPECT_EQ(rows[0][3], "[1, 2]");
}

TEST_F(SessionTest, NamesAndTypesOfColumns) {
    auto result = session_->Execute("SELECT 1 AS a, CAST(1 AS DECIMAL(10,2)) AS b");
    ASSERT_EQ(result->Columns().size(), 2U);
    EXPECT_EQ(result->Columns()[0].name, "a");
    EXPECT_EQ(result->Columns()[0].type, "INTEGER");
    EXPECT_EQ(result->Columns()[1].type, "DECIMAL(10,2)");
    EXPECT_TRUE(result->HasRows());
}

TEST_F(SessionTest, ManyRowsStream) {
    auto result = session_->Execute("SELECT i FROM range(100000) t(i)");
    std::vector<TextRow> rows;
    while (result->NextText(rows)) {
    }
    EXPECT_EQ(rows.size(), 100000U);
    EXPECT_EQ(result->Stats().rows_returned, 100000U);
}

TEST_F(SessionTest, RowsBeyondTheLimitAreRefused) {
    EXPECT_THROW(session_->Query("SELECT * FROM range(10000)", {}, 100), Error);
}

TEST_F(SessionTest, ArrowBatches) {
    auto result = session_->Execute("SELECT i::BIGINT AS i FROM range(5000) t(i)");
    ArrowSchema schema;
    result->GetArrowSchema(&schema);
    EXPECT_EQ(schema.n_children, 1);
    EXPECT_STREQ(schema.children[0]->name, "i");
    ArrowSchemaRelease(&schema);
    int64_t rows = 0;
    ArrowArray batch;
    while (result->NextArrow(&batch)) {
        rows += batch.length;
        ArrowArrayRelease(&batch);
    }
    EXPECT_EQ(rows, 5000);
}

TEST_F(SessionTest, Parameters) {
    ExecuteOptions options;
    options.parameters = {int64_t{40}, std::string("x'y"), std::monostate{}, table::Date{1}};
    auto rows = session_->Query("SELECT $1 + 2, $2, $3 IS NULL, $4", options);
    EXPECT_EQ(rows[0][0], "42");
    EXPECT_EQ(rows[0][1], "x'y");
    EXPECT_EQ(rows[0][2], "true");
    EXPECT_EQ(rows[0][3], "1970-01-02");
    options.parameters = {int64_t{1}, int64_t{2}};
    EXPECT_EQ(session_->Query("SELECT ? + ?", options)[0][0], "3");
}

TEST_F(SessionTest, ErrorKinds) {
    EXPECT_EQ(KindOf(*session_, "SELEC 1"), ErrorKind::kInvalidInput);
    EXPECT_EQ(KindOf(*session_, "SELECT nothing"), ErrorKind::kInvalidInput);
    EXPECT_EQ(KindOf(*session_, "SELECT nothing(1)"), ErrorKind::kInvalidInput);
    EXPECT_EQ(KindOf(*session_, "SELECT * FROM nothing"), ErrorKind::kNotFound);
    EXPECT_EQ(KindOf(*session_, "SELECT * FROM nowhere.nothing"), ErrorKind::kNotFound);
    EXPECT_EQ(KindOf(*session_, "SELECT * FROM no_lake.nowhere.nothing"), ErrorKind::kNotFound);
    EXPECT_EQ(KindOf(*session_, "SELECT * FROM read_csv('/nowhere/x.csv')"), ErrorKind::kNotFound);
    EXPECT_EQ(KindOf(*session_, "SELECT CAST('x' AS INTEGER)"), ErrorKind::kInvalidInput);
    EXPECT_EQ(KindOf(*session_, "SELECT 1; SELECT 2"), ErrorKind::kInvalidInput);
    EXPECT_EQ(KindOf(*session_, ""), ErrorKind::kInvalidInput);
    EXPECT_EQ(KindOf(*session_, "LOAD spatial"), ErrorKind::kUnsupported);
    // The session lives on.
    EXPECT_EQ(session_->Query("SELECT 1")[0][0], "1");
}

TEST_F(SessionTest, ErrorsPointIntoTheWholeInput) {
    sql::Statement statement;
    statement.text = "SELECT 1,\n  nothing";
    statement.line = 4;
    statement.column = 3;
    statement.offset = 100;
    try {
        session_->Execute(statement, {});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.spot().line, 5);
        EXPECT_EQ(error.spot().column, 3);
    }
}

TEST_F(SessionTest, LoadOfWhatTarnHasDoesNothing) {
    auto result = session_->Execute("LOAD delta");
    EXPECT_FALSE(result->HasRows());
    EXPECT_EQ(result->Notices().size(), 1U);
}

TEST_F(SessionTest, Timeout) {
    ExecuteOptions options;
    options.timeout_ms = 50;
    try {
        session_->Run("SELECT sum(a.i * b.i) FROM range(1000000) a(i), range(1000000) b(i)",
                      options);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kTimeout);
    }
    EXPECT_EQ(session_->Query("SELECT 1")[0][0], "1");
}

TEST_F(SessionTest, AFileOfATableIsNotReadByName) {
    EXPECT_EQ(KindOf(*session_, "SELECT * FROM read_parquet('tarn:///etc/hostname')"),
              ErrorKind::kNotFound);
    EXPECT_TRUE(session_->Query("SELECT * FROM read_text('tarn:///etc/hostname')").empty());
    EXPECT_EQ(KindOf(*session_, "COPY (SELECT 1) TO 'tarn:///tmp/x.parquet' (FORMAT parquet)"),
              ErrorKind::kPermissionDenied);
}

TEST_F(SessionTest, BehindADoorNothingOutsideIsReached) {
    EngineOptions options;
    options.allow_external_access = false;
    TestLake lake(options);
    auto session = lake.Connect();
    EXPECT_EQ(KindOf(*session, "SELECT * FROM read_text('/etc/hostname')"),
              ErrorKind::kPermissionDenied);
    EXPECT_EQ(KindOf(*session, "SET enable_external_access = true"), ErrorKind::kInvalidInput);
    EXPECT_EQ(KindOf(*session, "ATTACH '/tmp/x.db'"), ErrorKind::kPermissionDenied);
    EXPECT_EQ(session->Query("SELECT 1")[0][0], "1");
}

}  // namespace
}  // namespace tarn::engine
