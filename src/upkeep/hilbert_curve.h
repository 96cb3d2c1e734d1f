// The Hilbert curve: a walk through every cell of a cube of any dimensions, each step to a
// neighbour, so that what is near on the walk is near in all dimensions. Pure.
#pragma once

#include <cstdint>
#include <span>

namespace tarn::upkeep {

// As many bits each dimension can have for its place to fit 64 bits; at most 16.
int HilbertBits(size_t dimensions);

// How far along the walk the cell lies. Coordinates have `bits` bits each and are used up:
// dimensions x bits is at most 64. (J. Skilling, "Programming the Hilbert curve", 2004.)
uint64_t HilbertIndex(std::span<uint32_t> coordinates, int bits);

}  // namespace tarn::upkeep
