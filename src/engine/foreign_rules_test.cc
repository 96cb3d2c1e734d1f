// A table that asks of its writers what Tarn does not know, or forbids what is asked: said before
// a file is written.
#include <fstream>

#include <gtest/gtest.h>

#include "engine/test_lake.h"
#include "engine/test_sql.h"

namespace tarn::engine {
namespace {

constexpr const char* kUnknownFeature = R"({"protocol":{"minReaderVersion":1,"minWriterVersion":7,)"
                                        R"("writerFeatures":["appendOnly","fromTheFuture"]}})";

class ForeignRulesTest : public testing::Test {
protected:
    ForeignRulesTest() {
        Do("CREATE TABLE t (k INTEGER, v VARCHAR)");
        Do("INSERT INTO t VALUES (1, 'a'), (2, 'b')");
        Do("INSERT INTO t VALUES (3, 'c')");
    }
    void Do(const std::string& sql) { EXPECT_NO_THROW(session_->Run(sql)) << sql; }
    std::string Folder() const { return session_->Snapshot({"main", "t"})->Location(); }
    // Another writer raises the protocol.
    void AddUnknownFeature() const {
        std::ofstream(Folder() + "/_delta_log/00000000000000000003.json")
            << kUnknownFeature << "\n";
    }
    std::set<std::string> Files() const {
        std::set<std::string> files;
        for (const auto& file : std::filesystem::recursive_directory_iterator(Folder()))
            files.insert(file.path());
        return files;
    }

    TestLake lake_{EngineOptions{}, true};
    std::unique_ptr<Session> session_ = lake_.Connect();
};

TEST_F(ForeignRulesTest, AnUnknownWriterFeatureIsRefusedBeforeAFileIsWritten) {
    AddUnknownFeature();
    EXPECT_EQ(Rows(*session_, "SELECT count(*) FROM t"), "3");
    const auto before = Files();
    for (const char* sql :
         {"INSERT INTO t VALUES (4, 'd')", "INSERT OVERWRITE t VALUES (4, 'd')",
          "INSERT INTO t REPLACE WHERE k = 1 VALUES (1, 'd')", "UPDATE t SET v = 'x' WHERE k = 1",
          "DELETE FROM t WHERE k = 1", "DELETE FROM t",
          "MERGE INTO t USING (SELECT 1 AS k, 'x' AS v) s ON t.k = s.k "
          "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *",
          "CREATE OR REPLACE TABLE t AS SELECT 1 AS k", "ALTER TABLE t ADD COLUMN w INTEGER",
          "OPTIMIZE t", "OPTIMIZE t ZORDER BY (k)", "REORG TABLE t APPLY (PURGE)", "VACUUM t",
          "RESTORE TABLE t TO VERSION AS OF 1", "TRUNCATE TABLE t"}) {
        EXPECT_EQ(KindOf(*session_, sql), ErrorKind::kUnsupported) << sql;
        EXPECT_EQ(Files(), before) << sql;
    }
}

TEST_F(ForeignRulesTest, AnElementInSparksSpellingIsHeldAgainstRows) {
    Do("CREATE TABLE l (x INTEGER[], m MAP(STRING, INTEGER))");
    const std::string log =
        session_->Snapshot({"main", "l"})->Location() + "/_delta_log/0000000000000000000";
    std::ifstream first(log + "0.json");
    std::string metadata;
    while (std::getline(first, metadata) && !metadata.starts_with(R"({"metaData")")) {
    }
    const std::string empty = R"("configuration":{)";
    metadata.insert(metadata.find(empty) + empty.size(),
                    R"("delta.constraints.c":"x[0] > 0 AND m['a'] = 1")");
    std::ofstream(log + "1.json") << R"({"protocol":{"minReaderVersion":1,"minWriterVersion":3}})"
                                  << "\n"
                                  << metadata << "\n";
    Do("INSERT INTO l VALUES ([1, -1], MAP {'a': 1})");
    EXPECT_EQ(KindOf(*session_, "INSERT INTO l VALUES ([-1, 1], MAP {'a': 1})"),
              ErrorKind::kInvalidInput);
    EXPECT_EQ(KindOf(*session_, "INSERT INTO l VALUES ([1], MAP {'b': 1})"),
              ErrorKind::kInvalidInput);
    EXPECT_EQ(Rows(*session_, "SELECT count(*) FROM l"), "1");
}

TEST_F(ForeignRulesTest, AnAppendOnlyTableRefusesRowChangesBeforeAFileIsWritten) {
    Do("ALTER TABLE t SET TBLPROPERTIES ('delta.appendOnly' = 'true')");
    const auto before = Files();
    for (const char* sql :
         {"UPDATE t SET v = 'x' WHERE k = 1", "DELETE FROM t WHERE k = 1", "DELETE FROM t",
          "DELETE FROM t WHERE k = 99", "INSERT OVERWRITE t VALUES (4, 'd')"}) {
        EXPECT_EQ(KindOf(*session_, sql), ErrorKind::kInvalidInput) << sql;
        EXPECT_EQ(Files(), before) << sql;
    }
    Do("INSERT INTO t VALUES (4, 'd')");
    Do("OPTIMIZE t");
    EXPECT_EQ(Rows(*session_, "SELECT count(*) FROM t"), "4");
}

}  // namespace
}  // namespace tarn::engine
