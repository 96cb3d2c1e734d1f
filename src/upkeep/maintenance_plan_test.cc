#include "upkeep/maintenance_plan.h"

#include <gtest/gtest.h>

#include "upkeep/testing/data_files.h"

namespace tarn::upkeep {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;

TEST(MaintenancePlan, NothingToDoIsNoStep) {
    EXPECT_TRUE(PlanRewrites({}, {}, UINT64_MAX).empty());
    EXPECT_TRUE(PlanRewrites({}, {FileOf("a", 100 * kMiB), FileOf("b", kMiB)}, UINT64_MAX).empty());
}

TEST(MaintenancePlan, FilesOfHalfTheTargetAreLargeEnough) {
    EXPECT_TRUE(
        PlanRewrites({}, {FileOf("a", 64 * kMiB), FileOf("b", 60 * kMiB)}, UINT64_MAX).empty());
    EXPECT_EQ(PlanRewrites({}, {FileOf("a", 63 * kMiB), FileOf("b", 60 * kMiB)}, UINT64_MAX).size(),
              1U);
}

TEST(MaintenancePlan, WhatIsWhollyBeyondTheBudgetIsToldOf) {
    const auto plan = PlanRewrites({}, {FileOf("a", 2 * kMiB), FileOf("b", 2 * kMiB)}, kMiB);
    ASSERT_EQ(plan.size(), 1U);
    EXPECT_EQ(plan[0].files, 0U);
    EXPECT_EQ(plan[0].deferred_bytes, 4 * kMiB);
}

TEST(MaintenancePlan, TellsCompactionFromPurge) {
    const auto plan = PlanRewrites(
        {}, {FileOf("a", 2 * kMiB), FileOf("b", 2 * kMiB), FileOf("c", 200 * kMiB, 1, 50)},
        UINT64_MAX);
    ASSERT_EQ(plan.size(), 2U);
    EXPECT_EQ(plan[0].kind, RewriteKind::kCompact);
    EXPECT_EQ(plan[0].files, 2U);
    EXPECT_EQ(plan[0].bytes, 4 * kMiB);
    EXPECT_EQ(plan[0].files_after, 1U);
    EXPECT_EQ(plan[1].kind, RewriteKind::kPurge);
    EXPECT_EQ(plan[1].bytes, 200 * kMiB);
}

TEST(MaintenancePlan, WhatIsBeyondTheBudgetWaits) {
    const auto plan = PlanRewrites({},
                                   {FileOf("a", 2 * kMiB), FileOf("b", 2 * kMiB),
                                    FileOf("c", 30 * kMiB, 1), FileOf("d", 30 * kMiB, 1)},
                                   10 * kMiB);
    ASSERT_EQ(plan.size(), 1U);
    EXPECT_EQ(plan[0].bytes, 4 * kMiB);
    EXPECT_EQ(plan[0].deferred_bytes, 60 * kMiB);
}

TEST(MaintenancePlan, ClusteredTablesAreClustered) {
    table::TableMetadata metadata;
    metadata.clustering_columns = {"a"};
    const auto plan = PlanRewrites(
        metadata, {FileOf("a", 100 * kMiB), FileOf("b", 100 * kMiB), FileOf("c", 100 * kMiB)},
        250 * kMiB);
    ASSERT_EQ(plan.size(), 1U);
    EXPECT_EQ(plan[0].kind, RewriteKind::kCluster);
    EXPECT_EQ(plan[0].files, 2U);
    EXPECT_EQ(plan[0].deferred_bytes, 100 * kMiB);
    EXPECT_EQ(plan[0].files_after, 2U);
}

}  // namespace
}  // namespace tarn::upkeep
