#include "ingest/landing_batch.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/hash.h"
#include "storage/memory_store.h"

namespace tarn::ingest {
namespace {

constexpr int64_t kNowUs = 1'700'000'000'000'000;  // 2023-11-14T22:13:20Z
constexpr int64_t kNowDays = 19'675;

class LandingRowsTest : public testing::Test {
protected:
    void Put(const std::string& path, const std::string& bytes) {
        store_.Put("mem://lake/" + path, bytes);
        const auto info = store_.Stat("mem://lake/" + path);
        std::erase_if(files_, [&](const FoundFile& file) { return file.path == path; });
        files_.push_back({path, info->location, info->size_bytes, info->modified_ms, info->etag});
    }

    LandingRows Open(const FieldSchema& schema, LandingOptions options = {}) {
        const BatchFacts facts{"nyc", "tarn test", 2, "batch-1", clock_.Now()};
        return LandingRows(store_, clock_, schema, facts, files_, std::move(options));
    }

    // One row a line: column=value, NULLs left out.
    std::vector<std::string> ReadAll(LandingRows& rows) {
        ArrowSchema schema{};
        rows.GetSchema(&schema);
        const std::unique_ptr<ArrowSchema, decltype(&ArrowSchemaRelease)> owner(
            &schema, &ArrowSchemaRelease);
        std::vector<std::string> lines;
        ArrowArray batch{};
        while (rows.Next(&batch)) {
            ++batches_;
            for (int64_t row = 0; row < batch.length; ++row) {
                lines.push_back(Row(schema, batch, row));
            }
            ArrowArrayRelease(&batch);
        }
        return lines;
    }

    static std::string Row(const ArrowSchema& schema, const ArrowArray& batch, int64_t row) {
        std::string line;
        for (int64_t i = 0; i < schema.n_children; ++i) {
            ArrowArrayView view;
            EXPECT_EQ(ArrowArrayViewInitFromSchema(&view, schema.children[i], nullptr),
                      NANOARROW_OK);
            EXPECT_EQ(ArrowArrayViewSetArray(&view, batch.children[i], nullptr), NANOARROW_OK);
            if (ArrowArrayViewIsNull(&view, row) == 0)
                line += fmt::format("{}={};", schema.children[i]->name, Text(view, row));
            ArrowArrayViewReset(&view);
        }
        return line;
    }

    static std::string Text(const ArrowArrayView& view, int64_t row) {
        if (view.storage_type == NANOARROW_TYPE_STRING ||
            view.storage_type == NANOARROW_TYPE_BINARY) {
            const ArrowStringView text = ArrowArrayViewGetStringUnsafe(&view, row);
            return std::string(text.data, static_cast<size_t>(text.size_bytes));
        }
        if (view.storage_type == NANOARROW_TYPE_DOUBLE)
            return fmt::format("{}", ArrowArrayViewGetDoubleUnsafe(&view, row));
        return std::to_string(ArrowArrayViewGetIntUnsafe(&view, row));
    }

    ManualClock clock_{TimestampUs(DurationUs(kNowUs))};
    storage::MemoryStore store_{clock_};
    std::vector<FoundFile> files_;
    int batches_ = 0;
};

FieldSchema Strings(const std::vector<std::string>& names) {
    std::vector<LandingField> fields;
    for (const std::string& name : names)
        fields.push_back({name, ColumnOf(name), FieldType::kString});
    return FieldSchema(fields);
}

TEST_F(LandingRowsTest, RowHasTheFieldsThenWhatIngestSays) {
    const std::string raw = R"({"b":"NA","a":1.50,"x":{"k":[1]},"batch_id":"theirs"})";
    Put("f.ndjson", raw + "\n");
    const FieldSchema schema = Strings({"a", "b", "c", "batch_id"});
    LandingRows rows = Open(schema);
    const auto lines = ReadAll(rows);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0],
              "a=1.50;b=NA;batch_id_=theirs;raw_payload=" + raw +
                  ";source_system=nyc;source_path=f.ndjson;source_line=1;" +
                  fmt::format("ingestion_timestamp={};ingestion_date={};", kNowUs, kNowDays) +
                  "pipeline_version=tarn test;schema_version=2;checksum=" + Sha256Hex(raw) +
                  ";batch_id=batch-1;_rescued_data={\"x\":{\"k\":[1]}};");
}

TEST_F(LandingRowsTest, MarkedRecordHasItsBytesAndNoFields) {
    Put("f.ndjson", "{\"a\":1\n\xff\n");
    const FieldSchema schema = Strings({"a"});
    LandingRows rows = Open(schema);
    const auto lines = ReadAll(rows);
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_TRUE(lines[0].starts_with("raw_payload={\"a\":1;"));
    EXPECT_NE(lines[0].find("_error_class=invalid_json;"), std::string::npos);
    EXPECT_TRUE(lines[1].starts_with("raw_bytes=\xff;"));
    EXPECT_NE(lines[1].find("_error_class=invalid_utf8;"), std::string::npos);
    ASSERT_EQ(rows.Landed().size(), 1U);
    EXPECT_EQ(rows.Landed()[0].rows, 2);
    EXPECT_EQ(rows.Landed()[0].rows_marked, 2);
    EXPECT_EQ(rows.Landed()[0].first_mark->line, 1);
}

