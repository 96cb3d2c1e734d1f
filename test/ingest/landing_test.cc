// Ingest over the real engine, format, catalog and disk. Children are forked while this process has
// no thread of its own, so each test opens a lake only after its children are gone.
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <zlib.h>

#include "base/text.h"
#include "ingest/landing_lake.h"

namespace tarn::ingest_test {
namespace {

TEST_F(LandingTest, RowsHaveTheColumnsOfBronze) {
    folder_.Write("in/a",
                  "{\"dep_time\":517,\"tailnum\":\"NA\",\"checksum\":\"x\",\"n\":{\"k\":[1]}}\n"
                  "broken\n{\"dep_time\":null,\"late\":1.50}\n");
    Configure(", schema: [dep_time, tailnum, checksum, n], schema_version: 4");
    OpenLake lake(folder_.path());
    const ingest::TableReport report = lake.Ingest();
    ASSERT_TRUE(report.Succeeded()) << (report.error ? report.error->what() : "");
    EXPECT_EQ(report.rows_landed, 3);
    EXPECT_EQ(report.rows_marked, 1);
    std::vector<std::string> columns;
    for (const auto& row :
         lake.Query("SELECT column_name FROM (DESCRIBE SELECT * FROM bronze.t)")) {
        columns.push_back(row.at(0).value());
    }
    EXPECT_EQ(columns, (std::vector<std::string>{
                           "dep_time", "tailnum", "checksum_", "n", "raw_payload", "raw_bytes",
                           "source_system", "source_path", "source_line", "ingestion_timestamp",
                           "ingestion_date", "pipeline_version", "schema_version", "checksum",
                           "batch_id", "_rescued_data", "_error_class", "_error_detail"}));
    const auto rows = lake.Query(
        "SELECT dep_time, tailnum, checksum_, n, source_system, source_path, source_line, "
        "ingestion_date = ingestion_timestamp::DATE, pipeline_version, schema_version, "
        "checksum = sha256(raw_payload), _rescued_data, _error_class, raw_payload FROM bronze.t "
        "ORDER BY source_line");
    ASSERT_EQ(rows.size(), 3U);
    using Row = engine::TextRow;
    EXPECT_EQ(rows[0],
              (Row{"517", "NA", "x", "{\"k\":[1]}", "src", "a", "1", "true", "tarn test", "4",
                   "true", std::nullopt, std::nullopt,
                   "{\"dep_time\":517,\"tailnum\":\"NA\",\"checksum\":\"x\",\"n\":{\"k\":[1]}}"}));
    EXPECT_EQ(rows[1][12], "invalid_json");
    EXPECT_EQ(rows[1][13], "broken");
    EXPECT_EQ(rows[2][0], std::nullopt);
    EXPECT_EQ(rows[2][11], "{\"late\":1.50}");
    EXPECT_THROW(lake.Query("DELETE FROM bronze.t"), Error);
    EXPECT_EQ(lake.Ingest().files_known, 1U);
    EXPECT_EQ(lake.Catalog().Runs().Runs({.node = "ingest:src.bronze.t"}).size(), 2U);
}

TEST_F(LandingTest, BytesThatAreNotTextSurvive) {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    std::erase(bytes, '\n');
    folder_.Write("in/bin", bytes + "\n" + std::string("nul \0 in text", 13) + "\n");
    OpenLake lake(folder_.path());
    ASSERT_TRUE(lake.Ingest().Succeeded());
    const auto rows = lake.Query(
        "SELECT hex(raw_bytes), sha256(raw_bytes) = checksum, hex(encode(raw_payload)) FROM "
        "bronze.t ORDER BY source_line");
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0][0]->size(), 2 * bytes.size());
    EXPECT_EQ(rows[0][1], "true");
    EXPECT_EQ(rows[1][2],
              "6E756C20002069"
              "6E2074657874");
}

