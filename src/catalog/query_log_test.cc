#include "catalog/query_log.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "catalog/scratch_folder.h"
#include "catalog/sqlite_store.h"

namespace tarn::catalog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

engine::TableScan ScanOf(const char* table, const char* filter) {
    engine::TableScan scan;
    scan.table = {"main", table};
    scan.filters = {filter};
    return scan;
}

class QueryLogTest : public testing::Test {
protected:
    static engine::QueryStart Statement(const std::string& text, bool only_reads = false) {
        return {"me", "", only_reads ? "SELECT" : "INSERT", text, only_reads, 0};
    }

    // Makes the file, as the first change of a lake does.
    void MakeStore() {
        SqliteStore(file_, Migrations(), clock_, random_).Write([](Connection& connection) {
            connection.Execute("UPDATE state SET change_counter = change_counter + 1");
        });
    }

    // The rows as another process sees them now.
    std::vector<std::string> Rows(const std::string& columns = "statement || ' ' || state") {
        SqliteStore other(file_, Migrations(), clock_, random_);
        std::vector<std::string> rows;
        other.Read([&](Connection& connection) {
            for (const Cells& row :
                 connection.Query("SELECT " + columns + " FROM queries ORDER BY number"))
                rows.push_back(TextOf(row.at(0)));
        });
        return rows;
    }

    ScratchFolder folder_;
    const std::string file_ = folder_.path() + "/.tarn/catalog.db";
    ManualClock clock_{TimestampUs(std::chrono::hours(24 * 365 * 56))};
    SeededRandom random_{7};
    SqliteStore store_{file_, Migrations(), clock_, random_, Durability::kProcess};
};

TEST_F(QueryLogTest, WhatChangesIsThereBeforeItRuns) {
    MakeStore();
    QueryLog log(store_, clock_, random_, 10);
    const int64_t query = log.Start(Statement("INSERT 1"));
    EXPECT_THAT(Rows(), ElementsAre("INSERT 1 running"));
    engine::QueryEnd end;
    end.stats.rows_affected = 7;
    log.Finish(query, end);
    log.OpenQueries();
    EXPECT_THAT(Rows(), ElementsAre("INSERT 1 succeeded"));
    EXPECT_THAT(Rows("CAST(rows_affected AS TEXT)"), ElementsAre("7"));
}

TEST_F(QueryLogTest, WhatReadsIsWrittenSoonByItself) {
    MakeStore();
    QueryLog log(store_, clock_, random_, 10);
    const int64_t query = log.Start(Statement("SELECT 1", true));
    log.Finish(query, {});
    for (int i = 0; i < 1000 && Rows().empty(); ++i)
        RealClock().Sleep(std::chrono::milliseconds(5));
    EXPECT_THAT(Rows(), ElementsAre("SELECT 1 succeeded"));
}

TEST_F(QueryLogTest, ALongReadIsThereWhileItRuns) {
    MakeStore();
    QueryLog log(store_, clock_, random_, 10);
    log.Start(Statement("SELECT 1", true));
    for (int i = 0; i < 1000 && Rows().empty(); ++i)
        RealClock().Sleep(std::chrono::milliseconds(5));
    EXPECT_THAT(Rows(), ElementsAre("SELECT 1 running"));
}

