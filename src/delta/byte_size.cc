#include "delta/byte_size.h"

#include <charconv>
#include <string>

#include "base/text.h"

namespace tarn::delta {
namespace {

struct Unit {
    std::string_view name;
    int shift;
};
constexpr Unit kUnits[] = {{"", 0},    {"b", 0},  {"k", 10},  {"kb", 10}, {"m", 20},
                           {"mb", 20}, {"g", 30}, {"gb", 30}, {"t", 40},  {"tb", 40}};

}  // namespace

std::optional<uint64_t> ParseByteSize(std::string_view text) {
    const std::string lower = AsciiLower(Trim(text));
    uint64_t count = 0;
    const auto [end, error] = std::from_chars(lower.data(), lower.data() + lower.size(), count);
    const std::string_view name =
        Trim(std::string_view(end, static_cast<size_t>(lower.data() + lower.size() - end)));
    for (const Unit& unit : kUnits) {
        if (unit.name != name || error != std::errc() || count == 0) continue;
        if (count <= (UINT64_MAX >> unit.shift)) return count << unit.shift;
    }
    return std::nullopt;
}

}  // namespace tarn::delta
