#include "upkeep/vacuum_plan.h"

#include <gtest/gtest.h>

namespace tarn::upkeep {
namespace {

constexpr const char* kRoot = "mem://t/events";

storage::ObjectInfo FileAt(const std::string& path, int64_t modified_ms) {
    storage::ObjectInfo file;
    file.location = std::string(kRoot) + "/" + path;
    file.size_bytes = 10;
    file.modified_ms = modified_ms;
    return file;
}

TEST(VacuumPlan, OldFilesThatNobodyNamesGo) {
    table::FilesInUse in_use;
    in_use.Add(kRoot, std::string(kRoot) + "/live.parquet");
    VacuumPlan plan;
    PlanVacuum(kRoot,
               {FileAt("live.parquet", 1), FileAt("old.parquet", 99), FileAt("young.parquet", 100),
                FileAt("day=1/old.parquet", 1), FileAt("deletion_vector_1.bin", 1)},
               in_use, 100, plan);
    std::vector<std::string> names;
    for (const auto& file : plan.files) names.emplace_back(storage::LastName(file.location));
    EXPECT_EQ(names,
              (std::vector<std::string>{"old.parquet", "old.parquet", "deletion_vector_1.bin"}));
    EXPECT_EQ(plan.size_bytes, 30U);
    EXPECT_EQ(plan.listed, 5U);
}

TEST(VacuumPlan, HiddenFoldersAreLeftButForThoseOfTheTable) {
    for (const char* path :
         {"_delta_log/00000000000000000000.json", "_delta_log/_sidecars/a.parquet", ".hidden",
          "_SUCCESS", "a/_temporary/b.parquet", ".spark-staging/x.parquet", "a/.b.parquet.crc",
          "_delta_index/x", "a//b.parquet", "_symlink_format_manifest/manifest",
          "x/_change_data/a"}) {
        EXPECT_FALSE(IsVacuumsAffair(path)) << path;
    }
    for (const char* path :
         {"a.parquet", "day=1/a.parquet", "_day=1/a.parquet", "_change_data/cdc-1.parquet",
          "_change_data/day=1/cdc-1.parquet", "x7/a.parquet", "a%20b=c/d.parquet"}) {
        EXPECT_TRUE(IsVacuumsAffair(path)) << path;
    }
}

// A table whose root has a second spelling names its files by the other one.
TEST(VacuumPlan, AFileNamedByAnotherRootStays) {
    table::FilesInUse in_use;
    in_use.Add(kRoot, "mem://alias/events/day=1/part-1.parquet");
    VacuumPlan plan;
    PlanVacuum(kRoot, {FileAt("day=1/part-1.parquet", 1), FileAt("day=1/part-2.parquet", 1)},
               in_use, 100, plan);
    ASSERT_EQ(plan.files.size(), 1U);
    EXPECT_EQ(storage::LastName(plan.files.front().location), "part-2.parquet");
}

// Not even of a folder whose name begins as the table's does.
TEST(VacuumPlan, FilesElsewhereAreNotItsAffair) {
    VacuumPlan plan;
    for (const char* location : {"mem://t/events22/a.parquet", "mem://t/eventsa.parquet",
                                 "mem://t/other/a.parquet", "mem://t/events"}) {
        storage::ObjectInfo file;
        file.location = location;
        file.modified_ms = 1;
        PlanVacuum(kRoot, {file}, {}, 100, plan);
    }
    EXPECT_TRUE(plan.files.empty());
}

TEST(VacuumPlan, WhatIsNamedMeanwhileIsKept) {
    VacuumPlan plan;
    PlanVacuum(kRoot, {FileAt("a.parquet", 1), FileAt("b.parquet", 1)}, {}, 100, plan);
    table::FilesInUse in_use;
    in_use.Add(kRoot, std::string(kRoot) + "/a.parquet");
    KeepInUse(in_use, plan);
    ASSERT_EQ(plan.files.size(), 1U);
    EXPECT_EQ(plan.size_bytes, 10U);
}

}  // namespace
}  // namespace tarn::upkeep
