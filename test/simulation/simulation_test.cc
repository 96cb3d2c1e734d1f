#include "simulation/simulation.h"

#include <iostream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "simulation/seed_range.h"

namespace tarn::simulation {
namespace {

// So many seeds that every kind of event has happened.
constexpr uint64_t kTellingSeeds = 300;
constexpr int kShownSeeds = 5;

std::string Explain(uint64_t seed, const Report& report) {
    std::string text = fmt::format("seed {} (make simulate SEED={}):\n", seed, seed);
    for (const std::string& failure : report.failures) text += "  " + failure + "\n";
    return text;
}

void ExpectAllHappened(const Tallies& tallies) {
    const auto& counts = tallies.by_name;
    for (int kind = 0; kind < kOperationKinds; ++kind) {
        const std::string name(NameOf(static_cast<OperationKind>(kind)));
        EXPECT_TRUE(counts.contains("committed " + name)) << name;
        EXPECT_TRUE(counts.contains("conflict " + name)) << name;
    }
    for (const char* what : {"crash",
                             "shares its commit",
                             "done optimize",
                             "done vacuum",
                             "done checkpoint",
                             "done clean-up",
                             "files vacuumed",
                             "log files cleaned up",
                             "done restore",
                             "done restore of an old version",
                             "done drop feature deletionVectors",
                             "done drop feature v2Checkpoint",
                             "done drop feature inCommitTimestamp",
                             "done drop feature checkpointProtection",
                             "done drop feature with its history",
                             "answer 409",
                             "answer 412",
                             "answer 412 to a put that was done",
                             "answer 503",
                             "stale list",
                             "read feed"}) {
        EXPECT_TRUE(counts.contains(what)) << what;
    }
    EXPECT_TRUE(counts.contains("failed Unavailable"));
    EXPECT_TRUE(counts.contains("read"));
}

TEST(Simulation, LosesDoublesAndTearsNothing) {
    const SeedRange& seeds = ChosenSeeds();
    Tallies all;
    int failed = 0;
    for (uint64_t seed = seeds.first; seed < seeds.first + seeds.count; ++seed) {
        const Report report = Simulate(seed, {Guard::kNone, seeds.shows_trace});
        for (const std::string& line : report.trace) std::cout << line << "\n";
        if (!report.failures.empty()) {
            ADD_FAILURE() << Explain(seed, report);
            if (++failed == kShownSeeds) return;
        }
        for (const auto& [name, count] : report.tallies.by_name) all.by_name[name] += count;
    }
    for (const auto& [name, count] : all.by_name) std::cout << name << ": " << count << "\n";
    if (seeds.count >= kTellingSeeds) ExpectAllHappened(all);
}

TEST(Simulation, ASeedReplaysCallByCall) {
    const uint64_t first = ChosenSeeds().first;
    for (uint64_t seed = first; seed < first + 50; ++seed) {
        const uint64_t once = Simulate(seed).trace_hash;
        EXPECT_EQ(once, Simulate(seed).trace_hash) << "seed " << seed;
        EXPECT_NE(once, Simulate(seed + 1).trace_hash) << "seed " << seed;
    }
}

}  // namespace
}  // namespace tarn::simulation
