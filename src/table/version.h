// The number of a table's version. A type of its own, so that it is not mixed up with counts.
#pragma once

#include <compare>
#include <cstdint>

namespace tarn::table {

struct Version {
    int64_t number = -1;
    auto operator<=>(const Version&) const = default;
    Version Next() const { return {number + 1}; }
};

}  // namespace tarn::table
