// What all processes of one simulated run share: time, chance, the true store, and the trace of
// what happened.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "simulation/faults.h"
#include "simulation/tallies.h"
#include "simulation/timeline.h"
#include "simulation/watched_store.h"
#include "storage/memory_store.h"

namespace tarn::simulation {

// Two runs with the same hash did the same, call by call. Keeps the lines where asked to.
class Trace {
public:
    explicit Trace(bool keeps_lines) : keeps_lines_(keeps_lines) {}
    void Add(std::string line);
    uint64_t Hash() const { return hash_; }
    const std::vector<std::string>& Lines() const { return lines_; }

private:
    bool keeps_lines_;
    uint64_t hash_ = 0;
    std::vector<std::string> lines_;
};

struct World {
    World(uint64_t seed, const Faults& chances, bool keeps_lines, StoreWatcher& watcher);

    bool Chance(uint64_t per_mille) { return per_mille > 0 && random.Below(1000) < per_mille; }
    // Uniform in [0, longest].
    DurationUs Pause(DurationUs longest) {
        return DurationUs(
            static_cast<int64_t>(random.Below(static_cast<uint64_t>(longest.count()) + 1)));
    }
    void Note(std::string_view who, std::string_view what);

    Timeline timeline;
    TimelineClock clock;  // the store's
    SeededRandom random;
    Faults faults;
    Trace trace;
    Tallies tallies;
    storage::MemoryStore memory;
    WatchedStore store;
    std::map<std::string, std::string> torn;  // broken checkpoints as they should be, by location
    // Processes whose work has just seen a list that lagged behind: it may have shown what is gone.
    std::set<std::string> misled;
    // What RESTORE brings back from beyond the retention, VACUUM may be about to delete: whoever
    // runs them sees to it that they do not meet.
    int vacuums = 0;
    int old_restores = 0;
    TimestampUs restored_until{};  // late puts included
};

}  // namespace tarn::simulation
