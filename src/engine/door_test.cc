// What a session may reach, what stops it, and what it finds beside tables.
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "engine/test_lake.h"
#include "engine/test_sql.h"

namespace tarn::engine {
namespace {

EngineOptions BehindADoor(const std::vector<std::string>& folders = {}) {
    EngineOptions options;
    options.allow_external_access = false;
    options.allowed_folders = folders;
    return options;
}

TEST(DoorTest, TablesWorkWithoutExternalAccess) {
    for (const bool is_on_disk : {false, true}) {
        TestLake lake(BehindADoor(), is_on_disk);
        auto session = lake.Connect();
        session->Run("CREATE SCHEMA s");
        session->Run("CREATE TABLE s.t (a INT, p VARCHAR) PARTITIONED BY (p)");
        for (int i = 0; i < 11; i++) session->Run("INSERT INTO s.t VALUES (1, 'x'), (2, 'y')");
        session->Run("DELETE FROM s.t WHERE a = 1");
        EXPECT_EQ(Rows(*session, "SELECT count(*), sum(a) FROM s.t"), "11|22");
        EXPECT_EQ(Rows(*session, "SELECT count(*) FROM s.t VERSION AS OF 1"), "2");
        session->Run("USE s");
        EXPECT_EQ(Rows(*session, "SELECT count(*) FROM t"), "11");
        EXPECT_EQ(session->ResolveName("t").ToString(), "s.t");
        EXPECT_EQ(session->ResolveName("lake.\"main\".\"T\"").ToString(), "main.T");
    }
}

TEST(DoorTest, OnlyAllowedFoldersAreRead) {
    TestFolder allowed;
    TestFolder other;
    for (const auto* folder : {&allowed, &other})
        std::ofstream(folder->path() + "/a.csv") << "a\n1\n";
    TestLake lake(BehindADoor({allowed.path()}));
    auto session = lake.Connect();
    EXPECT_EQ(Rows(*session, "SELECT a FROM read_csv('" + allowed.path() + "/a.csv')"), "1");
    EXPECT_EQ(KindOf(*session, "SELECT a FROM read_csv('" + other.path() + "/a.csv')"),
              ErrorKind::kPermissionDenied);
    EXPECT_EQ(KindOf(*session, "COPY (SELECT 1) TO '" + other.path() + "/b.csv'"),
              ErrorKind::kPermissionDenied);
    EXPECT_EQ(KindOf(*session, "SET memory_limit = '100GB'"), ErrorKind::kInvalidInput);
}

TEST(DoorTest, CancelStopsAStatementAndOnlyThat) {
    TestLake lake;
    auto session = lake.Connect();
    std::thread canceller([&] {
        for (int i = 0; i < 200; i++) {
            session->Cancel();
            EXPECT_LE(session->Progress(), 1.0);
            RealClock().Sleep(std::chrono::milliseconds(5));
        }
    });
    EXPECT_EQ(
        KindOf(*session, "SELECT sum(a.i * b.i) FROM range(1000000) a(i), range(1000000) b(i)"),
        ErrorKind::kCancelled);
    canceller.join();
    EXPECT_EQ(Rows(*session, "SELECT 1"), "1");
}

TEST(DoorTest, AScanSaysHowFarItIs) {
    TestLake lake;
    auto session = lake.Connect();
    session->Run("CREATE TABLE t AS SELECT i::VARCHAR AS s FROM range(1000000) r(i)");
    double furthest = -1;
    std::thread watcher([&] {
        for (int i = 0; i < 10'000 && furthest <= 0; i++) {
            furthest = std::max(furthest, session->Progress());
            RealClock().Sleep(std::chrono::milliseconds(1));
        }
        session->Cancel();
    });
    try {
        session->Run("SELECT max(sha256(sha256(sha256(sha256(s))))) FROM t");
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kCancelled);
    }
    watcher.join();
    EXPECT_GT(furthest, 0);
    EXPECT_LE(furthest, 1);
}

TEST(DoorTest, WritersOfTheSameRowsConflict) {
    TestLake lake;
    auto first = lake.Connect();
    auto second = lake.Connect();
    first->Run("CREATE TABLE t AS SELECT i AS a FROM range(10) r(i)");
    first->Run("BEGIN");
    first->Run("DELETE FROM t WHERE a = 1");
    second->Run("DELETE FROM t WHERE a = 2");
    EXPECT_EQ(KindOf(*first, "COMMIT"), ErrorKind::kConflict);
    EXPECT_EQ(Rows(*first, "SELECT count(*) FROM t"), "9");
    // Appends of rows that nobody read go side by side.
    first->Run("BEGIN");
    first->Run("INSERT INTO t VALUES (100)");
    second->Run("INSERT INTO t VALUES (200)");
    first->Run("COMMIT");
    EXPECT_EQ(Rows(*first, "SELECT count(*), sum(a) FROM t"), "11|343");
}

TEST(DoorTest, CopyFromAndInsertByName) {
    TestFolder folder;
    std::ofstream(folder.path() + "/a.csv") << "a,b\n1,x\n2,y\n";
    TestLake lake;
    auto session = lake.Connect();
    session->Run("CREATE TABLE t (a INT, b VARCHAR)");
    EXPECT_EQ(session->Run("COPY t FROM '" + folder.path() + "/a.csv'").rows_affected, 2U);
    session->Run("INSERT INTO t BY NAME SELECT 'z' AS b, 3 AS a");
    EXPECT_EQ(Rows(*session, "SELECT string_agg(a || b, ' ' ORDER BY a) FROM t"), "1x 2y 3z");
    session->Run("COPY t TO '" + folder.path() + "/out.parquet'");
    EXPECT_EQ(Rows(*session, "SELECT count(*) FROM '" + folder.path() + "/out.parquet'"), "3");
    session->Run("TRUNCATE t");
    EXPECT_EQ(Rows(*session, "SELECT count(*) FROM t"), "0");
    EXPECT_EQ(KindOf(*session, "CREATE INDEX i ON t (a)"), ErrorKind::kUnsupported);
}

// One column "a" with the values 1 and 2.
class TwoRows final : public table::RowSource {
public:
    void GetSchema(ArrowSchema* out) override {
        ArrowSchemaInit(out);
        Require(ArrowSchemaSetTypeStruct(out, 1));
        Require(ArrowSchemaSetType(out->children[0], NANOARROW_TYPE_INT64));
        Require(ArrowSchemaSetName(out->children[0], "a"));
    }
    bool Next(ArrowArray* out) override {
        if (is_done_) return false;
        is_done_ = true;
        ArrowSchema schema;
        GetSchema(&schema);
        Require(ArrowArrayInitFromSchema(out, &schema, nullptr));
        ArrowSchemaRelease(&schema);
        Require(ArrowArrayStartAppending(out));
        for (const int64_t value : {1, 2}) {
            Require(ArrowArrayAppendInt(out->children[0], value));
            Require(ArrowArrayFinishElement(out));
        }
        Require(ArrowArrayFinishBuildingDefault(out, nullptr));
        return true;
    }

private:
    static void Require(int code) {
        if (code != NANOARROW_OK) throw Error(ErrorKind::kInternal, "Arrow");
    }
    bool is_done_ = false;
};

TEST(DoorTest, SystemTablesAreReadAnewAndNeverWritten) {
    TestLake lake;
    lake.directory.AddSystemTable({"ops", "runs"}, []() -> std::unique_ptr<table::RowSource> {
        return std::make_unique<TwoRows>();
    });
    auto session = lake.Connect();
    EXPECT_EQ(Rows(*session, "SELECT sum(a) FROM ops.runs"), "3");
    EXPECT_EQ(Rows(*session, "SELECT count(*) FROM ops.runs x JOIN ops.runs y USING (a)"), "2");
    EXPECT_EQ(Rows(*session, "SELECT a FROM ops.runs WHERE a > 1"), "2");
    EXPECT_EQ(KindOf(*session, "INSERT INTO ops.runs VALUES (3)"), ErrorKind::kUnsupported);
    EXPECT_EQ(KindOf(*session, "SELECT * FROM ops.runs VERSION AS OF 1"), ErrorKind::kInvalidInput);
}

}  // namespace
}  // namespace tarn::engine
