// Parquet files outside tables, as checkpoints need them.
#include <mutex>
#include <vector>

#include <gtest/gtest.h>

#include "engine/query_rows.h"
#include "engine/test_lake.h"
#include "engine/test_sql.h"

namespace tarn::engine {
namespace {

// What a scan gives, batch after batch, as a source of rows.
class ScannedRows final : public table::RowSource {
public:
    ScannedRows(table::ParquetFiles& files, const std::string& location,
                const table::ParquetReadOptions& options) {
        files.Scan(location, options, [this](const ArrowSchema& schema, const ArrowArray& batch) {
            const std::lock_guard lock(mutex_);
            if (schema_.release == nullptr) CheckDone(ArrowSchemaDeepCopy(&schema, &schema_));
            // Moved out: the scan releases what is left of its batch.
            batches_.push_back(batch);
            const_cast<ArrowArray&>(batch).release = [](ArrowArray*) {};
        });
    }
    ~ScannedRows() override {
        if (schema_.release != nullptr) schema_.release(&schema_);
        for (; next_ < batches_.size(); ++next_) batches_[next_].release(&batches_[next_]);
    }
    void GetSchema(ArrowSchema* out) override { CheckDone(ArrowSchemaDeepCopy(&schema_, out)); }
    bool Next(ArrowArray* out) override {
        out->release = nullptr;
        if (next_ == batches_.size()) return false;
        *out = batches_[next_++];
        return true;
    }

private:
    static void CheckDone(ArrowErrorCode code) { ASSERT_EQ(code, NANOARROW_OK); }

    std::mutex mutex_;
    ArrowSchema schema_{};
    std::vector<ArrowArray> batches_;
    size_t next_ = 0;
};

class ParquetFilesTest : public testing::Test {
protected:
    std::string ReadBack(const std::string& location, const table::ParquetReadOptions& options,
                         const char* query) {
        ScannedRows rows(lake_.engine().Parquet(), location, options);
        ExecuteOptions inputs;
        inputs.inputs.emplace_back("batch", &rows);
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
    table::ParquetReadOptions options;
    options.columns = {{"metaData"}, {"absent"}, {"add", "absent"}};
    EXPECT_EQ(ReadBack(location, options, "SELECT count(COLUMNS(*)) FROM batch"), "1");
}

TEST_F(ParquetFilesTest, ManyRows) {
    QueryRows rows(session_->Execute("SELECT i FROM range(300000) r(i)"));
    lake_.engine().Parquet().Write("mem://lake/many.parquet", rows);
    EXPECT_EQ(ReadBack("mem://lake/many.parquet", {}, "SELECT count(*), sum(i) FROM batch"),
              "300000|44999850000");
}

TEST_F(ParquetFilesTest, AFewFieldsOfAStruct) {
    QueryRows rows(
        session_->Execute("SELECT {'path': 'f' || i, 'size': i, 'below': {'a': i, 'b': -i}} AS add "
                          "FROM range(3) r(i)"));
    lake_.engine().Parquet().Write("mem://lake/fields.parquet", rows);
    table::ParquetReadOptions options;
    options.columns = {{"add", "size"}, {"add", "below", "b"}};
    EXPECT_EQ(
        ReadBack("mem://lake/fields.parquet", options, "SELECT add FROM batch ORDER BY add.size"),
        "{'size': 0, 'below': {'b': 0}}\n{'size': 1, 'below': {'b': -1}}\n"
        "{'size': 2, 'below': {'b': -2}}");
}

TEST_F(ParquetFilesTest, ColumnsOfWhichOnlyTheirPresenceIsAsked) {
    QueryRows rows(session_->Execute(
        "SELECT i, CASE WHEN i = 1 THEN {'list': [i], 'scalar': NULL::INT, 'b': i} END AS present, "
        "CASE WHEN i = 2 THEN {'list': [i]} END AS nested FROM range(3) r(i)"));
    lake_.engine().Parquet().Write("mem://lake/presence.parquet", rows);
    table::ParquetReadOptions options;
    options.presence = {"present", "nested", "absent"};
    EXPECT_EQ(ReadBack("mem://lake/presence.parquet", options,
                       "SELECT * FROM batch ORDER BY present NULLS LAST, nested"),
              "{'scalar': NULL}|NULL\nNULL|{'list': [2]}\nNULL|NULL");
}

TEST_F(ParquetFilesTest, ARangeOfRowsWithTheirNumbers) {
    QueryRows rows(session_->Execute("SELECT i FROM range(300000) r(i)"));
    lake_.engine().Parquet().Write("mem://lake/range.parquet", rows);
    table::ParquetReadOptions options;
    options.rows = table::RowRange{140'000, 140'002};
    EXPECT_EQ(ReadBack("mem://lake/range.parquet", options,
                       "SELECT file_row_number FROM batch ORDER BY 1"),
              "140000\n140001\n140002");
    options.rows.reset();
    options.with_row_numbers = true;
    EXPECT_EQ(ReadBack("mem://lake/range.parquet", options,
                       "SELECT count(DISTINCT i), count(DISTINCT file_row_number) FROM batch"),
              "300000|300000");
}

TEST_F(ParquetFilesTest, WhatTheTakerThrowsComesOut) {
    QueryRows rows(session_->Execute("SELECT i FROM range(300000) r(i)"));
    lake_.engine().Parquet().Write("mem://lake/thrown.parquet", rows);
    try {
        lake_.engine().Parquet().Scan("mem://lake/thrown.parquet", {},
                                      [](const ArrowSchema&, const ArrowArray&) {
                                          throw Error(ErrorKind::kUnsupported, "not this one");
                                      });
        FAIL() << "nothing was thrown";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kUnsupported);
    }
}

TEST_F(ParquetFilesTest, BadFiles) {
    auto kind = [&](const std::string& location) {
        try {
            lake_.engine().Parquet().Scan(location, {}, [](const auto&, const auto&) {});
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
