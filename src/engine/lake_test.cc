// Tables of a lake through SQL: definitions, rows in and out, versions, views.
#include <gtest/gtest.h>

#include "delta/format.h"
#include "engine/test_lake.h"
#include "engine/test_sql.h"

namespace tarn::engine {
namespace {

// Every test runs over a store in memory and over a folder.
class LakeTest : public testing::TestWithParam<bool> {
protected:
    void Do(std::string_view sql) {
        EXPECT_NO_THROW(session_->Run(sql)) << sql << "\n" << Rows(*session_, sql);
    }
    std::string Ask(std::string_view sql) { return Rows(*session_, sql); }
    ErrorKind Refusal(std::string_view sql) { return KindOf(*session_, sql); }

    TestLake lake_{EngineOptions{}, GetParam()};
    std::unique_ptr<Session> session_ = lake_.Connect();
};

// Times are those of the clock that stands still.
class VersionTest : public testing::Test {
protected:
    TestLake lake_;
    std::unique_ptr<Session> session_ = lake_.Connect();
};

INSTANTIATE_TEST_SUITE_P(Stores, LakeTest, testing::Bool(),
                         [](const auto& store) { return store.param ? "disk" : "memory"; });

TEST_P(LakeTest, CreateInsertSelect) {
    Do("CREATE TABLE t (a BIGINT, b VARCHAR, c DOUBLE)");
    EXPECT_EQ(Ask("SELECT * FROM t"), "");
    EXPECT_EQ(Ask("SELECT count(*) FROM t"), "0");
    EXPECT_EQ(session_->Run("INSERT INTO t SELECT i, 'x' || i, i / 2 FROM range(1000) r(i)")
                  .rows_affected,
              1000U);
    EXPECT_EQ(session_->Run("INSERT INTO t (b, a) VALUES ('y', -1)").rows_affected, 1U);
    EXPECT_EQ(Ask("SELECT count(*), sum(a), count(c) FROM t"), "1001|499499|1000");
    EXPECT_EQ(Ask("SELECT b FROM t WHERE a = 7"), "x7");
    EXPECT_EQ(Ask("SELECT a, b, c FROM t WHERE a < 0"), "-1|y|NULL");
    EXPECT_EQ(Ask("SELECT max(a) FROM lake.main.t"), "999");
    EXPECT_EQ(Ask("SELECT count(*) FROM \"default\".t"), "1001");
}

TEST_P(LakeTest, CreateTableAsSelect) {
    Do("CREATE SCHEMA silver");
    Do("CREATE TABLE silver.t AS SELECT i AS a, i % 3 AS b FROM range(100) r(i)");
    EXPECT_EQ(Ask("SELECT count(*), sum(a) FROM silver.t"), "100|4950");
    EXPECT_EQ(Refusal("CREATE TABLE silver.t AS SELECT 1 AS a"), ErrorKind::kAlreadyExists);
    Do("CREATE TABLE IF NOT EXISTS silver.t AS SELECT 1 AS a");
    EXPECT_EQ(Ask("SELECT count(*) FROM silver.t"), "100");
    EXPECT_EQ(Refusal("CREATE TABLE nowhere.t (a INT)"), ErrorKind::kNotFound);
}

TEST_P(LakeTest, CreateOrReplaceIsOneCommitOnTheSameTable) {
    Do("CREATE TABLE t AS SELECT 1 AS a");
    const auto before = session_->Snapshot({"main", "t"});
    Do("CREATE OR REPLACE TABLE t AS SELECT 'x' AS b, 2 AS c");
    const auto after = session_->Snapshot({"main", "t"});
    EXPECT_EQ(Ask("SELECT * FROM t"), "x|2");
    EXPECT_EQ(after->Metadata().id, before->Metadata().id);
    EXPECT_EQ(after->AtVersion().number, 1);
    EXPECT_EQ(Ask("SELECT * FROM t AT (VERSION => 0)"), "1");
    Do("CREATE OR REPLACE TABLE t (d DATE)");
    EXPECT_EQ(Ask("SELECT * FROM t"), "");
    Do("CREATE OR REPLACE TABLE fresh AS SELECT 1 AS a");
    EXPECT_EQ(Ask("SELECT * FROM fresh"), "1");
}

TEST_P(LakeTest, DropTable) {
    Do("CREATE TABLE t AS SELECT 1 AS a");
    EXPECT_EQ(Refusal("DROP VIEW t"), ErrorKind::kInvalidInput);
    Do("DROP TABLE t");
    EXPECT_EQ(Refusal("SELECT * FROM t"), ErrorKind::kNotFound);
    EXPECT_EQ(Refusal("DROP TABLE t"), ErrorKind::kNotFound);
    Do("DROP TABLE IF EXISTS t");
    Do("CREATE TABLE t AS SELECT 2 AS a");
    EXPECT_EQ(Ask("SELECT * FROM t"), "2");
}

TEST_P(LakeTest, Schemas) {
    Do("CREATE SCHEMA bronze");
    EXPECT_EQ(Refusal("CREATE SCHEMA bronze"), ErrorKind::kAlreadyExists);
    Do("CREATE SCHEMA IF NOT EXISTS bronze");
    for (const char* name : {"system", "temp", "pg_catalog", "information_schema", "lake"}) {
        EXPECT_EQ(Refusal(std::string("CREATE SCHEMA ") + name), ErrorKind::kInvalidInput) << name;
    }
    Do("CREATE TABLE bronze.t AS SELECT 1 AS a");
    EXPECT_EQ(Refusal("DROP SCHEMA bronze"), ErrorKind::kInvalidInput);
    Do("DROP SCHEMA bronze CASCADE");
    EXPECT_EQ(Refusal("SELECT * FROM bronze.t"), ErrorKind::kNotFound);
    EXPECT_EQ(Refusal("DROP SCHEMA bronze"), ErrorKind::kNotFound);
}

TEST_P(LakeTest, AnotherSessionSeesNewTables) {
    auto other = lake_.Connect();
    Do("CREATE TABLE t AS SELECT 1 AS a");
    EXPECT_EQ(Rows(*other, "SELECT * FROM t"), "1");
    Do("INSERT INTO t VALUES (2)");
    EXPECT_EQ(Rows(*other, "SELECT sum(a) FROM t"), "3");
}

TEST_P(LakeTest, Types) {
    auto result = session_->Execute(
        "CREATE TABLE t AS SELECT 1::UTINYINT AS a, 2::UBIGINT AS b, 3::HUGEINT AS c, uuid() AS d, "
        "TIMESTAMP '2013-01-01 05:00:00' AS e, TIMESTAMPTZ '2013-01-01 05:00:00+00' AS f, "
        "{'x': 1, 'y': [1, 2]} AS g, MAP {'k': 1.5::DOUBLE} AS h, 'b'::BLOB AS i, "
        "1.25::DECIMAL(5,2) AS j");
    EXPECT_EQ(result->Notices().size(), 4U);
    auto rows = session_->Execute("SELECT * FROM t");
    std::vector<std::string> types;
    for (const auto& column : rows->Columns()) types.push_back(column.type);
    EXPECT_EQ(types, (std::vector<std::string>{"SMALLINT", "DECIMAL(20,0)", "DECIMAL(38,0)",
                                               "VARCHAR", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE",
                                               "STRUCT(x INTEGER, y INTEGER[])",
                                               "MAP(VARCHAR, DOUBLE)", "BLOB", "DECIMAL(5,2)"}));
    EXPECT_EQ(
        Ask("SELECT a, b, c, e, f, g, h, i, j FROM t"),
        "1|2|3|2013-01-01 05:00:00|2013-01-01 05:00:00+00|{'x': 1, 'y': [1, 2]}|{k=1.5}|b|1.25");
    for (const char* type : {"TIME", "INTERVAL", "BIT", "TIMESTAMP_NS", "UNION(a INT)"}) {
        EXPECT_EQ(Refusal(std::string("CREATE TABLE u (a ") + type + ")"), ErrorKind::kInvalidInput)
            << type;
    }
    EXPECT_EQ(Refusal("INSERT INTO t (c) VALUES (170141183460469231731687303715884105727)"),
              ErrorKind::kInvalidInput);
}

TEST_P(LakeTest, NotNullIsEnforced) {
    Do("CREATE TABLE t (a INT NOT NULL, b INT)");
    EXPECT_EQ(Refusal("INSERT INTO t VALUES (NULL, 1)"), ErrorKind::kInvalidInput);
    EXPECT_EQ(Refusal("INSERT INTO t (b) VALUES (1)"), ErrorKind::kInvalidInput);
    Do("INSERT INTO t VALUES (1, NULL)");
    EXPECT_EQ(Refusal("UPDATE t SET a = NULL"), ErrorKind::kInvalidInput);
    EXPECT_EQ(Ask("SELECT * FROM t"), "1|NULL");
}

TEST_P(LakeTest, PartitionsAreWrittenApartAndPruned) {
    Do("CREATE TABLE t (a BIGINT, day DATE, carrier VARCHAR) PARTITIONED BY (day, carrier)");
    Do("INSERT INTO t SELECT i, DATE '2013-01-01' + (i % 3)::INT, CASE WHEN i % 2 = 0 THEN 'U/A' "
       "END FROM range(600) r(i)");
    EXPECT_EQ(Ask("SELECT count(*), sum(a) FROM t"), "600|179700");
    EXPECT_EQ(session_->Snapshot({"main", "t"})->Totals().files, 6U);
    auto result = session_->Execute(
        "SELECT count(DISTINCT a) FROM t WHERE day = DATE '2013-01-02' AND carrier IS NULL");
    std::vector<TextRow> rows;
    while (result->NextText(rows)) {
    }
    EXPECT_EQ(rows[0][0], "100");
    EXPECT_EQ(result->Stats().files_read, 1U);
    EXPECT_EQ(result->Stats().files_skipped, 5U);
    EXPECT_EQ(Ask("SELECT day, carrier, min(a) FROM t GROUP BY ALL ORDER BY ALL"),
              "2013-01-01|U/A|0\n2013-01-01|NULL|3\n2013-01-02|U/"
              "A|4\n2013-01-02|NULL|1\n2013-01-03|U/A|2\n"
              "2013-01-03|NULL|5");
    EXPECT_EQ(Ask("SELECT count(*) FROM t WHERE filename LIKE '%day=2013-01-02/carrier=U%2FA/%'"),
              "100");
}

TEST_P(LakeTest, FilesArePrunedByStatistics) {
    Do("CREATE TABLE t AS SELECT i AS a, 'x' || i AS b, {'c': i} AS s FROM range(100) r(i)");
    Do("INSERT INTO t SELECT i, 'y' || i, {'c': i} FROM range(1000, 1100) r(i)");
    const std::vector<std::pair<const char*, uint64_t>> cases = {
        {"a = 5", 1},
        {"a > 2000", 0},
        {"a IN (5, 1005)", 2},
        {"b >= 'y'", 1},
        {"a BETWEEN 99 AND 1000", 2},
        {"NOT (a < 1000)", 1},
        {"a IS NULL", 0},
        {"a % 7 = 5", 2},
        {"a = (SELECT 1005)", 1},
    };
    for (const auto& [condition, files] : cases) {
        EXPECT_EQ(session_->Run(std::string("SELECT b FROM t WHERE ") + condition).files_read,
                  files)
            << condition;
    }
    EXPECT_EQ(
        session_->Run("SELECT b FROM t JOIN (VALUES (1003), (1009)) v(k) ON a = k").files_read, 1U);
}

TEST_P(LakeTest, Statistics) {
    Do("CREATE TABLE t (a INT, b VARCHAR, c DOUBLE, d TIMESTAMPTZ, e DECIMAL(10,2), s STRUCT(x "
       "DATE), l INT[], f BOOLEAN)");
    Do("INSERT INTO t VALUES (1, 'é', 'nan', '2013-01-01 00:00:00.123456+00', 1.5, {'x': DATE "
       "'2013-01-01'}, [1], true), "
       "(NULL, repeat('z', 300), 1, NULL, -2.25, NULL, NULL, NULL)");
    const auto& change =
        lake_.format->changes.at(session_->Snapshot({"main", "t"})->Location()).back();
    ASSERT_EQ(change.add.size(), 1U);
    const auto& statistics = *change.add[0].statistics;
    EXPECT_EQ(statistics.record_count, 2U);
    std::map<std::string, const table::ColumnStatistics*> by_name;
    for (const auto& column : statistics.columns) by_name[column.path.back()] = &column;
    EXPECT_EQ(by_name.at("a")->min, table::Value(int64_t{1}));
    EXPECT_EQ(by_name.at("a")->null_count, 1U);
    const auto longest = std::get<std::string>(by_name.at("b")->min);
    EXPECT_LE(longest.size(), 256U);
    EXPECT_EQ(by_name.at("b")->max, table::Value(std::string("é")));
    EXPECT_TRUE(table::IsNull(by_name.at("c")->max));
    EXPECT_EQ(by_name.at("d")->min, table::Value(table::Timestamp{1356998400123456}));
    EXPECT_EQ(by_name.at("e")->min, table::Value(table::Decimal{-225, 2}));
    EXPECT_EQ(by_name.at("x")->max, table::Value(table::Date{15706}));
    EXPECT_EQ(by_name.at("x")->null_count, 1U);
    EXPECT_FALSE(by_name.contains("l"));
    EXPECT_EQ(by_name.at("f")->null_count, 1U);
}

// Plans made from statistics must not change answers: columns with and without NULL, and files of
// both kinds.
TEST_P(LakeTest, AnswersDoNotDependOnStatistics) {
    Do("CREATE TABLE t (a INT, b INT, c VARCHAR, p INT) PARTITIONED BY (p)");
    Do("INSERT INTO t SELECT i, i, 'x', 1 FROM range(10) r(i)");
    EXPECT_EQ(Ask("SELECT count(b), count(c), sum(a), min(p) FROM t WHERE b IS NOT NULL"),
              "10|10|45|1");
    EXPECT_EQ(Ask("SELECT count(*) FROM t WHERE b IS NULL OR a > 100"), "0");
    Do("INSERT INTO t SELECT 1000, NULL, NULL, NULL FROM range(3)");
    EXPECT_EQ(Ask("SELECT count(b), count(c), count(p), sum(a) FROM t"), "10|10|10|3045");
    EXPECT_EQ(Ask("SELECT count(*) FROM t WHERE b IS NULL OR a > 100"), "3");
    EXPECT_EQ(Ask("SELECT a, count(*) FROM t WHERE a > 8 GROUP BY a ORDER BY a"), "9|1\n1000|3");
    Do("DELETE FROM t WHERE a < 5");
    EXPECT_EQ(Ask("SELECT min(a), max(b), count(*) FROM t"), "5|9|8");
}

TEST_P(LakeTest, Delete) {
    Do("CREATE TABLE t AS SELECT i AS a, 'x' || i AS b FROM range(1000) r(i)");
    Do("INSERT INTO t SELECT i, 'y' FROM range(1000, 2000) r(i)");
    EXPECT_EQ(session_->Run("DELETE FROM t WHERE a % 10 = 3 AND a < 1000").rows_affected, 100U);
    EXPECT_EQ(Ask("SELECT count(*), count(*) FILTER (a % 10 = 3) FROM t"), "1900|100");
    EXPECT_EQ(session_->Run("DELETE FROM t WHERE a >= 1000").rows_affected, 1000U);
    EXPECT_EQ(session_->Snapshot({"main", "t"})->Totals().files, 1U);
    EXPECT_EQ(session_->Run("DELETE FROM t WHERE a = 12345").rows_affected, 0U);
    EXPECT_EQ(session_->Snapshot({"main", "t"})->AtVersion().number, 3);
    EXPECT_EQ(session_->Run("DELETE FROM t").rows_affected, 900U);
    EXPECT_EQ(Ask("SELECT count(*) FROM t"), "0");
    EXPECT_EQ(Ask("SELECT count(*) FROM t AT (VERSION => 1)"), "2000");
}

// The Parquet reader answers wrongly when a column stands twice in a scan (DuckDB's own
// BindExtraColumns does that).
TEST_P(LakeTest, UpdateWhereNamesTheColumnThatItAlsoKeeps) {
    Do("CREATE TABLE t AS SELECT i AS a, 'x' || i AS b, i / 2 AS c FROM range(100000) r(i)");
    EXPECT_EQ(
        session_->Run("UPDATE t SET c = 42, b = upper(b) WHERE a BETWEEN 10 AND 19 AND b <> 'x13'")
            .rows_affected,
        9U);
    EXPECT_EQ(Ask("SELECT string_agg(a || b || c, ' ' ORDER BY a) FROM t WHERE a BETWEEN 9 AND 13"),
              "9x94.5 10X1042.0 11X1142.0 12X1242.0 13x136.5");
    EXPECT_EQ(Ask("SELECT count(*), sum(a), count(DISTINCT b) FROM t"), "100000|4999950000|100000");
    EXPECT_EQ(session_->Run("UPDATE t SET a = a + 1 WHERE c > 100 AND a > 500").rows_affected,
              99499U);
    EXPECT_EQ(Ask("SELECT count(*), sum(a) FROM t"), "100000|5000049499");
    EXPECT_EQ(Ask("SELECT count(*) FROM t WHERE a > 501 AND b <> 'x' || (a - 1)"), "0");
}

TEST_P(LakeTest, UpdateFromASourceThatMatchesTwiceIsRefused) {
    Do("CREATE TABLE t AS SELECT i AS a, 0 AS b FROM range(10) r(i)");
    EXPECT_EQ(Refusal("UPDATE t SET b = v.x FROM (VALUES (1, 5), (1, 6)) v(k, x) WHERE a = k"),
              ErrorKind::kInvalidInput);
    EXPECT_EQ(session_->Run("UPDATE t SET b = v.x FROM (VALUES (1, 5), (2, 6)) v(k, x) WHERE a = k")
                  .rows_affected,
              2U);
    EXPECT_EQ(Ask("SELECT sum(b), count(*) FROM t"), "11|10");
}

TEST_P(LakeTest, UpdateMovesRowsBetweenPartitions) {
    Do("CREATE TABLE t (a INT, p VARCHAR) PARTITIONED BY (p)");
    Do("INSERT INTO t SELECT i, 'p' || (i % 2) FROM range(10) r(i)");
    EXPECT_EQ(session_->Run("UPDATE t SET p = 'p9' WHERE a < 4").rows_affected, 4U);
    EXPECT_EQ(Ask("SELECT p, count(*), min(a) FROM t GROUP BY p ORDER BY p"),
              "p0|3|4\np1|3|5\np9|4|0");
}

TEST_P(LakeTest, MergeWritesItsRows) {
    Do("CREATE TABLE t AS SELECT i AS a, 'x' || i AS b FROM range(30) r(i)");
    EXPECT_EQ(session_
                  ->Run("MERGE INTO t USING (VALUES (20, 'm20'), (21, 'm21'), (-1, 'new')) v(k, s) "
                        "ON a = k "
                        "WHEN MATCHED AND k = 20 THEN DELETE WHEN MATCHED THEN UPDATE SET b = s "
                        "WHEN NOT MATCHED THEN INSERT (a, b) VALUES (k, s)")
                  .rows_affected,
              3U);
    EXPECT_EQ(Ask("SELECT a, b FROM t WHERE a IN (19, 20, 21, -1) ORDER BY a"),
              "-1|new\n19|x19\n21|m21");
    EXPECT_EQ(Ask("SELECT count(*) FROM t"), "30");
    Do("MERGE INTO t USING (SELECT 5 AS k) v ON a = k WHEN NOT MATCHED BY SOURCE THEN DELETE");
    EXPECT_EQ(Ask("SELECT * FROM t"), "5|x5");
    Do("MERGE INTO t USING (SELECT 5 AS a, 'five' AS b UNION ALL SELECT 6, 'six') v ON t.a = v.a "
       "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *");
    EXPECT_EQ(Ask("SELECT * FROM t ORDER BY a"), "5|five\n6|six");
}

TEST_P(LakeTest, MergeThatMatchesARowTwiceIsRefused) {
    Do("CREATE TABLE t AS SELECT i AS a, 0 AS b FROM range(3) r(i)");
    EXPECT_EQ(Refusal("MERGE INTO t USING (VALUES (1, 5), (1, 6)) v(k, x) ON a = k WHEN MATCHED "
                      "THEN UPDATE SET b = x"),
              ErrorKind::kInvalidInput);
    EXPECT_EQ(Ask("SELECT sum(b) FROM t"), "0");
}

TEST_P(LakeTest, TimeTravel) {
    Do("CREATE TABLE t AS SELECT 1 AS a");
    Do("INSERT INTO t VALUES (2)");
    EXPECT_EQ(Ask("SELECT count(*) FROM t AT (VERSION => 0)"), "1");
    EXPECT_EQ(
        Ask("SELECT n.a FROM t n LEFT JOIN t o AT (VERSION => 0) ON n.a = o.a WHERE o.a IS NULL"),
        "2");
    EXPECT_EQ(Refusal("SELECT * FROM t AT (VERSION => 9)"), ErrorKind::kNotFound);
}

TEST_F(VersionTest, ByTime) {
    session_->Run("CREATE TABLE t AS SELECT 1 AS a");
    lake_.clock.Advance(std::chrono::hours(1));
    session_->Run("INSERT INTO t VALUES (2)");
    EXPECT_EQ(
        Rows(*session_, "SELECT count(*) FROM t AT (TIMESTAMP => TIMESTAMP '2014-05-13 17:00:00')"),
        "1");
    EXPECT_EQ(Rows(*session_, "SELECT count(*) FROM t TIMESTAMP AS OF '2014-05-13 18:00:00'"), "2");
    EXPECT_EQ(Rows(*session_, "SELECT count(*) FROM t VERSION AS OF 0"), "1");
    EXPECT_EQ(KindOf(*session_, "SELECT count(*) FROM t TIMESTAMP AS OF '2013-01-01'"),
              ErrorKind::kNotFound);
}

TEST_P(LakeTest, Views) {
    Do("CREATE SCHEMA gold");
    Do("CREATE TABLE gold.t AS SELECT i AS a FROM range(10) r(i)");
    Do("CREATE VIEW gold.v AS SELECT sum(a) AS total FROM gold.t");
    EXPECT_EQ(Ask("SELECT total FROM gold.v"), "45");
    EXPECT_EQ(Refusal("CREATE VIEW gold.v AS SELECT 1 AS x"), ErrorKind::kAlreadyExists);
    Do("CREATE OR REPLACE VIEW gold.v(x, y) AS SELECT 1, 2");
    EXPECT_EQ(Ask("SELECT y, x FROM gold.v"), "2|1");
    EXPECT_EQ(Refusal("CREATE OR REPLACE VIEW gold.t AS SELECT 1 AS x"), ErrorKind::kAlreadyExists);
    EXPECT_EQ(Refusal("DROP TABLE gold.v"), ErrorKind::kInvalidInput);
    Do("DROP VIEW gold.v");
    EXPECT_EQ(Refusal("SELECT * FROM gold.v"), ErrorKind::kNotFound);
}

// Its places would be shown in the text of the statement that reads the view.
TEST_P(LakeTest, AMistakeInsideAViewHasNoPlaceInAStatement) {
    Do("CREATE TABLE t AS SELECT 1 AS a");
    Do("CREATE VIEW v AS SELECT a FROM t UNION ALL SELECT x.a FROM (SELECT a FROM t) x");
    Do("CREATE VIEW w AS SELECT a FROM (VALUES (1)) s(a) WHERE a IN (SELECT a FROM t)");
    Do("DROP TABLE t");
    for (const char* sql : {"SELECT * FROM v", "SELECT 1 AS one,\n2 AS two, w.* FROM w"}) {
        try {
            session_->Query(sql);
            ADD_FAILURE() << "nothing was thrown: " << sql;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
            EXPECT_EQ(error.spot().line, 0) << sql;
        }
    }
    try {
        session_->Query("SELECT * FROM missing, v");
    } catch (const Error& error) {
        EXPECT_EQ(error.spot().column, 15);
    }
}

TEST_P(LakeTest, PathTables) {
    const std::string path = "delta.`" + lake_.root + "/free/t`";
    Do("CREATE TABLE " + path + " AS SELECT 1 AS a");
    EXPECT_EQ(Ask("SELECT * FROM " + path), "1");
    Do("INSERT INTO " + path + " VALUES (2)");
    EXPECT_EQ(Ask("SELECT sum(a) FROM delta.\"" + lake_.root + "/free/t/\""), "3");
    EXPECT_EQ(Ask("SELECT count(*) FROM " + path + " VERSION AS OF 0"), "1");
    EXPECT_EQ(Refusal("SELECT * FROM delta.`" + lake_.root + "/free/nothing`"),
              ErrorKind::kNotFound);
    EXPECT_EQ(Refusal("DROP TABLE " + path), ErrorKind::kUnsupported);
    EXPECT_EQ(Ask("SELECT count(*) FROM information_schema.tables"), "0");
}

TEST_P(LakeTest, Listing) {
    Do("CREATE SCHEMA silver");
    Do("CREATE TABLE silver.t (a INT, b VARCHAR NOT NULL)");
    Do("CREATE VIEW silver.v AS SELECT a FROM silver.t");
    EXPECT_EQ(Ask("SELECT table_catalog, table_schema, table_name, table_type FROM "
                  "information_schema.tables ORDER BY 3"),
              "lake|silver|t|BASE TABLE\nlake|silver|v|VIEW");
    EXPECT_EQ(Ask("SELECT column_name, data_type, is_nullable FROM information_schema.columns "
                  "WHERE table_name = 't'"),
              "a|INTEGER|YES\nb|VARCHAR|NO");
    EXPECT_EQ(Ask("DESCRIBE silver.t"),
              "a|INTEGER|YES|NULL|NULL|NULL|NULL\nb|VARCHAR|NO|NULL|NULL|NULL|NULL");
}

TEST_P(LakeTest, StatementsThatDuckDbMakesSeveralOf) {
    Do("CREATE TABLE t AS SELECT i % 2 AS k, i AS v FROM range(6) r(i)");
    EXPECT_EQ(Ask("PIVOT t ON k USING sum(v)"), "6|9");
    EXPECT_EQ(Refusal("SELECT 1; SELECT 2"), ErrorKind::kInvalidInput);
    EXPECT_EQ(Refusal("SELECT * FROM t AT (VERSION => NULL)"), ErrorKind::kInvalidInput);
}

// Names of nested fields differ in the files of a table with column mapping.
TEST_P(LakeTest, ColumnMappingBelowListsAndMaps) {
    // Beside the project, wherever below it the tests run.
    std::filesystem::path above = std::filesystem::current_path();
    while (above.has_relative_path() && !std::filesystem::exists(above / "shared" / "golden"))
        above = above.parent_path();
    const auto root = above / "shared" / "golden" / "delta-golden";
    if (!std::filesystem::exists(root)) GTEST_SKIP() << "needs ../shared/golden beside the project";
    for (const char* mode : {"name", "id"}) {
        const auto path = root / ("table-with-columnmapping-mode-" + std::string(mode));
        EXPECT_EQ(Ask("SELECT count(array_of_structs[1].ab), count(map_values(map_of_rows)[1].ab), "
                      "count(nested_struct.ac.aca), count(*) FROM delta.`" +
                      path.string() + "`"),
                  "5|5|5|6")
            << mode;
    }
}

TEST_P(LakeTest, ABrokenDataFileIsCorrupt) {
    Do("CREATE TABLE t AS SELECT 1 AS a");
    Do("CREATE TABLE u AS SELECT 1 AS a");
    const auto file = session_->Snapshot({"main", "t"})->Plan(table::Predicate::True()).files.at(0);
    lake_.store.Put(file.location, "this is no Parquet file");
    EXPECT_EQ(Refusal("SELECT * FROM t"), ErrorKind::kCorrupt);
    lake_.store.Delete(
        session_->Snapshot({"main", "u"})->Plan(table::Predicate::True()).files.at(0).location);
    EXPECT_EQ(Refusal("SELECT * FROM u"), ErrorKind::kNotFound);
}

TEST_P(LakeTest, ManyCommitsWithCheckpoints) {
    Do("CREATE TABLE t (a BIGINT, p INT) PARTITIONED BY (p)");
    for (int i = 0; i < 25; i++)
        Do("INSERT INTO t VALUES (" + std::to_string(i) + ", " + std::to_string(i % 3) + ")");
    EXPECT_EQ(Ask("SELECT count(*), sum(a) FROM t"), "25|300");
    size_t checkpoints = 0;
    for (const auto& object :
         lake_.store.List(session_->Snapshot({"main", "t"})->Location() + "/_delta_log", {})) {
        if (object.location.find(".checkpoint") != std::string::npos) checkpoints++;
    }
    EXPECT_EQ(checkpoints, 2U);
    // A second engine knows nothing but what lies in the store.
    auto engine =
        Engine::Open({}, {lake_.store, lake_.directory, lake_.policy, lake_.clock, lake_.random});
    delta::Format format(lake_.store, engine->Parquet(), lake_.clock, lake_.random);
    engine->AddFormat(format);
    auto fresh = engine->Connect({"tester", true});
    EXPECT_EQ(Rows(*fresh, "SELECT count(*), sum(a) FROM t WHERE p = 1"), "8|92");
}

TEST_P(LakeTest, HistoryDetailAndAppendedRows) {
    Do("CREATE TABLE t (a INT) COMMENT 'about t'");
    Do("INSERT INTO t VALUES (1)");
    Do("INSERT INTO t VALUES (2), (3)");
    EXPECT_EQ(Ask("SELECT version, operation FROM table_history('t')"),
              "2|WRITE\n1|WRITE\n0|CREATE TABLE");
    EXPECT_EQ(session_->Query("DESCRIBE HISTORY t LIMIT 2").size(), 2U);
    EXPECT_EQ(session_->Query("DESCRIBE DETAIL t").size(), 1U);
    EXPECT_EQ(Ask("SELECT numFiles, description FROM table_detail('main.t')"), "2|about t");
    EXPECT_EQ(
        Ask("SELECT a, _change_type, _commit_version, _commit_timestamp > TIMESTAMPTZ '2014-01-01' "
            "FROM table_changes('t', 1) ORDER BY a"),
        "1|insert|1|true\n2|insert|2|true\n3|insert|2|true");
    EXPECT_EQ(Ask("SELECT a FROM table_changes('main.t', 1, 1)"), "1");
    EXPECT_EQ(Ask("SELECT count(*) FROM table_changes('t', 2) WHERE _commit_version = 2 AND a > 2"),
              "1");
    EXPECT_EQ(Refusal("SELECT * FROM table_changes('t', 2, 1)"), ErrorKind::kInvalidInput);
    EXPECT_EQ(Refusal("SELECT * FROM table_changes('nothing', 1)"), ErrorKind::kNotFound);
}

TEST_P(LakeTest, RefusedRowsAreToldByTableColumnAndType) {
    Do("CREATE TABLE t (a INT, s STRUCT(x INT), l STRUCT(x INT)[])");
    const auto facts = [&](const std::string& sql) -> std::string {
        try {
            session_->Run(sql);
        } catch (const Error& error) {
            std::map<std::string, std::string> told(error.context().begin(), error.context().end());
            return told["table"] + "|" + told["column"] + "|" + told["type"];
        }
        return "done";
    };
    EXPECT_EQ(facts("INSERT INTO t VALUES (1, NULL, NULL, 1.5)"), "main.t|col3|DECIMAL(2,1)");
    EXPECT_EQ(facts("INSERT INTO t VALUES (1)"), "main.t|s|STRUCT(x INTEGER)");
    EXPECT_EQ(facts("INSERT INTO t (a, b) SELECT 1, 'x'"), "main.t|b|VARCHAR");
    EXPECT_EQ(facts("INSERT INTO t BY NAME SELECT 1 AS a, true AS b"), "main.t|b|BOOLEAN");
    EXPECT_EQ(facts("INSERT INTO t VALUES (1, {'y': 1}, NULL)"), "main.t|s.y|INTEGER");
    EXPECT_EQ(facts("INSERT INTO t VALUES (1, NULL, [{'x': 1, 'y': 'a'}])"),
              "main.t|l.element.y|VARCHAR");
    EXPECT_EQ(facts("UPDATE t SET s = {'x': 1, 'y': 2}"), "main.t|s.y|INTEGER");
    EXPECT_EQ(facts("UPDATE t SET b = a + v.k FROM (SELECT 1::BIGINT AS k) v"), "main.t|b|BIGINT");
    const std::string merge = "MERGE INTO t USING (SELECT 1 AS a, 2.5 AS b) v ON t.a = v.a ";
    EXPECT_EQ(facts(merge + "WHEN NOT MATCHED THEN INSERT (a, b) VALUES (v.a, v.b)"),
              "main.t|b|DECIMAL(2,1)");
    EXPECT_EQ(facts(merge + "WHEN MATCHED THEN UPDATE SET b = v.b + t.a"),
              "main.t|b|DECIMAL(12,1)");
    EXPECT_EQ(facts(merge + "WHEN NOT MATCHED THEN INSERT *"), "main.t|s|STRUCT(x INTEGER)");
    // What columns have no part in keeps the engine's own words.
    EXPECT_EQ(facts("INSERT INTO t VALUES (nothing, NULL, NULL)"), "||");
}

}  // namespace
}  // namespace tarn::engine
