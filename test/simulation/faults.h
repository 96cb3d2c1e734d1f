// What goes wrong in one run, and which protections are taken away to see that they are needed.
#pragma once

#include <cstdint>

#include "base/clock.h"

namespace tarn::simulation {

// Chances in 1000, for each call that it can happen to.
struct Faults {
    uint64_t lost_answer = 0;      // a put whose answer is lost; it happened or not
    uint64_t late_put = 0;         // a put whose answer is lost, and which happens later
    uint64_t unavailable = 0;      // 503: any call, before it has an effect
    uint64_t conflicting_put = 0;  // 409 for a put-if-absent: another is under way, nothing is done
    uint64_t doubtful_exists = 0;  // 412 for a put-if-absent that was done (an inner retry met it)
    uint64_t crash = 0;            // the process dies at this call, before or after its effect
    uint64_t torn_checkpoint = 0;  // a checkpoint's file is broken, and its writer is told done
    uint64_t stale_list = 0;       // a list shows what was there some versions ago
    DurationUs longest_call = std::chrono::milliseconds(20);
    DurationUs latest_put = std::chrono::seconds(2);
    DurationUs oldest_list = std::chrono::seconds(3);
};

// Each takes one protection away, by what stands around the tested code.
enum class Guard {
    kNone,
    kPutIfAbsent,      // the store overwrites a log entry that is there
    kDurableFiles,     // the store says done of a data file and writes it much later
    kConflicts,        // the writer is shown winners without what they did
    kReadBack,         // the writer does not know its own commit when it reads it back
    kReads,            // the engine does not say what it has read
    kAppTransactions,  // the writer does not see what it has committed before it crashed
    kNeighbours,       // changes that share a commit are not shown each other's files
    kOptimizeLoses,    // OPTIMIZE is shown winners without what they did
    kFilesInUse,       // VACUUM is told that no file is in use
    kFileRetention,    // VACUUM takes it for a year later
    kLogRetention,     // the clean-up takes it for a year later
    kCheckpointProof,  // the clean-up is shown broken checkpoints as they should be
    kRestoreLoses,     // RESTORE is shown winners without what they did
    kRestoredFiles,    // RESTORE is told that every file is there
    kDropLoses,        // DROP FEATURE is shown winners without what they did
    kGuardedHistory,   // the clean-up does not know that a history is guarded
    kRecordedAlone,    // recorded changes share a commit with others
    kDoubtfulAnswers,  // the writer takes a put for done whose answer it did not get
    kNamedCommits,     // who reads gets no commit that a list did not show
};

}  // namespace tarn::simulation