TEST_F(LandingRowsTest, WhatDoesNotFitIsRescued) {
    Put("f.ndjson",
        "{\"n\":\"12x\",\"A\":\"case\",\"a\":\"1\",\"a\":\"again\",\"t\":7,\"u\":null}\n{\"n\":12,"
        "\"t\":true}\n");
    const FieldSchema schema({{"a", "a", FieldType::kString},
                              {"n", "n", FieldType::kLong},
                              {"t", "t", FieldType::kBoolean}});
    LandingRows rows = Open(schema);
    const auto lines = ReadAll(rows);
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_TRUE(lines[0].starts_with("a=1;raw_payload="));
    EXPECT_NE(
        lines[0].find(
            "_rescued_data={\"A\":\"case\",\"a\":\"again\",\"u\":null,\"n\":\"12x\",\"t\":7};"),
        std::string::npos)
        << lines[0];
    EXPECT_TRUE(lines[1].starts_with("n=12;t=1;raw_payload="));
}

TEST_F(LandingRowsTest, StreamsFilesInBoundedBatchesAndTellsTheEndOnce) {
    int64_t expected = 0;
    for (int f = 0; f < 5; ++f) {
        std::string bytes;
        for (int i = 0; i < 1000 * f; ++i, ++expected) bytes += fmt::format("{{\"a\":{}}}\n", i);
        Put(fmt::format("{}.ndjson", f), f == 0 ? "{}\n" : bytes);
    }
    LandingOptions options;
    options.batch_rows = 300;
    int ends = 0;
    int64_t told = 0;
    options.on_end = [&](const std::vector<LandedFile>& landed) {
        ++ends;
        EXPECT_EQ(landed.size(), 5U);
        EXPECT_EQ(landed[4].rows, 4000);
        EXPECT_EQ(landed[4].sha256, Sha256Hex(store_.Get("mem://lake/4.ndjson")));
    };
    options.on_progress = [&](const LandingProgress& progress) { told = progress.rows; };
    const FieldSchema schema = Strings({"a"});
    LandingRows rows = Open(schema, options);
    EXPECT_EQ(static_cast<int64_t>(ReadAll(rows).size()), expected + 1);
    ArrowArray batch{};
    EXPECT_FALSE(rows.Next(&batch));
    EXPECT_EQ(ends, 1);
    EXPECT_EQ(told, expected + 1);
    EXPECT_GT(batches_, 30);
}

TEST_F(LandingRowsTest, FileThatChangesWhileItIsReadFailsTheBatch) {
    Put("a.ndjson", "{}\n");
    std::string bytes;
    for (int i = 0; i < 1000; ++i) bytes += "{\"a\":1}\n";
    Put("b.ndjson", bytes);
    LandingOptions options;
    options.batch_rows = 10;
    options.on_end = [](const auto&) { FAIL() << "the batch ended well"; };
    const FieldSchema schema = Strings({"a"});
    LandingRows rows = Open(schema, options);
    ArrowArray batch{};
    ASSERT_TRUE(rows.Next(&batch));
    ArrowArrayRelease(&batch);
    store_.Put("mem://lake/b.ndjson", bytes);
    EXPECT_THROW(ReadAll(rows), Error);
    EXPECT_EQ(rows.FailedFile(), "b.ndjson");
}

TEST_F(LandingRowsTest, FileThatIsGoneIsNamed) {
    Put("a.ndjson", "{}\n");
    store_.Delete("mem://lake/a.ndjson");
    const FieldSchema schema;
    LandingRows rows = Open(schema);
    EXPECT_THROW(ReadAll(rows), Error);
    EXPECT_EQ(rows.FailedFile(), "a.ndjson");
}

TEST_F(LandingRowsTest, CancelStops) {
    Put("a.ndjson", "{}\n");
    LandingOptions options;
    options.cancel.Cancel();
    const FieldSchema schema;
    LandingRows rows = Open(schema, options);
    EXPECT_THROW(ReadAll(rows), Error);
    EXPECT_FALSE(rows.FailedFile().has_value());
}

TEST_F(LandingRowsTest, DiscoveryIsTheUnionOfAllFiles) {
    Put("a.ndjson", "{\"b\":1}\nbroken\n{\"a\":1,\"b\":2}\n");
    Put("b.ndjson", "{\"c\":1,\"a\":\"x\"}\n");
    Put("gone.ndjson", "{\"d\":1}\n");
    store_.Delete("mem://lake/gone.ndjson");
    const FieldSchema schema = DiscoverFields(store_, files_, {}, true);
    ASSERT_EQ(schema.Fields().size(), 3U);
    EXPECT_EQ(schema.Fields()[0].name, "b");
    EXPECT_EQ(schema.Fields()[0].type, FieldType::kLong);
    EXPECT_EQ(schema.Fields()[1].name, "a");
    EXPECT_EQ(schema.Fields()[1].type, FieldType::kString);
}

}  // namespace
}  // namespace tarn::ingest
