// May a change go on top of commits that landed since it was prepared. Serializable: a change that
// read rows must not miss rows that a winner added or removed among them; pure appends meet only
// changes of schema or protocol and the same writer's transactions. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "delta/actions.h"
#include "delta/snapshot.h"
#include "table/change.h"

namespace tarn::delta {

// What judging needs of a commit that won.
struct WinningCommit {
    table::Version version;
    std::string transaction_id;  // of its commitInfo; empty when it has none
    std::optional<int64_t> in_commit_timestamp_ms;
    bool has_protocol = false;
    bool has_metadata = false;
    std::vector<std::string> app_ids;
    std::vector<Add> adds;
    std::vector<Remove> removes;
};

// Corrupt when the bytes are no commit. `name` is for messages.
WinningCommit ReadWinner(table::Version version, std::string_view bytes, std::string_view name);

// `base` is the snapshot that the change was prepared on.
std::optional<table::Conflict> FindConflict(const table::Change& change, const Snapshot& base,
                                            const WinningCommit& winner);

}  // namespace tarn::delta
