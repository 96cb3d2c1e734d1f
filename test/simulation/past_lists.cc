#include "simulation/past_lists.h"

#include <algorithm>

namespace tarn::simulation {

using storage::ObjectInfo;

void PastLists::Changed(const std::string& location, std::optional<ObjectInfo> info,
                        TimestampUs now) {
    objects_[location].push_back({now, std::move(info)});
}

std::vector<ObjectInfo> PastLists::List(const std::string& folder,
                                        const storage::ListOptions& options, TimestampUs at) const {
    const std::string inside = folder + "/";
    std::vector<ObjectInfo> shown;
    for (auto object = objects_.upper_bound(std::max(inside, options.start_after));
         object != objects_.end() && object->first.starts_with(inside); ++object) {
        if (shown.size() == options.limit) break;
        if (!options.recursive && object->first.find('/', inside.size()) != std::string::npos) {
            continue;
        }
        const auto& states = object->second;
        const auto state = std::find_if(states.rbegin(), states.rend(),
                                        [&](const State& past) { return past.since <= at; });
        if (state != states.rend() && state->info) shown.push_back(*state->info);
    }
    return shown;
}

}  // namespace tarn::simulation
