// Each protection is needed: without it some seed fails.
#include <iostream>

#include <gtest/gtest.h>

#include "simulation/simulation.h"

namespace tarn::simulation {
namespace {

constexpr uint64_t kSeeds = 3000;

class Guards : public testing::TestWithParam<Guard> {};

TEST_P(Guards, WithoutItSomeSeedFails) {
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
        const Report report = Simulate(seed, {GetParam(), false});
        if (report.failures.empty()) continue;
        std::cout << "seed " << seed << ": " << report.failures.front() << "\n";
        return;
    }
    FAIL() << "no seed up to " << kSeeds << " notices";
}

std::string NameOfGuard(const testing::TestParamInfo<Guard>& guard) {
    switch (guard.param) {
        case Guard::kPutIfAbsent:
            return "PutIfAbsent";
        case Guard::kDurableFiles:
            return "DurableFiles";
        case Guard::kConflicts:
            return "Conflicts";
        case Guard::kReadBack:
            return "ReadBack";
        case Guard::kReads:
            return "Reads";
        case Guard::kAppTransactions:
            return "AppTransactions";
        case Guard::kNeighbours:
            return "Neighbours";
        case Guard::kOptimizeLoses:
            return "OptimizeLoses";
        case Guard::kFilesInUse:
            return "FilesInUse";
        case Guard::kFileRetention:
            return "FileRetention";
        case Guard::kLogRetention:
            return "LogRetention";
        case Guard::kCheckpointProof:
            return "CheckpointProof";
        case Guard::kRestoreLoses:
            return "RestoreLoses";
        case Guard::kRestoredFiles:
            return "RestoredFiles";
        case Guard::kDropLoses:
            return "DropLoses";
        case Guard::kGuardedHistory:
            return "GuardedHistory";
        case Guard::kRecordedAlone:
            return "RecordedAlone";
        case Guard::kDoubtfulAnswers:
            return "DoubtfulAnswers";
        case Guard::kNamedCommits:
            return "NamedCommits";
        case Guard::kNone:
            break;
    }
    return "None";
}

INSTANTIATE_TEST_SUITE_P(
    Of, Guards,
    testing::Values(Guard::kPutIfAbsent, Guard::kDurableFiles, Guard::kConflicts, Guard::kReadBack,
                    Guard::kReads, Guard::kAppTransactions, Guard::kNeighbours,
                    Guard::kOptimizeLoses, Guard::kFilesInUse, Guard::kFileRetention,
                    Guard::kLogRetention, Guard::kCheckpointProof, Guard::kRestoreLoses,
                    Guard::kRestoredFiles, Guard::kDropLoses, Guard::kGuardedHistory,
                    Guard::kRecordedAlone, Guard::kDoubtfulAnswers, Guard::kNamedCommits),
    NameOfGuard);

}  // namespace
}  // namespace tarn::simulation