TEST_F(LandingTest, EveryKindOfBadFileLandsMarked) {
    Put("good", 2);
    folder_.Write("in/empty", "");
    folder_.Write("in/utf16", std::string_view("\xff\xfe{\0}\0", 6));
    folder_.Write("in/array", "[{\"a\":1}]\n");
    folder_.Write("in/latin1", "{\"name\":\"Z\xfcrich\"}\n");
    std::string text;
    for (int i = 0; i < 5000; ++i) text += fmt::format("{{\"number\":{}}}\n", i * 7919 % 10'007);
    const std::string path = folder_.path() + "/whole.gz";
    gzFile zipped = gzopen(path.c_str(), "wb");
    gzwrite(zipped, text.data(), static_cast<unsigned>(text.size()));
    gzclose(zipped);
    std::ifstream file(path, std::ios::binary);
    const std::string whole((std::istreambuf_iterator<char>(file)),
                            std::istreambuf_iterator<char>());
    const std::string cut = whole.substr(0, whole.size() / 2);
    folder_.Write("in/cut.gz", cut);
    OpenLake lake(folder_.path());
    const ingest::TableReport report = lake.Ingest();
    EXPECT_TRUE(report.Succeeded());
    EXPECT_EQ(report.files_landed, 6U);
    EXPECT_EQ(report.files_marked, 5U);
    Counts classes;
    for (const auto& row : lake.Query("SELECT source_path || ' ' || _error_class FROM bronze.t "
                                      "WHERE _error_class IS NOT NULL")) {
        ++classes[row.at(0).value()];
    }
    EXPECT_EQ(classes, (Counts{{"array not_an_object", 1},
                               {"cut.gz truncated_gzip", 2},
                               {"empty empty_file", 1},
                               {"latin1 invalid_utf8", 1},
                               {"utf16 wrong_encoding", 1}}));
    EXPECT_GT(lake.RowsByFile().at("cut.gz"), 1000);
    const auto rest = lake.Query(
        "SELECT lower(hex(raw_bytes)) FROM bronze.t "
        "WHERE source_path = 'cut.gz' AND raw_bytes IS NOT NULL");
    EXPECT_TRUE(Hex(cut).ends_with(rest.at(0).at(0).value()));
    EXPECT_EQ(lake.Ingest().files_known, 6U);
}

TEST_F(LandingTest, CsvWithoutRecordsIsKnownAfterwards) {
    folder_.Write(
        "sources/src.yml",
        "name: src\nroot: in\ntables:\n  - {table: bronze.t, path: '*.csv', format: csv}\n");
    folder_.Write("in/a.csv", "name,note\n");
    OpenLake lake(folder_.path());
    ingest::TableReport report = lake.Ingest();
    ASSERT_TRUE(report.Succeeded()) << (report.error ? report.error->what() : "");
    EXPECT_EQ(report.files_landed, 1U);
    EXPECT_EQ(report.rows_landed, 0);
    EXPECT_EQ(lake.Ingest().files_known, 1U);
    folder_.Write("in/b.csv", "note,name\n\"two\nlines, \"\"quoted\"\"\",NA\n");
    EXPECT_EQ(lake.Ingest().rows_landed, 1);
    using Row = engine::TextRow;
    EXPECT_EQ(lake.Query("SELECT name, note, source_line, raw_payload FROM bronze.t").at(0),
              (Row{"NA", "two\nlines, \"quoted\"", "2", "\"two\nlines, \"\"quoted\"\"\",NA"}));
    EXPECT_EQ(lake.Ingest().files_known, 2U);
}

TEST_F(LandingTest, InferredTypesAreTheTablesAndWhatDoesNotFitIsRescued) {
    Configure(", infer_types: true");
    folder_.Write("in/a", "{\"i\":1,\"d\":1.5,\"b\":true,\"s\":\"NA\"}\n");
    OpenLake lake(folder_.path());
    ASSERT_TRUE(lake.Ingest().Succeeded());
    folder_.Write("in/b", "{\"i\":\"NA\",\"d\":2,\"b\":0,\"s\":3}\n");
    ASSERT_TRUE(lake.Ingest().Succeeded());
    using Row = engine::TextRow;
    EXPECT_EQ(lake.Query("SELECT typeof(i), typeof(d), typeof(b), typeof(s) FROM bronze.t").at(0),
              (Row{"BIGINT", "DOUBLE", "BOOLEAN", "VARCHAR"}));
    EXPECT_EQ(
        lake.Query("SELECT i, d, b, s, _rescued_data FROM bronze.t ORDER BY source_path").at(1),
        (Row{std::nullopt, "2.0", std::nullopt, "3", "{\"i\":\"NA\",\"b\":0}"}));
}

TEST_F(LandingTest, AcceptedFieldsGetColumnsBatchByBatch) {
    Configure(", infer_types: true, schema_policy: accept, batch: {max_files: 1}");
    folder_.Write("in/a", "{\"i\":1}\n");
    folder_.Write("in/b", "{\"i\":\"NA\",\"d\":1.5}\n{\"I\":3,\"checksum\":\"x\"}\n");
    folder_.Write("in/c", "{\"i\":4,\"d\":2}\n");
    OpenLake lake(folder_.path());
    const ingest::TableReport report = lake.Ingest();
    ASSERT_TRUE(report.Succeeded()) << (report.error ? report.error->what() : "");
    EXPECT_EQ(report.columns_added, (std::vector<std::string>{"d", "checksum_"}));
    using Row = engine::TextRow;
    EXPECT_EQ(lake.Query("SELECT i, d, checksum_, _rescued_data FROM bronze.t ORDER BY ALL "
                         "NULLS LAST"),
              (std::vector<Row>{{"1", std::nullopt, std::nullopt, std::nullopt},
                                {"4", "2.0", std::nullopt, std::nullopt},
                                {std::nullopt, "1.5", std::nullopt, "{\"i\":\"NA\"}"},
                                {std::nullopt, std::nullopt, "x", "{\"I\":3}"}}));
    EXPECT_EQ(lake.Ingest().files_known, 3U);
}

TEST_F(LandingTest, RejectedFilesStayOutsideUntilThePolicyTakesThem) {
    Configure(", infer_types: true, schema_policy: reject");
    folder_.Write("in/a", "{\"i\":1}\n");
    OpenLake lake(folder_.path());
    ASSERT_TRUE(lake.Ingest().Succeeded());
    folder_.Write("in/b", "{\"i\":2}\n{\"i\":3,\"new\":0}\n");
    folder_.Write("in/c", "{\"i\":4}\n");
    folder_.Write("in/d", "{\"i\":\"five\"}\n");
    const ingest::TableReport report = lake.Ingest();
    EXPECT_FALSE(report.Succeeded());
    EXPECT_EQ(report.files_landed, 1U);
    std::set<std::string> failed;
    for (const auto& [path, why] : report.failed) {
        failed.insert(path);
        // Each for its own reason.
        EXPECT_NE(why.find(path == "b" ? "`new`" : "`i`"), std::string::npos)
            << path << ": " << why;
    }
    EXPECT_EQ(failed, (std::set<std::string>{"b", "d"}));
    EXPECT_EQ(lake.RowsByFile(), (Counts{{"a", 1}, {"c", 1}}));
    Configure(", infer_types: true, schema_policy: accept");
    EXPECT_TRUE(lake.Ingest().Succeeded());
    EXPECT_EQ(lake.RowsByFile(), (Counts{{"a", 1}, {"b", 2}, {"c", 1}, {"d", 1}}));
    EXPECT_EQ(lake.One("SELECT sum(\"new\") FROM bronze.t"), "0");
}

TEST_F(LandingTest, NamesOfFieldsBecomeNamesThatATableCanHave) {
    folder_.Write("in/a",
                  "{\"say \\\"hi\\\"\":1,\"with space\":2,\"select\":3,\"Größe\":4,\"a,b;c\":5}\n");
    OpenLake lake(folder_.path());
    const ingest::TableReport report = lake.Ingest();
    ASSERT_TRUE(report.Succeeded()) << (report.error ? report.error->what() : "");
    using Row = engine::TextRow;
    EXPECT_EQ(lake.Query("SELECT \"say_\"\"hi\"\"\", with_space, \"select\", \"Größe\", "
                         "\"a_b_c\" FROM bronze.t")
                  .at(0),
              (Row{"1", "2", "3", "4", "5"}));
}

TEST_F(LandingTest, FullDiskLeavesTheLastVersionAndTheNextRunGoesOn) {
    Put("a", 3);
    ASSERT_EQ(Await(Start(Stop::kNever, 0)), 0);
    Put("b", 2);
    int failures = 0;
    for (uint64_t change = 1; change < 200; ++change) {
        const int status = Await(Start(Stop::kDiskFull, change));
        ASSERT_TRUE(WIFEXITED(status)) << status;
        if (WEXITSTATUS(status) == 0) break;
        ++failures;
        OpenLake lake(folder_.path());
        const Counts rows = lake.RowsByFile();
        EXPECT_EQ(rows.at("a"), 3);
        EXPECT_TRUE(!rows.contains("b") || rows.at("b") == 2) << "change " << change;
    }
    EXPECT_GT(failures, 2);
    OpenLake lake(folder_.path());
    EXPECT_TRUE(lake.Ingest().Succeeded());
    EXPECT_EQ(lake.RowsByFile(), (Counts{{"a", 3}, {"b", 2}}));
}

TEST_F(LandingTest, KilledAtEveryChangeOfTheDiskNothingIsLostOrDoubled) {
    for (const Stop stop : {Stop::kKilledBefore, Stop::kKilledAfter}) {
        for (uint64_t change = 1;; ++change) {
            std::filesystem::remove_all(folder_.path() + "/.tarn");
            std::filesystem::remove_all(folder_.path() + "/in");
            Put("a", 3);
            Put("b", 1);
            const int status = Await(Start(stop, change));
            Put("c", 2);
            OpenLake lake(folder_.path());
            const ingest::TableReport report = lake.Ingest();
            ASSERT_TRUE(report.Succeeded())
                << "change " << change << ": " << (report.error ? report.error->what() : "");
            EXPECT_EQ(lake.RowsByFile(), (Counts{{"a", 3}, {"b", 1}, {"c", 2}}))
                << "change " << change;
            EXPECT_EQ(lake.Ingest().files_known, 3U);
            if (WIFEXITED(status)) {
                EXPECT_GT(change, 4U);
                break;
            }
            ASSERT_LT(change, 200U);
        }
    }
}

TEST_F(LandingTest, ManyProcessesAtOnceLandEachFileOnce) {
    Configure(", batch: {max_files: 2}");
    Counts expected;
    for (int i = 0; i < 12; ++i) {
        const std::string name = fmt::format("f{:02}", i);
        Put(name, i + 1);
        expected[name] = i + 1;
    }
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i) children.push_back(Start(Stop::kNever, 0));
    int succeeded = 0;
    for (const pid_t child : children) succeeded += Await(child) == 0 ? 1 : 0;
    EXPECT_GE(succeeded, 1);
    OpenLake lake(folder_.path());
    EXPECT_TRUE(lake.Ingest().Succeeded());
    EXPECT_EQ(lake.RowsByFile(), expected);
}

}  // namespace
}  // namespace tarn::ingest_test
