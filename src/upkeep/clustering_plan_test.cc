#include "upkeep/clustering_plan.h"

#include <memory>

#include <gtest/gtest.h>

namespace tarn::upkeep {
namespace {

const std::vector<std::string> kColumns = {"a", "b.c"};
constexpr OptimizeRules kRules = {100, 0.05};

table::DataFile FileOf(const std::string& path, uint64_t size_bytes, const std::string& run = "",
                       const std::vector<std::string>& columns = kColumns) {
    table::DataFile file;
    file.path = path;
    file.size_bytes = size_bytes;
    if (!run.empty())
        file.clustering =
            std::make_shared<table::FileClustering>(table::FileClustering{run, columns});
    return file;
}

std::vector<std::string> PathsOf(const std::vector<FileGroup>& groups) {
    std::vector<std::string> paths;
    for (const FileGroup& group : groups) {
        for (const table::DataFile& file : group.files) paths.push_back(file.path);
    }
    return paths;
}

using Paths = std::vector<std::string>;

TEST(ClusteringPlan, TakesWhatIsNotClusteredAndSmallRuns) {
    const std::vector<table::DataFile> files = {FileOf("new", 10), FileOf("small", 30, "r1"),
                                                FileOf("next", 120, "r2"),
                                                FileOf("large", 900, "r3")};
    EXPECT_EQ(PathsOf(PlanClustering(files, kColumns, kRules, {})),
              (Paths{"new", "small", "next"}));
}

TEST(ClusteringPlan, ARunJoinsUpToFourTimesWhatIsThere) {
    EXPECT_EQ(
        PathsOf(PlanClustering({FileOf("new", 10), FileOf("r", 40, "r1")}, kColumns, kRules, {})),
        (Paths{"new", "r"}));
    EXPECT_EQ(
        PathsOf(PlanClustering({FileOf("new", 10), FileOf("r", 41, "r1")}, kColumns, kRules, {})),
        Paths{"new"});
    ClusteringRules rules;
    rules.whole_bytes = 40;
    EXPECT_EQ(PathsOf(PlanClustering({FileOf("new", 10), FileOf("r", 40, "r1")}, kColumns, kRules,
                                     rules)),
              Paths{"new"});
}

TEST(ClusteringPlan, AllOfItIsLaidAnewWhereSeveralRunsLie) {
    ClusteringRules all;
    all.takes_all = true;
    EXPECT_EQ(PathsOf(PlanClustering({FileOf("a", 5, "r1"), FileOf("b", 500, "r2")}, kColumns,
                                     kRules, all)),
              (Paths{"a", "b"}));
}

TEST(ClusteringPlan, WhatIsClusteredGivesNothing) {
    EXPECT_TRUE(
        PlanClustering({FileOf("a", 5, "r1"), FileOf("b", 5, "r2")}, kColumns, kRules, {}).empty());
    EXPECT_TRUE(PlanClustering({}, kColumns, kRules, {}).empty());
}

TEST(ClusteringPlan, OtherColumnsStayUntilAllIsTaken) {
    const std::vector<table::DataFile> files = {FileOf("other", 5, "r1", {"z"}),
                                                FileOf("mine", 5, "r2")};
    EXPECT_TRUE(PlanClustering(files, kColumns, kRules, {}).empty());
    ClusteringRules all;
    all.takes_all = true;
    EXPECT_EQ(PathsOf(PlanClustering(files, kColumns, kRules, all)), (Paths{"other", "mine"}));
    EXPECT_TRUE(
        PlanClustering({FileOf("mine", 5, "r2"), FileOf("too", 5, "r2")}, kColumns, kRules, all)
            .empty());
}

TEST(ClusteringPlan, FilesWithManyHiddenRowsAreLaidAgain) {
    table::DataFile hidden = FileOf("hidden", 50, "r1");
    hidden.deletion_vector = table::DeletionVectorRef{"v", "", 60};
    table::FileStatistics statistics;
    statistics.record_count = 100;
    hidden.statistics = std::make_shared<const table::FileStatistics>(statistics);
    EXPECT_EQ(PathsOf(PlanClustering({hidden, FileOf("rest", 50, "r1")}, kColumns, kRules, {})),
              (Paths{"hidden", "rest"}));
}

TEST(ClusteringPlan, AutomaticRunsWaitForManyFiles) {
    OptimizeRules rules = kRules;
    rules.fewest_files = 3;
    EXPECT_TRUE(PlanClustering({FileOf("a", 5)}, kColumns, rules, {}).empty());
    EXPECT_EQ(PathsOf(PlanClustering({FileOf("a", 5), FileOf("b", 5)}, kColumns, rules, {})),
              (Paths{"a", "b"}));
}

TEST(ClusteringPlan, ABudgetTakesTheFirstFiles) {
    const std::vector<table::DataFile> files = {FileOf("a", 10), FileOf("b", 10), FileOf("c", 10)};
    auto groups = PlanClustering(files, kColumns, kRules, {});
    CutTo(30, groups);
    EXPECT_EQ(PathsOf(groups), (Paths{"a", "b", "c"}));
    CutTo(25, groups);
    EXPECT_EQ(PathsOf(groups), (Paths{"a", "b"}));
    EXPECT_EQ(groups.front().size_bytes, 20U);
    CutTo(15, groups);
    EXPECT_TRUE(groups.empty());
}

}  // namespace
}  // namespace tarn::upkeep
