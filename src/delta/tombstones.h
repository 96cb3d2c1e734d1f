// Removes that stay in the log for vacuum: what versions removed and no later one added again.
// Within one version actions have no order: a file both added and removed stays. Not thread-safe.
#pragma once

#include <functional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "delta/actions.h"
#include "delta/file_key.h"

namespace tarn::delta {

class Tombstones {
public:
    void BeginVersion() { added_now_.clear(); }
    void Added(const FileKey& key);
    void Removed(Remove&& remove);
    // In no order; nothing is left.
    std::vector<Remove> Take();

private:
    struct KeyHash {
        size_t operator()(const FileKey& key) const { return key.low; }
    };

    std::unordered_map<FileKey, Remove, KeyHash> removes_;
    std::unordered_set<FileKey, KeyHash> added_now_;  // by this version
};

// The removes of a commit's text, without reading its adds where they stand in lines of their own.
// `name` is the file's, for messages. Corrupt.
void ForEachRemove(std::string_view text, std::string_view name,
                   const std::function<void(Remove&&)>& take);

// Those that are not older.
std::vector<const Remove*> LiveTombstones(const std::vector<Remove>& tombstones,
                                          int64_t oldest_remove_ms);

}  // namespace tarn::delta
