// Distinct tuples of partition values, each kept once: a table has many files and few of them.
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_map>

#include "delta/actions.h"

namespace tarn::delta {

class PartitionTuples {
public:
    // The number of the tuple: equal ones have one number, from 0 on without gaps.
    uint32_t Intern(const PartitionTexts& texts);
    uint32_t Count() const { return static_cast<uint32_t>(tuples_.size()); }
    // Stays where it is.
    const PartitionTexts& At(uint32_t number) const { return tuples_[number]; }

private:
    std::deque<PartitionTexts> tuples_;
    std::unordered_map<uint64_t, uint32_t> numbers_;  // by hash, or the next free one after it
};

}  // namespace tarn::delta
