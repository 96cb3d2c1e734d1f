// When a table's versions were committed, and which one was the latest at a time (PROTOCOL.md,
// "Recommendations for Readers of Tables with In-Commit Timestamps"): the time that a commit itself
// carries from the version on that turned such times on, the time of its file before. Files' times
// are made to grow with the version. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "delta/actions.h"
#include "delta/log_segment.h"
#include "storage/object_store.h"

namespace tarn::delta {

// Since when commits carry their own time; nothing when the table has no such commits.
struct CommitTimesEnabled {
    table::Version version;
    int64_t unix_ms = 0;
};
std::optional<CommitTimesEnabled> InCommitTimestampsOf(
    const std::map<std::string, std::string>& configuration);

// The times of the commits' files, oldest first, each moved behind the one before it and the first
// behind `previous_ms`: files' times stand still or go back where clocks and copies do.
std::vector<int64_t> GrowingFileTimes(const std::vector<CommitFile>& commits,
                                      int64_t previous_ms = INT64_MIN);

// When the version was committed: by its own time (`own_ms`) where that counts and is there.
int64_t CommitTimeOf(const std::optional<CommitTimesEnabled>& enabled, table::Version version,
                     std::optional<int64_t> own_ms, int64_t file_ms);

// Who made a commit, and when by its own clock.
CommitInfo ReadCommitInfo(storage::ObjectStore& store, const CommitFile& commit);

// The last of these commits that was there at `unix_ms`; nothing when all are younger. `commits`
// are contiguous and oldest first. Reads few of them. Corrupt when one lacks the time that it must
// carry.
std::optional<table::Version> VersionAt(storage::ObjectStore& store,
                                        const std::vector<CommitFile>& commits,
                                        const std::optional<CommitTimesEnabled>& enabled,
                                        int64_t unix_ms);

}  // namespace tarn::delta
