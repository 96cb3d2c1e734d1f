#include "upkeep/planned_steps.h"

#include <gtest/gtest.h>

#include "upkeep/testing/data_files.h"

namespace tarn::upkeep {
namespace {

std::string TextOf(const PlannedStep& step) {
    const auto count = [](const std::optional<uint64_t>& value) {
        return value ? std::to_string(*value) : std::string("-");
    };
    return step.action + " " + count(step.files) + " " + count(step.bytes);
}

std::vector<std::string> TextsOf(const PlannedSteps& steps) {
    std::vector<std::string> texts;
    for (const PlannedStep& step : steps) texts.push_back(TextOf(step));
    return texts;
}

using Texts = std::vector<std::string>;

TEST(PlannedSteps, OfNothingAreNone) {
    EXPECT_TRUE(StepsOf(RestorePlan()).empty());
    EXPECT_TRUE(StepsOf(ClonePlan(), true).empty());
    EXPECT_TRUE(StepsOf(VacuumReport()).empty());
    EXPECT_TRUE(StepsOf(FsckReport()).empty());
}

TEST(PlannedSteps, OfRestoreAndClone) {
    RestorePlan restore;
    restore.restored = {FileOf("a", 10), FileOf("b", 5)};
    restore.removed = {FileOf("c", 7)};
    EXPECT_EQ(TextsOf(StepsOf(restore)), (Texts{"add 2 15", "remove 1 7"}));
    ClonePlan clone;
    clone.added = restore.restored;
    EXPECT_EQ(TextsOf(StepsOf(clone, true)), Texts{"add 2 15"});
    EXPECT_EQ(TextsOf(StepsOf(clone, false)), Texts{"copy 2 15"});
    clone.removed = restore.removed;
    EXPECT_EQ(TextsOf(StepsOf(clone, false)), (Texts{"copy 2 15", "remove 1 7"}));
}

TEST(PlannedSteps, OfVacuum) {
    VacuumReport report;
    report.plan.files.resize(3);
    report.plan.size_bytes = 30;
    report.kept_for_others = 2;
    EXPECT_EQ(TextsOf(StepsOf(report)), (Texts{"delete 3 30", "keep 2 -"}));
}

TEST(PlannedSteps, OfFsckTellFilesFromVectors) {
    FsckReport report;
    report.broken = {{FileOf("a", 10), true, false},
                     {FileOf("b", 20, 0, 4), false, true},
                     {FileOf("c", 5), true, true}};
    const PlannedSteps steps = StepsOf(report);
    EXPECT_EQ(TextsOf(steps), (Texts{"remove 2 15", "remove 1 20"}));
    EXPECT_NE(steps[0].detail, steps[1].detail);
}

TEST(PlannedSteps, OfADroppedFeature) {
    table::FeatureTrace trace;
    trace.drop.feature = "f";
    EXPECT_EQ(TextsOf(StepsOf(trace)), Texts{"drop - -"});
    trace.drop.is_in_history = true;
    EXPECT_EQ(TextsOf(StepsOf(trace)), (Texts{"checkpoint - -", "drop - -"}));
    trace.drop.truncates_history = true;
    EXPECT_EQ(TextsOf(StepsOf(trace)), (Texts{"forget - -", "drop - -"}));
    trace.drop = {"f", false, false, {}};
    trace.files = {FileOf("a", 10)};
    trace.metadata = std::make_shared<const table::TableMetadata>();
    EXPECT_EQ(TextsOf(StepsOf(trace)),
              (Texts{"rewrite 1 10", "alter - -", "checkpoint - -", "drop - -"}));
}

TEST(PlannedSteps, OfManifests) {
    Manifests manifests;
    manifests.texts = {{"/t/a", "1234"}, {"/t/b", "12"}};
    manifests.files = 5;
    EXPECT_EQ(TextsOf(StepsOf(manifests)), Texts{"write 2 6"});
}

}  // namespace
}  // namespace tarn::upkeep
