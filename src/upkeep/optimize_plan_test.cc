#include "upkeep/optimize_plan.h"

#include <set>

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/testing/kind_of.h"

namespace tarn::upkeep {
namespace {

constexpr OptimizeRules kRules = {100, 0.05};

table::DataFile FileOf(const std::string& path, uint64_t size_bytes, int64_t day = 0,
                       uint64_t hidden = 0) {
    table::DataFile file;
    file.path = path;
    file.size_bytes = size_bytes;
    file.partition_values = {day};
    if (hidden > 0) file.deletion_vector = table::DeletionVectorRef{"v" + path, "", hidden};
    table::FileStatistics statistics;
    statistics.record_count = 100;
    file.statistics = std::make_shared<const table::FileStatistics>(statistics);
    return file;
}

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

}  // namespace
}  // namespace tarn::upkeep
