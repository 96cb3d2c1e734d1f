// What a number must be, in the words of the Open Data Contract Standard, and as SQL behind it.
#pragma once

#include <array>
#include <string_view>
#include <utility>

namespace tarn::quality {

inline constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kMustBeOperators = {
    {{"mustBe", "="},
     {"mustNotBe", "<>"},
     {"mustBeGreaterThan", ">"},
     {"mustBeGreaterOrEqualTo", ">="},
     {"mustBeLessThan", "<"},
     {"mustBeLessOrEqualTo", "<="}}};
inline constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kMustBeRanges = {
    {{"mustBeBetween", "BETWEEN"}, {"mustNotBeBetween", "NOT BETWEEN"}}};

}  // namespace tarn::quality
