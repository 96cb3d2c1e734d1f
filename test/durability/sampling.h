// Which of many places this run takes: all with --all, else about so many, spread evenly,
// with the first and the last.
#pragma once

#include <algorithm>
#include <cstdint>

namespace tarn::durability {

inline constexpr uint64_t kSampled = 5;
bool TakesAll();

inline bool IsSampled(uint64_t place, uint64_t places) {
    const uint64_t step = std::max<uint64_t>(1, places / kSampled);
    return TakesAll() || place == 1 || place % step == 0 || place == places;
}

}  // namespace tarn::durability
