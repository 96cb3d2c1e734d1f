#include "upkeep/hilbert_curve.h"

#include <algorithm>

#include "base/check.h"

namespace tarn::upkeep {

namespace {

constexpr int kMostBits = 16;
constexpr int kIndexBits = 64;

// Undoes the turns and mirrorings that the walk makes of each smaller cube.
void StraightenCubes(std::span<uint32_t> at, int bits) {
    for (uint32_t side = uint32_t{1} << (bits - 1); side > 1; side >>= 1) {
        const uint32_t below = side - 1;
        for (uint32_t& coordinate : at) {
            if (coordinate & side) {
                at[0] ^= below;
            } else {
                const uint32_t swapped = (at[0] ^ coordinate) & below;
                at[0] ^= swapped;
                coordinate ^= swapped;
            }
        }
    }
}

// The cubes of a size are walked in the order of a Gray code.
void UndoGrayCode(std::span<uint32_t> at, int bits) {
    for (size_t i = 1; i < at.size(); ++i) at[i] ^= at[i - 1];
    uint32_t flips = 0;
    for (uint32_t side = uint32_t{1} << (bits - 1); side > 1; side >>= 1) {
        if (at.back() & side) flips ^= side - 1;
    }
    for (uint32_t& coordinate : at) coordinate ^= flips;
}

}  // namespace

int HilbertBits(size_t dimensions) {
    return std::clamp(kIndexBits / static_cast<int>(std::max<size_t>(dimensions, 1)), 1, kMostBits);
}

uint64_t HilbertIndex(std::span<uint32_t> coordinates, int bits) {
    Check(!coordinates.empty() && coordinates.size() * static_cast<size_t>(bits) <= kIndexBits,
          "a place on the curve fits 64 bits");
    StraightenCubes(coordinates, bits);
    UndoGrayCode(coordinates, bits);
    uint64_t index = 0;
    for (int bit = bits - 1; bit >= 0; --bit) {
        for (const uint32_t coordinate : coordinates) index = index << 1 | (coordinate >> bit & 1);
    }
    return index;
}

}  // namespace tarn::upkeep
