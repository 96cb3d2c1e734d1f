// What lists of a store would have shown a while ago: what a store whose lists lag behind answers.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "storage/object_store.h"

namespace tarn::simulation {

class PastLists {
public:
    // The object is so from now on; nothing when it is gone.
    void Changed(const std::string& location, std::optional<storage::ObjectInfo> info,
                 TimestampUs now);
    // As at that time.
    std::vector<storage::ObjectInfo> List(const std::string& folder,
                                          const storage::ListOptions& options,
                                          TimestampUs at) const;

private:
    struct State {
        TimestampUs since;
        std::optional<storage::ObjectInfo> info;
    };

    std::map<std::string, std::vector<State>> objects_;  // by location, oldest state first
};

}  // namespace tarn::simulation
