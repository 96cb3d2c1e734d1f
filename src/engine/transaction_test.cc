// BEGIN ... COMMIT, commits that fail, and what callers ask of a commit.
#include <algorithm>

#include <gtest/gtest.h>

#include "engine/test_lake.h"
#include "engine/test_sql.h"

namespace tarn::engine {
namespace {

class TransactionTest : public testing::Test {
protected:
    void SetUp() override {
        session_->Run("CREATE TABLE t AS SELECT i AS a FROM range(10) r(i)");
        session_->Run("CREATE TABLE u AS SELECT 1 AS a");
    }
    const std::vector<table::Change>& Changes(const char* name) {
        return lake_.format->changes.at(lake_.directory.Find({"main", name})->location);
    }

    void Answer(table::CommitOutcome outcome, int times) {
        lake_.format->outcome = std::move(outcome);
        lake_.format->times = times;
    }

    TestLake lake_;
    std::unique_ptr<Session> session_ = lake_.Connect();
};

TEST_F(TransactionTest, SeesItsOwnWritesAndOneSnapshot) {
    auto other = lake_.Connect();
    session_->Run("BEGIN");
    session_->Run("INSERT INTO t VALUES (100)");
    session_->Run("DELETE FROM t WHERE a < 5");
    session_->Run("UPDATE t SET a = 101 WHERE a = 100");
    EXPECT_EQ(Rows(*session_, "SELECT count(*), max(a) FROM t"), "6|101");
    EXPECT_EQ(Rows(*other, "SELECT count(*), max(a) FROM t"), "10|9");
    EXPECT_EQ(session_->Snapshot({"main", "t"})->LiveRows(), 6U);
    session_->Run("COMMIT");
    EXPECT_EQ(Rows(*other, "SELECT count(*), max(a) FROM t"), "6|101");
    EXPECT_EQ(Changes("t").size(), 2U);
    EXPECT_EQ(Changes("t")[1].remove.size(), 1U);
}

TEST_F(TransactionTest, ReadsAreRepeatable) {
    auto other = lake_.Connect();
    session_->Run("BEGIN");
    EXPECT_EQ(Rows(*session_, "SELECT count(*) FROM t"), "10");
    other->Run("INSERT INTO t VALUES (1)");
    EXPECT_EQ(Rows(*session_, "SELECT count(*) FROM t"), "10");
    session_->Run("COMMIT");
    EXPECT_EQ(Rows(*session_, "SELECT count(*) FROM t"), "11");
}

TEST_F(TransactionTest, RollbackLeavesNothing) {
    session_->Run("BEGIN");
    session_->Run("DELETE FROM t");
    session_->Run("ROLLBACK");
    EXPECT_EQ(Rows(*session_, "SELECT count(*) FROM t"), "10");
    EXPECT_EQ(Changes("t").size(), 1U);
}

TEST_F(TransactionTest, WritesOneTableAndDefinesNothing) {
    session_->Run("BEGIN");
    session_->Run("INSERT INTO t VALUES (1)");
    EXPECT_EQ(KindOf(*session_, "INSERT INTO u VALUES (1)"), ErrorKind::kUnsupported);
    session_->Run("ROLLBACK");
    for (const char* sql : {"CREATE TABLE v (a INT)", "CREATE TABLE v AS SELECT 1 AS a",
                            "DROP TABLE t", "CREATE SCHEMA s", "CREATE VIEW v AS SELECT 1 AS a"}) {
        session_->Run("BEGIN");
        EXPECT_EQ(KindOf(*session_, sql), ErrorKind::kUnsupported) << sql;
        session_->Run("ROLLBACK");
    }
}

TEST_F(TransactionTest, OutcomesOfACommit) {
    Answer(table::Conflict{table::ConflictReason::kTransaction, {7}, ""}, 1);
    EXPECT_EQ(KindOf(*session_, "INSERT INTO t VALUES (1)"), ErrorKind::kConflict);
    Answer(table::Unknown{"commit-1", "no answer"}, 1);
    try {
        session_->Run("INSERT INTO t VALUES (1)");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kUnavailable);
        ASSERT_EQ(error.context().size(), 1U);
        EXPECT_EQ(error.context()[0].second, "commit-1");
    }
    // Nothing that the lost commit may name was deleted.
    size_t data_files = 0;
    for (const auto& object : lake_.store.List("mem://lake/warehouse", {"", true, 1000})) {
        if (object.location.ends_with(".parquet")) data_files++;
    }
    EXPECT_EQ(data_files, 4U);
    EXPECT_EQ(Rows(*session_, "SELECT count(*) FROM t"), "10");
}

TEST_F(TransactionTest, AStatementThatLostIsRunAgain) {
    const table::Conflict lost{table::ConflictReason::kConcurrentAppend, {7}, ""};
    Answer(lost, 5);
    const auto stats = session_->Run("UPDATE t SET a = a + 100 WHERE a < 3");
    EXPECT_EQ(stats.reruns, 5U);
    EXPECT_EQ(stats.rows_affected, 3U);
    EXPECT_EQ(Rows(*session_, "SELECT count(*), max(a) FROM t"), "10|102");
    Answer(lost, 2);
    session_->Run("INSERT INTO t REPLACE WHERE a >= 100 VALUES (200)");
    EXPECT_EQ(Rows(*session_, "SELECT count(*), max(a) FROM t"), "8|200");
    Answer(lost, 1'000'000);
    EXPECT_EQ(KindOf(*session_, "INSERT INTO t VALUES (1)"), ErrorKind::kConflict);
    EXPECT_GT(lake_.format->times, 999'000);
    EXPECT_EQ(session_->Run("SELECT 1").reruns, 0U);
}

// What others see of a transaction depends on all of its statements, and rows of an input come
// once.
TEST_F(TransactionTest, NeitherATransactionNorAnInputIsRunAgain) {
    const table::Conflict lost{table::ConflictReason::kConcurrentAppend, {7}, ""};
    Answer(lost, 1);
    session_->Run("BEGIN");
    session_->Run("INSERT INTO t VALUES (1)");
    EXPECT_EQ(KindOf(*session_, "COMMIT"), ErrorKind::kConflict);
    EXPECT_EQ(lake_.format->times, 0);
    EXPECT_EQ(Rows(*session_, "SELECT count(*) FROM t"), "10");
}

TEST_F(TransactionTest, CommitsCarryWhatTheCallerGave) {
    ExecuteOptions options;
    options.transaction = table::AppTransaction{"tarn:silver.t", 7};
    options.offsets = {{"source:bronze.t", 3}};
    options.commit_info["run"] = "r1";
    session_->Run("INSERT INTO t SELECT 1 WHERE false", options);
    ASSERT_EQ(Changes("t").size(), 2U);
    const table::Change& change = Changes("t").back();
    ASSERT_EQ(change.transactions.size(), 2U);
    EXPECT_EQ(change.transactions[0].version, 7);
    EXPECT_EQ(change.commit_info.at("run"), "r1");
    EXPECT_EQ(session_->Snapshot({"main", "t"})->TransactionVersion("source:bronze.t"), 3);
}

TEST_F(TransactionTest, BlindAppendsReadNothing) {
    session_->Run("INSERT INTO t VALUES (1)");
    EXPECT_TRUE(Changes("t").back().reads.IsBlind());
    session_->Run("INSERT INTO t SELECT a FROM t");
    EXPECT_TRUE(Changes("t").back().reads.whole_table);
    session_->Run("DELETE FROM t WHERE a = 3");
    EXPECT_FALSE(Changes("t").back().reads.whole_table);
    EXPECT_EQ(Changes("t").back().reads.predicates.size(), 1U);
}

// By what is asked of a file with these bounds of `a`, one that another writer adds.
class MergeReadsTest : public TransactionTest {
protected:
    bool Reads(const std::string& sql, int least, int greatest) {
        session_->Run(sql);
        const table::ReadSet& reads = Changes("t").back().reads;
        if (reads.whole_table) return true;
        return std::any_of(reads.predicates.begin(), reads.predicates.end(),
                           [&](const table::Predicate& predicate) {
                               return table::MayMatch(predicate, Bounds(least, greatest));
                           });
    }

private:
    class Bounds final : public table::FileFacts {
    public:
        Bounds(int least, int greatest) : least_(least), greatest_(greatest) {}
        table::ColumnFacts Of(const std::vector<std::string>& column) const override {
            table::ColumnFacts facts;
            if (column.front() != "a") return facts;
            facts.min = int64_t{least_};
            facts.max = int64_t{greatest_};
            facts.null_count = 0;
            facts.record_count = 5;
            return facts;
        }

    private:
        int least_;
        int greatest_;
    };
};

TEST_F(MergeReadsTest, ASourceSaysWhichRowsAreLookedFor) {
    const std::string merge =
        "MERGE INTO t USING (VALUES (2, 1), (50, 2)) s(k, v) ON t.a = s.k WHEN MATCHED THEN UPDATE "
        "SET a = t.a WHEN NOT MATCHED THEN INSERT (a) VALUES (s.k + 1000)";
    EXPECT_TRUE(Reads(merge, 40, 60));
    EXPECT_FALSE(Reads(merge, 51, 60));
    EXPECT_FALSE(Reads(merge, 3, 49));
    // A source that the table's own bounds say matches nothing was looked for all the same.
    const std::string news =
        "MERGE INTO t USING (VALUES (700), (800)) s(k) ON t.a = s.k WHEN NOT MATCHED THEN INSERT "
        "(a) VALUES (s.k)";
    EXPECT_TRUE(Reads(news, 700, 700));
    EXPECT_FALSE(Reads(news, 801, 900));
}

TEST_F(MergeReadsTest, ConstantConditionsCountToo) {
    const std::string merge =
        "MERGE INTO t USING (VALUES (2), (50)) s(k) ON t.a = s.k AND t.a < 10 WHEN NOT MATCHED "
        "THEN INSERT (a) VALUES (s.k + 1000)";
    EXPECT_TRUE(Reads(merge, 2, 2));
    EXPECT_FALSE(Reads(merge, 50, 50));
}

TEST_F(MergeReadsTest, UpdatesAndDeletesThatJoin) {
    session_->Run("CREATE TABLE s AS SELECT 3::BIGINT AS k UNION ALL SELECT 5::BIGINT");
    EXPECT_FALSE(Reads("UPDATE t SET a = a FROM s WHERE t.a = s.k", 6, 10));
    session_->Run("INSERT INTO s VALUES (30)");
    EXPECT_TRUE(Reads("UPDATE t SET a = a FROM s WHERE t.a = s.k", 30, 30));
    session_->Run("DELETE FROM s WHERE k = 30");
    EXPECT_TRUE(Reads("UPDATE t SET a = a FROM s WHERE t.a = s.k", 5, 10));
    EXPECT_FALSE(Reads("DELETE FROM t USING s WHERE t.a = s.k", 6, 10));
}

// Nothing less than the table where rows that no source row matches are changed, or no key is
// compared.
TEST_F(MergeReadsTest, OtherMergesReadAll) {
    EXPECT_TRUE(
        Reads("MERGE INTO t USING (VALUES (2)) s(k) ON t.a = s.k WHEN NOT MATCHED BY SOURCE "
              "AND t.a = 4 THEN DELETE",
              500, 600));
    EXPECT_TRUE(
        Reads("MERGE INTO t USING (VALUES (2)) s(k) ON t.a % 10 = s.k WHEN MATCHED THEN "
              "UPDATE SET a = 3",
              500, 600));
}

TEST_F(TransactionTest, OverwriteAllAndByPartition) {
    ExecuteOptions options;
    options.insert_mode = InsertMode::kOverwriteAll;
    session_->Run("INSERT INTO t VALUES (7)", options);
    EXPECT_EQ(Rows(*session_, "SELECT * FROM t"), "7");
    session_->Run("CREATE TABLE p (a INT, day VARCHAR) PARTITIONED BY (day)");
    session_->Run("INSERT INTO p VALUES (1, 'mon'), (2, 'tue'), (3, NULL)");
    options.insert_mode = InsertMode::kOverwritePartitions;
    session_->Run("INSERT INTO p VALUES (20, 'tue'), (30, NULL), (40, 'wed')", options);
    EXPECT_EQ(Rows(*session_, "SELECT * FROM p ORDER BY a"), "1|mon\n20|tue\n30|NULL\n40|wed");
}

TEST_F(TransactionTest, StatisticsOfAStatement) {
    session_->Run("INSERT INTO t VALUES (1)");
    auto stats = session_->Run("SELECT sum(a) FROM t");
    EXPECT_EQ(stats.files_read, 2U);
    EXPECT_GT(stats.bytes_read, 0U);
    ASSERT_EQ(stats.read.size(), 1U);
    EXPECT_EQ(stats.read[0].table.ToString(), "main.t");
    EXPECT_EQ(stats.read[0].version.number, 1);
    stats = session_->Run("INSERT INTO t SELECT a FROM u");
    EXPECT_EQ(stats.files_written, 1U);
    EXPECT_GT(stats.bytes_written, 0U);
    ASSERT_EQ(stats.written.size(), 1U);
    EXPECT_EQ(stats.written[0].version.number, 2);
}

class DenyWrites final : public AccessPolicy {
public:
    void Authorize(const Principal&, Action action, const TableName& table) override {
        if (action != Action::kRead || table.name == "secret") {
            throw Error(ErrorKind::kPermissionDenied, "no");
        }
    }
};

TEST_F(TransactionTest, ThePolicyIsAskedForEveryTable) {
    session_->Run("CREATE TABLE secret AS SELECT 1 AS a");
    session_->Run("CREATE VIEW seen AS SELECT * FROM secret");
    DenyWrites policy;
    auto engine =
        Engine::Open({}, {lake_.store, lake_.directory, policy, lake_.clock, lake_.random});
    engine->AddFormat(*lake_.format);
    auto guest = engine->Connect({"guest", false});
    EXPECT_EQ(Rows(*guest, "SELECT count(*) FROM t"), "10");
    for (const char* sql :
         {"SELECT * FROM secret", "SELECT * FROM t WHERE a IN (SELECT a FROM secret)",
          "SELECT * FROM seen", "INSERT INTO t VALUES (1)", "DELETE FROM t", "UPDATE t SET a = 1",
          "DROP TABLE t", "CREATE TABLE n (a INT)", "CREATE TABLE n AS SELECT 1 AS a",
          "CREATE VIEW n AS SELECT 1 AS a", "DROP VIEW seen", "CREATE SCHEMA n",
          "SELECT * FROM table_history('secret')", "SELECT * FROM table_changes('secret', 0)",
          "MERGE INTO t USING (SELECT 1 AS k) ON a = k WHEN MATCHED THEN DELETE"}) {
        EXPECT_EQ(KindOf(*guest, sql), ErrorKind::kPermissionDenied) << sql;
    }
}

}  // namespace
}  // namespace tarn::engine
