// The hidden column _metadata over a table that tracks its rows, made by hand: one file counts on
// from its base id, the other holds ids of rows that were moved into it.
#include <fstream>

#include <gtest/gtest.h>

#include "engine/test_lake.h"
#include "engine/test_sql.h"

namespace tarn::engine {
namespace {

constexpr const char* kLog =
    R"({"protocol":{"minReaderVersion":1,"minWriterVersion":7,)"
    R"("writerFeatures":["rowTracking","domainMetadata"]}})"
    "\n"
    R"({"metaData":{"id":"5f0b0d5c-7e30-4d8e-a2d5-6c6b2f4a8f11",)"
    R"("format":{"provider":"parquet","options":{}},)"
    R"("schemaString":"{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",)"
    R"(\"type\":\"integer\",\"nullable\":true,\"metadata\":{}}]}","partitionColumns":[],)"
    R"("configuration":{"delta.enableRowTracking":"true",)"
    R"("delta.rowTracking.materializedRowIdColumnName":"_row-id-col-1",)"
    R"("delta.rowTracking.materializedRowCommitVersionColumnName":"_row-commit-version-col-1"},)"
    R"("createdTime":1700000000000}})"
    "\n"
    R"({"add":{"path":"one.parquet","partitionValues":{},"size":100,"dataChange":true,)"
    R"("modificationTime":1700000000000,"baseRowId":10,"defaultRowCommitVersion":4}})"
    "\n"
    R"({"add":{"path":"two.parquet","partitionValues":{},"size":100,"dataChange":true,)"
    R"("modificationTime":1700000000000,"baseRowId":100,"defaultRowCommitVersion":7}})"
    "\n";

class RowTrackingTest : public testing::Test {
protected:
    RowTrackingTest() {
        std::filesystem::create_directories(Folder() + "/_delta_log");
        std::ofstream(Folder() + "/_delta_log/00000000000000000000.json") << kLog;
        session_->Run("COPY (SELECT i::INTEGER AS a FROM range(3) r(i)) TO '" + Folder() +
                      "/one.parquet'");
        session_->Run(
            R"(COPY (SELECT * FROM (VALUES (20, 5::BIGINT, 2::BIGINT), (21, NULL, NULL))
               v(a, "_row-id-col-1", "_row-commit-version-col-1")) TO ')" +
            Folder() + "/two.parquet'");
    }
    std::string Folder() const { return lake_.root + "/tracked"; }
    std::string Ask(const std::string& columns, const std::string& rest = "") {
        return Rows(*session_, "SELECT " + columns + " FROM delta.\"" + Folder() + "\" " + rest +
                                   " ORDER BY a");
    }

    TestLake lake_{EngineOptions{}, true};
    std::unique_ptr<Session> session_ = lake_.Connect();
};

TEST_F(RowTrackingTest, IdsAreThoseOfTheFileOrCountOnFromItsBase) {
    EXPECT_EQ(Ask("*"), "0\n1\n2\n20\n21");
    EXPECT_EQ(Ask("a, _metadata.row_id, _metadata.row_commit_version"),
              "0|10|4\n1|11|4\n2|12|4\n20|5|2\n21|101|7");
    EXPECT_EQ(Ask("_metadata.base_row_id, _metadata.default_row_commit_version, "
                  "_metadata.row_index, a"),
              "10|4|0|0\n10|4|1|1\n10|4|2|2\n100|7|0|20\n100|7|1|21");
}

TEST_F(RowTrackingTest, AFilterFindsARowByItsId) {
    EXPECT_EQ(Ask("a", "WHERE _metadata.row_id = 101"), "21");
    EXPECT_EQ(Ask("a", "WHERE _metadata.row_id = 5"), "20");
    EXPECT_EQ(Ask("a", "WHERE _metadata.row_id < 12 AND _metadata.row_commit_version > 2"), "0\n1");
}

TEST_F(RowTrackingTest, TheWholeStructHoldsThem) {
    EXPECT_EQ(Rows(*session_,
                   "SELECT m.row_id, m.file_name FROM (SELECT _metadata AS m FROM "
                   "delta.\"" +
                       Folder() + "\") ORDER BY ALL"),
              "5|two.parquet\n10|one.parquet\n11|one.parquet\n12|one.parquet\n101|two.parquet");
}

}  // namespace
}  // namespace tarn::engine
