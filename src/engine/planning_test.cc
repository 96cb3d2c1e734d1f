// What a statement need not read: answers from the log, files that a filter leaves out.
#include <gtest/gtest.h>

#include "engine/test_lake.h"
#include "engine/test_sql.h"

namespace tarn::engine {
namespace {

// Ten files of ten rows each: a = 0 .. 99, in order, two files a partition.
class PlanningTest : public testing::Test {
protected:
    PlanningTest() {
        Do("CREATE TABLE t (a INTEGER, b BIGINT, s VARCHAR, f DOUBLE, d DATE, ts TIMESTAMP, "
           "n STRUCT(x INTEGER), dec DECIMAL(9,2), p INTEGER, day DATE) PARTITIONED BY (p, day)");
        for (int i = 0; i < 10; i++) {
            Do("INSERT INTO t SELECT i::INTEGER, i * 1000, format('{:03d}', i), i / 2, DATE "
               "'2020-01-01' + i::INTEGER, TIMESTAMP '2020-01-01 12:00:00' + to_days(i::INTEGER), "
               "{'x': i}, i / 4, " +
               std::to_string(i / 2) + ", DATE '201" + std::to_string(i / 2) +
               "-06-01' FROM range(" + std::to_string(i * 10) + ", " + std::to_string(i * 10 + 10) +
               ") r(i)");
        }
    }

    void Do(const std::string& sql) {
        EXPECT_NO_THROW(session_->Run(sql)) << sql << "\n" << Rows(*session_, sql);
    }
    std::string Ask(std::string_view sql) { return Rows(*session_, sql); }
    uint64_t FilesRead(std::string_view sql) {
        try {
            return session_->Run(sql).files_read;
        } catch (const Error& error) {
            ADD_FAILURE() << sql << "\n" << error.what();
            return 0;
        }
    }
    // The rows, and how many files it took.
    void Expect(std::string_view sql, std::string_view rows, uint64_t files) {
        EXPECT_EQ(Ask(sql), rows) << sql;
        EXPECT_EQ(FilesRead(sql), files) << sql;
    }
    // How many rows of `t` the filter keeps, and the files it took to tell.
    void ExpectCount(const std::string& filter, std::string_view count, uint64_t files) {
        const std::string sql = "SELECT count(*) FILTER (a >= 0) FROM t WHERE " + filter;
        Expect(sql, count, files);
    }

