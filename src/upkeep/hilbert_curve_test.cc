#include "upkeep/hilbert_curve.h"

#include <cstdlib>
#include <map>
#include <vector>

#include <gtest/gtest.h>

namespace tarn::upkeep {
namespace {

using Cell = std::vector<uint32_t>;

// Every cell of the cube by its place on the walk.
std::map<uint64_t, Cell> Walk(size_t dimensions, int bits) {
    std::map<uint64_t, Cell> walk;
    const uint64_t cells = uint64_t{1} << (dimensions * static_cast<size_t>(bits));
    for (uint64_t number = 0; number < cells; ++number) {
        Cell cell;
        for (size_t i = 0; i < dimensions; ++i) {
            const uint64_t mask = (uint64_t{1} << bits) - 1;
            cell.push_back(static_cast<uint32_t>(number >> (i * static_cast<size_t>(bits)) & mask));
        }
        Cell used = cell;
        walk[HilbertIndex(used, bits)] = cell;
    }
    return walk;
}

TEST(HilbertCurve, VisitsEachCellOnceAndStepsToNeighbours) {
    for (const auto& [dimensions, bits] :
         std::vector<std::pair<size_t, int>>{{1, 5}, {2, 1}, {2, 5}, {3, 3}, {4, 2}, {5, 2}}) {
        const auto walk = Walk(dimensions, bits);
        ASSERT_EQ(walk.size(), uint64_t{1} << (dimensions * static_cast<size_t>(bits)));
        ASSERT_EQ(walk.rbegin()->first, walk.size() - 1);
        const Cell* before = nullptr;
        for (const auto& [index, cell] : walk) {
            int steps = 0;
            for (size_t i = 0; before != nullptr && i < dimensions; ++i)
                steps += std::abs(static_cast<int>(cell[i]) - static_cast<int>((*before)[i]));
            ASSERT_EQ(steps, before == nullptr ? 0 : 1) << dimensions << " x " << bits;
            before = &cell;
        }
    }
}

TEST(HilbertCurve, FitsSixtyFourBits) {
    EXPECT_EQ(HilbertBits(1), 16);
    EXPECT_EQ(HilbertBits(4), 16);
    EXPECT_EQ(HilbertBits(5), 12);
    EXPECT_EQ(HilbertBits(64), 1);
    Cell corner(4, 0xFFFF);
    Cell origin(4, 0);
    EXPECT_GT(HilbertIndex(corner, 16), 0U);
    EXPECT_EQ(HilbertIndex(origin, 16), 0U);
}

}  // namespace
}  // namespace tarn::upkeep
