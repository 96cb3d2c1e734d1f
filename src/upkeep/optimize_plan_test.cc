#include "upkeep/optimize_plan.h"

#include <set>

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/testing/kind_of.h"
#include "upkeep/testing/data_files.h"

namespace tarn::upkeep {
namespace {

constexpr OptimizeRules kRules = {100, 0.05};

std::vector<std::string> PathsOf(const FileGroup& group) {
    std::vector<std::string> paths;
    for (const table::DataFile& file : group.files) paths.push_back(file.path);
    return paths;
}

TEST(OptimizePlan, SmallFilesOfAPartitionGoTogether) {
    const auto groups = PlanOptimize({FileOf("a", 40), FileOf("b", 40), FileOf("c", 40),
                                      FileOf("big", 100), FileOf("x", 10, 1), FileOf("y", 10, 1)},
                                     kRules);
    ASSERT_EQ(groups.size(), 2U);
    EXPECT_EQ(PathsOf(groups[0]), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(PathsOf(groups[1]), (std::vector<std::string>{"x", "y"}));
}

TEST(OptimizePlan, FilesWithManyHiddenRowsAreWrittenAgain) {
    const auto groups = PlanOptimize(
        {FileOf("many", 500, 0, 10), FileOf("few", 500, 1, 4), FileOf("alone", 10, 2)}, kRules);
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_EQ(PathsOf(groups[0]), std::vector<std::string>{"many"});
}

TEST(OptimizePlan, AGroupMayBeJustAsLargeAsTheTarget) {
    EXPECT_EQ(PlanOptimize({FileOf("a", 50), FileOf("b", 50)}, kRules).size(), 1U);
    EXPECT_TRUE(PlanOptimize({FileOf("a", 50), FileOf("b", 51)}, kRules).empty());
}

TEST(OptimizePlan, JustTheShareOfHiddenRowsIsNotTooMany) {
    EXPECT_FALSE(HidesMany(FileOf("a", 500, 0, 5), kRules));
    EXPECT_TRUE(HidesMany(FileOf("a", 500, 0, 6), kRules));
    EXPECT_FALSE(HidesMany(FileOf("a", 500), kRules));
    // Nobody counted its rows: they may be all hidden.
    table::DataFile unknown = FileOf("a", 500, 0, 1);
    unknown.statistics = nullptr;
    EXPECT_TRUE(HidesMany(unknown, kRules));
}

// Each file at most once, one partition a group, no group beyond the target but of one file; and
// when each group has become one file of its size, a further plan finds nothing to halve.
TEST(OptimizePlan, HoldsForAnyFiles) {
    SeededRandom random(3);
    for (int round = 0; round < 200; ++round) {
        std::vector<table::DataFile> files;
        for (uint64_t i = random.Below(60); i > 0; --i) {
            files.push_back(FileOf("f" + std::to_string(i), 1 + random.Below(150),
                                   static_cast<int64_t>(random.Below(4)), random.Below(3) * 6));
        }
        std::set<std::string> seen;
        std::vector<table::DataFile> after;
        for (const FileGroup& group : PlanOptimize(files, kRules)) {
            EXPECT_TRUE(group.files.size() == 1 || group.size_bytes <= kRules.target_bytes);
            uint64_t size = 0;
            for (const table::DataFile& file : group.files) {
                EXPECT_TRUE(seen.insert(file.path).second);
                EXPECT_EQ(file.partition_values, group.partition_values);
                size += file.size_bytes;
            }
            EXPECT_EQ(size, group.size_bytes);
            after.push_back(FileOf("g" + std::to_string(after.size()), size,
                                   std::get<int64_t>(group.partition_values.front())));
        }
        for (const FileGroup& again : PlanOptimize(after, kRules)) {
            EXPECT_GT(again.files.size(), 1U);
        }
    }
}

TEST(OptimizePlan, BatchesHaveEachPartitionOnce) {
    std::vector<FileGroup> groups(5);
    for (size_t i = 0; i < groups.size(); ++i) {
        groups[i].partition_values = {static_cast<int64_t>(i % 2)};
    }
    const auto batches = BatchesOf(groups, 64);
    EXPECT_EQ(batches, (std::vector<std::vector<size_t>>{{0, 1}, {2, 3}, {4}}));
    EXPECT_EQ(BatchesOf(groups, 1).size(), 5U);
}

TEST(OptimizePlan, TakesTheSizeThatTheTableAsksFor) {
    table::TableMetadata metadata;
    EXPECT_EQ(RulesOf(metadata).target_bytes, 128ULL << 20);
    metadata.file_rules.bytes = 1000;
    EXPECT_EQ(RulesOf(metadata).target_bytes, 1000U);
}

TEST(OptimizePlan, MaintenanceWritesNoLargeFileAgainForALittleMore) {
    OptimizeRules rules = kRules;
    EXPECT_EQ(PlanOptimize({FileOf("large", 90), FileOf("crumb", 2)}, rules).size(), 1U);
    rules.small_share = 0.5;
    rules.least_growth = 1.5;
    EXPECT_TRUE(PlanOptimize({FileOf("large", 90), FileOf("crumb", 2)}, rules).empty());
    EXPECT_TRUE(PlanOptimize({FileOf("a", 40), FileOf("b", 10)}, rules).empty());
    EXPECT_EQ(PlanOptimize({FileOf("a", 40), FileOf("b", 10), FileOf("c", 10)}, rules).size(), 1U);
}

// Each file that comes is merged so rarely that no byte is written more often than its file can
// grow by half.
TEST(OptimizePlan, MaintenanceBehindEveryWriteWritesABoundedNumberOfTimes) {
    OptimizeRules rules = {1000, 0.05};
    rules.small_share = 0.5;
    rules.least_growth = 1.5;
    std::vector<table::DataFile> files;
    uint64_t written = 0;
    constexpr uint64_t kWrites = 2000;
    for (uint64_t i = 0; i < kWrites; ++i) {
        files.push_back(FileOf("f" + std::to_string(i), 1, 0));
        for (const FileGroup& group : PlanOptimize(files, rules)) {
            std::set<std::string> gone;
            for (const auto& file : group.files) gone.insert(file.path);
            std::erase_if(files, [&](const auto& file) { return gone.contains(file.path); });
            files.push_back(FileOf("g" + std::to_string(i), group.size_bytes));
            written += group.size_bytes;
        }
    }
    EXPECT_LT(written, kWrites * 16);  // log(1000) to the base 1.5 is 17
    EXPECT_LT(files.size(), 40U);
}

TEST(OptimizePlan, TargetsGrowFrom128MegabytesTo1Gigabyte) {
    constexpr uint64_t kMiB = uint64_t{1} << 20;
    EXPECT_EQ(TargetOfPartition(0), 128 * kMiB);
    EXPECT_EQ(TargetOfPartition(256 * 1024 * kMiB), 256 * kMiB);
    EXPECT_EQ(TargetOfPartition(1'000'000 * 1024 * kMiB), 1024 * kMiB);
    OptimizeRules rules = RulesOfMaintenance({}, UINT64_MAX);
    EXPECT_TRUE(rules.grows_with_partition);
    table::TableMetadata asks;
    asks.file_rules.bytes = 32 * kMiB;
    EXPECT_FALSE(RulesOfMaintenance(asks, UINT64_MAX).grows_with_partition);
}

TEST(OptimizePlan, ABudgetKeepsWhatSparesMostFiles) {
    std::vector<FileGroup> groups(3);
    groups[0] = {{}, {FileOf("a", 50), FileOf("b", 50)}, 100};
    groups[1] = {{}, {FileOf("c", 1), FileOf("d", 1)}, 2};
    groups[2] = {{}, {FileOf("e", 20), FileOf("f", 20)}, 40};
    KeepWithin(60, groups);
    ASSERT_EQ(groups.size(), 2U);
    EXPECT_EQ(PathsOf(groups[0]), (std::vector<std::string>{"c", "d"}));
    EXPECT_EQ(PathsOf(groups[1]), (std::vector<std::string>{"e", "f"}));
    KeepWithin(42, groups);
    EXPECT_EQ(groups.size(), 2U);
    // What is taken counts.
    KeepWithin(41, groups);
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_EQ(PathsOf(groups[0]), (std::vector<std::string>{"c", "d"}));
    KeepWithin(1, groups);
    EXPECT_TRUE(groups.empty());
}

}  // namespace
}  // namespace tarn::upkeep
