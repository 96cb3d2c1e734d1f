// Holds what writers were told against what readers see: there must be one order, that of the log,
// in which each statement did what it told its writer, and every version reads as that order says.
// For tests only.
//
// Under write serializability a statement may stand in the log behind blind appends which it did
// not see. These must be the last ones before it and none that its writer knew of; an append is
// missed wholly or not at all.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "concurrency/writers.h"

namespace tarn::concurrency {

// A version as a reader sees it.
struct SeenVersion {
    int64_t version = 0;
    std::string operation;  // as the history names it
    Rows rows;              // ascending
};

// A statement that was done, as its writer has it.
struct Done {
    Told told;
    Operation operation;
};

// What is wrong; empty: all is well. `versions` are contiguous; the first one is where the model
// begins.
std::vector<std::string> FindFlaws(const std::vector<Done>& history,
                                   const std::vector<SeenVersion>& versions,
                                   bool is_write_serializable);

}  // namespace tarn::concurrency
