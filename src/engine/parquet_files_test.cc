// Parquet files outside tables, as checkpoints need them.
#include <deque>

#include <gtest/gtest.h>

#include "engine/test_lake.h"
#include "engine/test_sql.h"

namespace tarn::engine {
namespace {

// The answer of a query as a source of rows.
class QueryRows final : public table::RowSource {
public:
    explicit QueryRows(std::unique_ptr<Result> result) : result_(std::move(result)) {}
    void GetSchema(ArrowSchema* out) override { result_->GetArrowSchema(out); }
    bool Next(ArrowArray* out) override { return result_->NextArrow(out); }

private:
    std::unique_ptr<Result> result_;
};

class ParquetFilesTest : public testing::Test {
protected:
    std::string ReadBack(const std::string& location, const table::ParquetReadOptions& options,
                         const char* query) {
        auto rows = lake_.engine().Parquet().Read(location, options);
        ExecuteOptions inputs;
        inputs.inputs.emplace_back("batch", rows.get());
        return Rows(*session_, query, inputs);
    }

    TestLake lake_;
    std::unique_ptr<Session> session_ = lake_.Connect();
};

TEST_F(ParquetFilesTest, NestedRowsComeBack) {
    QueryRows rows(
        session_->Execute("SELECT {'path': 'f' || i, 'partitionValues': MAP {'day': '2013-01-0' || "
                          "i}, 'size': i::BIGINT, "
                          "'tags': NULL::MAP(VARCHAR, VARCHAR)} AS add, CASE WHEN i = 1 THEN "
                          "{'id': 'x', 'columns': ['a', 'b']} END AS "
                          "metaData FROM range(1, 4) r(i)"));
    const std::string location = "mem://lake/x/checkpoint.parquet";
    const uint64_t size = lake_.engine().Parquet().Write(location, rows);
    EXPECT_EQ(size, lake_.store.Stat(location)->size_bytes);
    EXPECT_EQ(
        ReadBack(location, {},
                 "SELECT add.path, add.partitionValues['day'], add.size, metaData FROM batch"),
        "f1|2013-01-01|1|{'id': x, 'columns': [a, b]}\nf2|2013-01-02|2|NULL\nf3|2013-01-03|3|NULL");
    EXPECT_EQ(ReadBack(location, {{"metaData", "absent"}}, "SELECT count(COLUMNS(*)) FROM batch"),
              "1");
}

TEST_F(ParquetFilesTest, ManyRows) {
    QueryRows rows(session_->Execute("SELECT i FROM range(300000) r(i)"));
    lake_.engine().Parquet().Write("mem://lake/many.parquet", rows);
    EXPECT_EQ(ReadBack("mem://lake/many.parquet", {}, "SELECT count(*), sum(i) FROM batch"),
              "300000|44999850000");
}

TEST_F(ParquetFilesTest, BadFiles) {
    auto kind = [&](const std::string& location) {
        try {
            lake_.engine().Parquet().Read(location, {});
        } catch (const Error& error) {
            return error.kind();
        }
        return ErrorKind::kInternal;
    };
    lake_.store.Put("mem://lake/bad.parquet", "this is no Parquet file, whatever its name says");
    EXPECT_EQ(kind("mem://lake/bad.parquet"), ErrorKind::kCorrupt);
    EXPECT_EQ(kind("mem://lake/absent.parquet"), ErrorKind::kNotFound);
}

TEST_F(ParquetFilesTest, AnInputIsReadOnce) {
    QueryRows rows(lake_.Connect()->Execute("SELECT 1 AS a"));
    ExecuteOptions options;
    options.inputs.emplace_back("batch", &rows);
    EXPECT_EQ(KindOf(*session_, "SELECT * FROM batch x, batch y", options),
              ErrorKind::kInvalidInput);
    EXPECT_EQ(KindOf(*session_, "SELECT * FROM batch"), ErrorKind::kInvalidInput);
    EXPECT_EQ(Rows(*session_, "SELECT 1"), "1");
}

}  // namespace
}  // namespace tarn::engine
