#include "ingest/source_config.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "storage/memory_store.h"

namespace tarn::ingest {
namespace {

SourceConfig Parse(std::string_view text) {
    return SourceConfig::Parse(text, "sources/nyc.yml", "mem://lake");
}

TextSpot MistakeIn(std::string_view text) {
    try {
        Parse(text);
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput) << error.what();
        return error.spot();
    }
    ADD_FAILURE() << "no mistake found in\n" << text;
    return {};
}

TEST(SourceConfig, ReadsEveryKey) {
    const SourceConfig source = Parse(R"(name: nyc
root: landing
schema_policy: accept
tables:
  - table: bronze.weather
    path: [weather/*.csv, late/**/*.csv]
    format: csv
    csv: {delimiter: tab, quote: "'", header: false}
    reload: append
    infer_types: true
    schema_policy: reject
    schema: [origin, temp]
    source_system: noaa
    schema_version: 3
    batch: {max_files: 5, max_bytes: 1000}
  - table: bronze.flights
    path: flights/*.ndjson
    format: ndjson
)");
    EXPECT_EQ(source.root, "mem://lake/landing");
    ASSERT_EQ(source.tables.size(), 2U);
    const TableConfig& weather = source.tables[0];
    EXPECT_EQ(weather.patterns.size(), 2U);
    EXPECT_EQ(weather.csv.delimiter, '\t');
    EXPECT_EQ(weather.csv.quote, '\'');
    EXPECT_FALSE(weather.csv.has_header);
    EXPECT_EQ(weather.reload, ReloadPolicy::kAppend);
    EXPECT_TRUE(weather.infer_types);
    EXPECT_EQ(weather.schema_policy, SchemaPolicy::kReject);
    EXPECT_EQ(weather.fields, (std::vector<std::string>{"origin", "temp"}));
    EXPECT_EQ(weather.source_system, "noaa");
    EXPECT_EQ(weather.schema_version, 3);
    EXPECT_EQ(weather.batch.max_files, 5);
    EXPECT_EQ(weather.batch.max_bytes, 1000);
    const TableConfig& flights = source.tables[1];
    EXPECT_EQ(flights.reload, ReloadPolicy::kError);
    EXPECT_EQ(flights.source_system, "nyc");
    EXPECT_EQ(flights.schema_policy, SchemaPolicy::kAccept);
    EXPECT_EQ(flights.batch.max_files, BatchLimits::kMaxFiles);
    EXPECT_EQ(source.AppId(flights), "tarn:ingest:nyc.bronze.flights");
}

TEST(SourceConfig, MistakesHaveTheirPlace) {
    const TextSpot unknown =
        MistakeIn("name: nyc\ntables:\n  - table: b.x\n    path: a\n    formt: csv\n");
    EXPECT_EQ(unknown.file, "sources/nyc.yml");
    EXPECT_EQ(unknown.line, 5);
    EXPECT_EQ(unknown.column, 5);
    EXPECT_EQ(MistakeIn("name: 1nyc\ntables: []\n").line, 1);
    EXPECT_EQ(MistakeIn("name: nyc\ntables:\n  - {table: x, path: a, format: csv}\n").line, 3);
    EXPECT_EQ(MistakeIn("name: nyc\ntables:\n  - {table: b.x, path: /a, format: csv}\n").line, 3);
    EXPECT_EQ(MistakeIn("name: nyc\ntables:\n  - {table: b.x, path: a, format: parquet}\n").line,
              3);
    EXPECT_EQ(
        MistakeIn("name: nyc\nroot: ../x\ntables:\n  - {table: b.x, path: a, format: csv}\n").line,
        2);
    EXPECT_GT(MistakeIn("name: nyc\ntables: [\n").line, 1);
}

TEST(SourceConfig, RefusesWhatCannotWork) {
    MistakeIn("name: nyc\ntables: []\n");
    MistakeIn("- a list\n");
    MistakeIn("name: n\ntables:\n  - {table: b.x, path: a, format: csv, csv: {header: false}}\n");
    MistakeIn("name: n\ntables:\n  - {table: b.x, path: a, format: ndjson, csv: {header: true}}\n");
    MistakeIn("name: n\ntables:\n  - {table: b.x, path: a, format: csv, csv: {delimiter: ';;'}}\n");
    MistakeIn("name: n\ntables:\n  - {table: b.x, path: a, format: csv, csv: {delimiter: '\"'}}\n");
    MistakeIn("name: n\ntables:\n  - {table: b.x, path: a, format: csv, schema: [a, A]}\n");
    MistakeIn("name: n\ntables:\n  - {table: b.x, path: a, format: csv, reload: always}\n");
    MistakeIn("name: n\ntables:\n  - {table: b.x, path: a, format: csv, batch: {max_files: 0}}\n");
    MistakeIn("name: n\nschema_policy: take\ntables:\n  - {table: b.x, path: a, format: csv}\n");
    MistakeIn(
        "name: n\nschema_policy: accept\ntables:\n  - {table: b.x, path: a, format: csv, schema: "
        "[a]}\n");
    MistakeIn(
        "name: n\ntables:\n  - {table: b.x, path: a, format: csv}\n  - {table: b.x, path: c, "
        "format: csv}\n");
}

TEST(LoadSources, ReadsTheFolderAndRefusesTwins) {
    ManualClock clock{TimestampUs{}};
    storage::MemoryStore store(clock);
    const std::string text = "name: a\ntables:\n  - {table: b.x, path: p, format: csv}\n";
    EXPECT_TRUE(LoadSources(store, "mem://lake/l").empty());
    store.Put("mem://lake/l/sources/a.yml", text);
    store.Put("mem://lake/l/sources/notes.txt", "not yaml: [");
    EXPECT_EQ(LoadSources(store, "mem://lake/l").size(), 1U);
    store.Put("mem://lake/l/sources/b.yaml", text);
    EXPECT_THROW(LoadSources(store, "mem://lake/l"), Error);
}

}  // namespace
}  // namespace tarn::ingest
