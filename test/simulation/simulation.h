// One run of the simulated world: several writers and readers on one Delta table, all that happens
// drawn from the seed. The same seed and options do the same, call by call.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulation/process.h"

namespace tarn::simulation {

struct RunOptions {
    Guard guard = Guard::kNone;
    bool keeps_trace = false;
};

struct Report {
    std::vector<std::string> failures;  // empty: all is well
    uint64_t trace_hash = 0;
    std::vector<std::string> trace;
    Tallies tallies;
    int64_t versions = 0;
};

Report Simulate(uint64_t seed, const RunOptions& options = {});

}  // namespace tarn::simulation
