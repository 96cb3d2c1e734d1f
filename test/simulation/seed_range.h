// Which seeds this run of the test program takes: --first=N --seeds=N, or --seed=N for one with its
// whole trace.
#pragma once

#include <cstdint>

namespace tarn::simulation {

struct SeedRange {
    uint64_t first = 1;
    uint64_t count = 500;
    bool shows_trace = false;
};

const SeedRange& ChosenSeeds();

}  // namespace tarn::simulation