TEST_F(QueryLogTest, ReadingALakeWithoutStateMakesNothing) {
    {
        QueryLog log(store_, clock_, random_, 10);
        log.Finish(log.Start(Statement("SELECT 1", true)), {});
        ArrowArray batch;
        EXPECT_FALSE(log.OpenQueries()->Next(&batch));
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(QueryLogTest, TheStatementThatMakesTheStoreIsInIt) {
    {
        QueryLog log(store_, clock_, random_, 10);
        const int64_t query = log.Start(Statement("CREATE TABLE"));
        MakeStore();
        log.Finish(query, {});
    }
    EXPECT_THAT(Rows(), ElementsAre("CREATE TABLE succeeded"));
}

TEST_F(QueryLogTest, TheEndOfTheLogWritesWhatIsLeft) {
    MakeStore();
    {
        QueryLog log(store_, clock_, random_, 10);
        log.Finish(log.Start(Statement("SELECT 1", true)), {});
        log.Start(Statement("SELECT 2", true));
    }
    EXPECT_THAT(Rows(), ElementsAre("SELECT 1 succeeded", "SELECT 2 cancelled"));
}

TEST_F(QueryLogTest, FailuresKeepTheirKindAndTime) {
    MakeStore();
    QueryLog log(store_, clock_, random_, 10);
    const int64_t query = log.Start(Statement("INSERT 1"));
    clock_.Advance(std::chrono::milliseconds(3));
    engine::QueryEnd end{engine::QueryOutcome::kFailed, "InvalidInput", std::string(5000, 'x'), {}};
    log.Finish(query, end);
    log.OpenQueries();
    EXPECT_THAT(Rows("error_kind || ' ' || total_us || ' ' || length(error_message)"),
                ElementsAre("InvalidInput 3000 1024"));
}

// Its own process: a log of this one would be alive.
TEST_F(QueryLogTest, AStatementWhoseProcessWasKilledShowsAsDied) {
    MakeStore();
    const pid_t child = fork();
    if (child == 0) {
        SqliteStore store(file_, Migrations(), clock_, random_, Durability::kProcess);
        QueryLog log(store, clock_, random_, 10);
        log.Start(Statement("INSERT 1"));
        kill(getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_THAT(Rows(), ElementsAre("INSERT 1 running"));
    QueryLog log(store_, clock_, random_, 10);
    log.Start(Statement("INSERT 2"));
    log.OpenQueries();
    EXPECT_THAT(Rows(), ElementsAre("INSERT 1 died", "INSERT 2 running"));
}

TEST_F(QueryLogTest, RowsBeyondTheAgeGo) {
    MakeStore();
    {
        QueryLog log(store_, clock_, random_, 10);
        log.Finish(log.Start(Statement("INSERT 1")), {});
        clock_.Advance(std::chrono::hours(24 * 9));
        log.Finish(log.Start(Statement("INSERT 2")), {});
    }
    clock_.Advance(std::chrono::hours(24 * 2));
    QueryLog log(store_, clock_, random_, 10);
    log.Finish(log.Start(Statement("INSERT 3")), {});
    log.OpenQueries();
    EXPECT_THAT(Rows(), ElementsAre("INSERT 2 succeeded", "INSERT 3 succeeded"));
}

TEST_F(QueryLogTest, RowsBeyondTheirNumberGo) {
    MakeStore();
    {
        QueryLog log(store_, clock_, random_, 10);
        log.Finish(log.Start(Statement("INSERT 1")), {});
        log.Finish(log.Start(Statement("INSERT 2")), {});
    }
    store_.Write([](Connection& connection) {
        connection.Execute("UPDATE queries SET number = ?1 WHERE statement = 'INSERT 2'",
                           {QueryLog::kMostRows + 2});
    });
    QueryLog log(store_, clock_, random_, 10);
    log.Start(Statement("INSERT 3"));
    EXPECT_THAT(Rows("statement"), ElementsAre("INSERT 2", "INSERT 3"));
}

TEST_F(QueryLogTest, OldRowsGoWhileTheLogIsOpen) {
    MakeStore();
    QueryLog log(store_, clock_, random_, 10);
    log.Finish(log.Start(Statement("old")), {});
    clock_.Advance(std::chrono::hours(24 * 11));
    for (int i = 0; i < 1001; ++i) log.Finish(log.Start(Statement("new")), {});
    log.OpenQueries();
    EXPECT_THAT(Rows("count(*) FILTER (WHERE statement = 'old') || ''"), ElementsAre("0"));
}

TEST_F(QueryLogTest, SoManyScansOfAStatementAreKept) {
    MakeStore();
    QueryLog log(store_, clock_, random_, 10);
    engine::QueryEnd end;
    for (size_t i = 0; i < QueryLog::kMostScans + 5; ++i)
        end.stats.scans.push_back(ScanOf("t", "a"));
    log.Finish(log.Start(Statement("SELECT", true)), end);
    EXPECT_EQ(log.Scans({"main", "t"}, 100).size(), QueryLog::kMostScans);
}

TEST_F(QueryLogTest, ScansOfATableComeBackNewestFirst) {
    MakeStore();
    QueryLog log(store_, clock_, random_, 10);
    for (const char* column : {"a", "b"}) {
        engine::QueryEnd end;
        end.stats.scans = {{{"main", "t"}, {column}, 1, 2, 30, 4, 50, 0, 0, {}}, ScanOf("u", "z")};
        log.Finish(log.Start(Statement("SELECT", true)), end);
    }
    engine::QueryEnd failed{engine::QueryOutcome::kFailed, "Timeout", "", {}};
    failed.stats.scans = {ScanOf("t", "c")};
    log.Finish(log.Start(Statement("SELECT", true)), failed);
    const auto scans = log.Scans({"MAIN", "T"}, 10);
    ASSERT_EQ(scans.size(), 2U);
    EXPECT_THAT(scans[0].filters, ElementsAre("b"));
    EXPECT_THAT(scans[1].filters, ElementsAre("a"));
    EXPECT_EQ(scans[1].bytes, 30U);
    EXPECT_EQ(scans[1].table_rows, 50U);
    EXPECT_EQ(log.Scans({"main", "t"}, 1).size(), 1U);
    EXPECT_THAT(log.Scans({"main", "nope"}, 10), IsEmpty());
}

}  // namespace
}  // namespace tarn::catalog