    TestLake lake_;
    std::unique_ptr<Session> session_ = lake_.Connect();
};

TEST_F(PlanningTest, CountsAndBoundsComeFromTheLog) {
    Expect("SELECT count(*) FROM t", "100", 0);
    Expect("SELECT min(a), max(a), count(*), count(s), max(d), min(dec), max(p), min(day) FROM t",
           "0|99|100|100|2020-04-09|0.00|4|2010-06-01", 0);
    Expect("SELECT max(b) - min(a) AS x, 7 FROM t", "99000|7", 0);
    Expect("SELECT count(*) FROM t AT (VERSION => 3)", "30", 0);
    Expect("SELECT (SELECT max(a) FROM t), count(*) FROM t", "99|100", 0);
    Expect("SELECT count(*) FROM t WHERE p = 3", "20", 0);
    Expect("SELECT count(*), max(a) FROM t WHERE year(day) IN (2011, 2013) OR p IS NULL", "40|79",
           0);
    Expect("SELECT min(a), max(s), count(d) FROM t WHERE p > 9", "NULL|NULL|0", 0);
    EXPECT_EQ(Ask("EXPLAIN SELECT count(*) FROM t").find("TARN_SCAN"), std::string::npos);
}

TEST_F(PlanningTest, WhatTheLogDoesNotKnowExactlyIsRead) {
    Expect("SELECT min(s), max(s) FROM t", "000|099", 10);       // texts are cut
    Expect("SELECT max(f) FROM t", "49.5", 10);                  // NaN is left out
    Expect("SELECT max(ts) FROM t", "2020-04-09 12:00:00", 10);  // times are cut
    Expect("SELECT count(n) FROM t", "100", 10);
    Expect("SELECT sum(a) FROM t", "4950", 10);
    Expect("SELECT count(DISTINCT a) FROM t", "100", 10);
    Expect("SELECT count(*) FILTER (a > 5) FROM t", "94", 10);
    Expect("SELECT p, count(*) FROM t WHERE p = 1 GROUP BY p", "1|20", 2);
    Expect("SELECT count(*) FROM t WHERE a = 5", "1", 1);
    Expect("SELECT count(*) FROM (SELECT a FROM t LIMIT 5)", "5", 1);
}

TEST_F(PlanningTest, ATransactionCountsItsOwnRows) {
    Do("BEGIN");
    Do("INSERT INTO t (a, p, day) VALUES (1000, 7, '2017-01-01'), (NULL, 7, NULL)");
    Expect("SELECT count(*), count(a), max(a), count(day) FROM t", "102|101|1000|101", 0);
    Do("DELETE FROM t WHERE a < 5");
    Expect("SELECT count(*), min(a) FROM t", "97|5", 0);
    Do("ROLLBACK");
    Expect("SELECT count(*), max(a) FROM t", "100|99", 0);
}

TEST_F(PlanningTest, FiltersThroughCastsLeaveFilesOut) {
    ExpectCount("a = 15", "1", 1);
    ExpectCount("a > 94.5", "5", 1);
    ExpectCount("a >= 90::DOUBLE", "10", 1);
    ExpectCount("a < 9.5::DOUBLE", "10", 1);
    ExpectCount("a = 9.5::DOUBLE", "0", 0);
    ExpectCount("a::BIGINT = 15::BIGINT", "1", 1);
    ExpectCount("b = 15000::DECIMAL(12,2)", "1", 1);
    ExpectCount("dec > 24.001", "3", 1);
    ExpectCount("d >= TIMESTAMP '2020-04-05 10:00:00'", "4", 1);
    ExpectCount("ts::DATE = DATE '2020-01-12'", "1", 1);
    ExpectCount("ts::DATE > DATE '2020-03-31'", "9", 1);
    ExpectCount("ts < DATE '2020-01-11'", "10", 1);
    ExpectCount("ts >= TIMESTAMPTZ '2020-03-31 12:00:00+00'", "10", 1);
}

TEST_F(PlanningTest, FiltersOfEveryFormLeaveFilesOut) {
    ExpectCount("a BETWEEN 12 AND 25", "14", 2);
    ExpectCount("a IN (5, 55)", "2", 2);
    ExpectCount("a IN (SELECT i::INTEGER FROM range(3, 6) r(i))", "3", 1);
    ExpectCount("s LIKE '09%'", "10", 1);
    ExpectCount("starts_with(s, '015')", "1", 1);
    ExpectCount("s LIKE '01_' AND s LIKE '%5'", "1", 1);
    ExpectCount("NOT (a < 95)", "5", 1);
    ExpectCount("a < 5 OR a > 95", "9", 2);
    ExpectCount("a IS NOT DISTINCT FROM 42", "1", 1);
    ExpectCount("a IS NULL", "0", 0);
    ExpectCount("n.x = 33", "1", 1);
    ExpectCount("f < 1", "2", 1);
    ExpectCount("f = -0.0", "1", 1);
    ExpectCount("year(day) = 2013", "20", 2);
    ExpectCount("p % 2 = 1 AND a > 50", "20", 2);
    ExpectCount("p + a = 2", "1", 10);
    ExpectCount("10 // (p - 1) = 10 OR p = 4", "40", 4);
    ExpectCount("('20' || p || '0-06-01')::DATE > DATE '2035-01-01'", "20", 2);
    std::string many;
    for (int i = 0; i < 200; i++) many += (i > 0 ? "," : "") + std::to_string(i * 50 + 7);
    ExpectCount("a IN (" + many + ")", "2", 2);
}

TEST_F(PlanningTest, AFilterOnPartitionsLeavesNothingToCheck) {
    const std::string plan = Ask("EXPLAIN SELECT a FROM t WHERE year(day) = 2013");
    EXPECT_NE(plan.find("Scanning Files"), std::string::npos) << plan;
    EXPECT_NE(plan.find("2/10"), std::string::npos) << plan;
}

TEST_F(PlanningTest, AFilterLeavesFilesOfAChangeFeedOut) {
    Expect("SELECT count(*) FROM table_changes('t', 0) WHERE _commit_version = 3", "10", 1);
    Expect("SELECT count(a) FROM table_changes('t', 0, 10) WHERE p = 1", "20", 2);
    Expect(
        "SELECT a, _change_type, _commit_version FROM table_changes('t', 0) WHERE "
        "_commit_version BETWEEN 4 AND 5 AND a % 10 = 7 ORDER BY a",
        "37|insert|4\n47|insert|5", 2);
    Expect("SELECT count(a) FROM table_changes('t', 0) WHERE _change_type = 'delete'", "0", 0);
    Do("DELETE FROM t WHERE a = 7");
    Expect("SELECT a FROM table_changes('t', 5) WHERE _change_type = 'delete' AND a = 7", "7", 1);
    EXPECT_EQ(FilesRead("SELECT a FROM table_changes('t', 1) WHERE _commit_timestamp > "
                        "TIMESTAMPTZ '2999-01-01'"),
              0U);
}

TEST_F(PlanningTest, AJoinLeavesFilesOutAtRunTime) {
    Do("CREATE TABLE k AS SELECT 37 AS a, 'x' AS v UNION ALL SELECT 38, 'y'");
    Expect("SELECT sum(t.b) FROM t JOIN k USING (a) WHERE k.v <> 'z'", "75000", 1 + 1);
    Do("CREATE TABLE q AS SELECT 3 AS p, 'x' AS v");
    Expect("SELECT count(DISTINCT t.a) FROM t JOIN q USING (p) WHERE q.v = 'x'", "20", 2 + 1);
}

TEST_F(PlanningTest, TheHighestRowsLeaveFilesOutAtRunTime) {
    session_->Run("SET threads = 1");
    EXPECT_EQ(Ask("SELECT a FROM t ORDER BY a LIMIT 2"), "0\n1");
    EXPECT_LT(FilesRead("SELECT a FROM t ORDER BY a LIMIT 2"), 10U);
}

}  // namespace
}  // namespace tarn::engine
