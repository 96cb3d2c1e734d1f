// A commit as those see it whose change must go after it: one that landed first, or one that is
// about to.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "delta/actions.h"
#include "storage/object_store.h"
#include "table/version.h"

namespace tarn::delta {

struct WinningCommit {
    table::Version version;
    std::string transaction_id;  // of its commitInfo; empty when it has none
    std::optional<int64_t> in_commit_timestamp_ms;
    bool says_blind_append = false;
    bool has_protocol = false;
    bool has_metadata = false;
    std::vector<std::string> app_ids;
    std::map<std::string, DomainMetadata> domains;
    std::map<std::string, Add> adds;        // by PathKey
    std::map<std::string, Remove> removes;  // by PathKey; one that is added again has a new vector

    void Take(const Action& action);
    bool IsBlindAppend() const { return says_blind_append && removes.empty(); }
    bool Revises(const std::string& path_key) const {
        return adds.contains(path_key) && removes.contains(path_key);
    }
};

// Does a file stand in both.
bool ShareFile(const WinningCommit& left, const WinningCommit& right);

// The commit that made a version; nothing when there is none or the store cannot tell now. Corrupt
// when it is no commit.
std::optional<WinningCommit> FindWinner(storage::ObjectStore& store, const std::string& root,
                                        table::Version version);

}  // namespace tarn::delta
