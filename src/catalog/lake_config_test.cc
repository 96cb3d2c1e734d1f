#include "catalog/lake_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "catalog/scratch_folder.h"

namespace tarn::catalog {
namespace {

Error MistakeIn(std::string_view text) {
    try {
        LakeConfig::Parse(text, "/lake");
    } catch (const Error& error) {
        return error;
    }
    return Error(ErrorKind::kInternal, "nothing was refused");
}

TEST(LakeConfig, TheLeastContentIsAName) {
    const LakeConfig config = LakeConfig::Parse("name: nyc-flights", "/lake/");
    EXPECT_EQ(config.name, "nyc_flights");
    EXPECT_EQ(config.root, "/lake");
    EXPECT_EQ(config.state, "/lake/.tarn");
    EXPECT_EQ(config.warehouse, "/lake/.tarn/warehouse");
    EXPECT_EQ(config.dialect, sql::Dialect::kTarn);
    EXPECT_EQ(config.port, 8787);
}

TEST(LakeConfig, EverySettingIsRead) {
    const LakeConfig config = LakeConfig::Parse(R"(
name: a
aliases: [b, c-d]
warehouse: tables/here
dialect: Spark
table_defaults: {delta.enableDeletionVectors: true}
serve: {port: 9000}
engine: {memory: 2 GB, threads: 3}
retention: {runs_days: 5, queries_days: 6, dropped_days: 0}
maintenance: {at: 03:05, budget: 1GB}
lineage: {queries: true, openlineage: {url: "http://host", file: e.ndjson, namespace: prod}}
)",
                                                "/lake");
    EXPECT_THAT(config.aliases, testing::ElementsAre("b", "c_d"));
    EXPECT_EQ(config.warehouse, "/lake/tables/here");
    EXPECT_EQ(config.table_defaults.at("delta.enableDeletionVectors"), "true");
    EXPECT_EQ(config.dialect, sql::Dialect::kSpark);
    EXPECT_EQ(config.port, 9000);
    EXPECT_EQ(config.memory_limit_bytes, 2ULL << 30);
    EXPECT_EQ(config.threads, 3);
    EXPECT_EQ(config.keep_runs_days, 5);
    EXPECT_EQ(config.keep_queries_days, 6);
    EXPECT_EQ(config.keep_dropped_days, 0);
    EXPECT_EQ(config.maintenance_minute, 185);
    EXPECT_EQ(config.maintenance_bytes, 1ULL << 30);
    EXPECT_TRUE(config.lineage_of_queries);
    EXPECT_EQ(config.openlineage.url, "http://host");
    EXPECT_EQ(config.openlineage.file, "/lake/e.ndjson");
    EXPECT_EQ(config.openlineage.job_namespace, "prod");
    EXPECT_EQ(config.openlineage.endpoint, "api/v1/lineage");
    EXPECT_EQ(LakeConfig::Parse("maintenance: {at: off}", "/lake").maintenance_minute,
              std::nullopt);
    EXPECT_EQ(LakeConfig::Parse("warehouse: s3://bucket/w/", "/lake").warehouse, "s3://bucket/w");
}

TEST(LakeConfig, MistakesSayWhere) {
    const struct {
        const char* text;
        int line;
    } cases[] = {{"nmae: x", 1},
                 {"name: 9x", 1},
                 {"name: Lake", 1},
                 {"name: system", 1},
                 {"name: a\ndialect: oracle", 2},
                 {"name: a\nserve:\n  prot: 1", 3},
                 {"name: a\nserve:\n  port: 70000", 3},
                 {"engine:\n  memory: lots", 2},
                 {"engine:\n  memory: 99999999999GB", 2},
                 {"engine:\n  memory: 1KB", 2},
                 {"retention:\n  runs_days: 0", 2},
                 {"retention:\n  queries_days: 0", 2},
                 {"maintenance:\n  at: noon", 2},
                 {"maintenance:\n  at: 24:00", 2},
                 {"lineage:\n  querys: true", 2},
                 {"lineage:\n  openlineage: {namespace: x}", 2},
                 {"name: [", 1}};
    for (const auto& each : cases) {
        const Error error = MistakeIn(each.text);
        EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput) << each.text;
        EXPECT_EQ(error.spot().line, each.line) << each.text;
        EXPECT_EQ(error.spot().file, "/lake/tarn.yml") << each.text;
    }
}

TEST(LakeConfig, AFolderWithoutAFileIsAnAnonymousLake) {
    const ScratchFolder folder;
    const LakeConfig config = LakeConfig::Load(folder.path());
    EXPECT_EQ(config.name, "lake");
    EXPECT_FALSE(config.has_file);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    try {
        LakeConfig::Load(folder.path() + "/nowhere");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
    }
}

TEST(LakeConfig, TheNearestFolderUpwardIsTheLake) {
    const ScratchFolder folder;
    folder.Write("lake/tarn.yml", "name: outer");
    folder.Write("lake/a/tarn.yml", "name: inner");
    folder.Write("lake/a/b/c/file", "");
    EXPECT_EQ(FindLakeFolder(folder.path() + "/lake/a/b/c"), folder.path() + "/lake/a");
    EXPECT_EQ(FindLakeFolder(folder.path() + "/lake"), folder.path() + "/lake");
    EXPECT_EQ(FindLakeFolder(folder.path()), std::nullopt);
    EXPECT_EQ(LakeConfig::Load(folder.path() + "/lake/a").name, "inner");
}

}  // namespace
}  // namespace tarn::catalog
