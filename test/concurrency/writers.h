// Sixteen writers on one table of a real disk: twelve threads of one process and four processes of
// one writer each. Each keeps a history of its statements: what it asked for, and what it was told.
// For tests only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulation/operation.h"

namespace tarn::concurrency {

using simulation::Operation;
using simulation::OperationKind;
using simulation::Row;
using simulation::Rows;

inline constexpr int kThreads = 12;
inline constexpr int kProcesses = 4;
inline constexpr int kWriters = kThreads + kProcesses;
// Each writer has this stretch of ids for itself; all writers share those below the first one.
inline constexpr int64_t kOwnIds = 1000;
inline constexpr int64_t kSharedIds = kOwnIds;
// So many of the shared ids are there from the beginning.
inline constexpr int64_t kSharedRows = 32;
// So many of a writer's ids are there from the beginning, all writers' in one file.
inline constexpr int64_t kOwnRows = 40;

int64_t FirstOwnId(int writer);
// What the table holds before the writers begin.
Rows FirstRows();

// What all writers do together.
struct Load {
    int statements = 0;       // of each writer
    bool has_upkeep = false;  // some of them run OPTIMIZE and VACUUM
};

// The statement on table t.
std::string ToSql(const Operation& operation);

enum class Outcome { kDone, kConflict, kFailed };

struct Told {
    int writer = 0;
    int number = 0;  // of this writer's statements; with the writer's it gives the operation
    Outcome outcome = Outcome::kFailed;
    int64_t version = -1;  // of kDone; the base's, where nothing was to be done
    int64_t rows_affected = 0;
    int64_t commit_attempts = 0;
    int64_t reruns = 0;
    double run_ms = 0;
    std::string message;
};

// The n-th statement of a writer; the same for everybody who asks.
Operation OperationOf(const Load& load, int writer, int number);
enum class Meeting {
    kDisjoint,  // touches rows that nobody else touches, and looks for no others
    // The same, but only its source says for which rows it looks: to others it reads all.
    kMerge,
    kShared,  // rows that others touch as well
    kUpkeep,  // moves others' rows, changes none
};
Meeting MeetingOf(const Operation& operation);

// Runs them all, and waits for them.
std::vector<Told> RunWriters(const std::string& folder, const Load& load);

}  // namespace tarn::concurrency
