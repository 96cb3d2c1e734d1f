// An invariant of our own code. Always on; a failed check throws Internal, so that the process
// lives on.
#pragma once

#include <source_location>
#include <string_view>

namespace tarn {

[[noreturn]] void CheckFailed(std::string_view what, std::source_location where);

inline void Check(bool holds, std::string_view what,
                  std::source_location where = std::source_location::current()) {
    if (!holds) [[unlikely]]
        CheckFailed(what, where);
}

}  // namespace tarn
