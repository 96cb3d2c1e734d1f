// Sizes as people write them in a table's properties.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tarn::delta {

// "134217728", "128mb", "1 GB"; nothing for another text, for 0 and for what no 64 bits hold.
std::optional<uint64_t> ParseByteSize(std::string_view text);

}  // namespace tarn::delta
