// Dates and times as Delta's logs spell them, to and from days and microseconds. Pure, no locale,
// no zone but UTC and explicit offsets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tarn::delta {

// "2013-01-31", days since 1970-01-01. Nothing for a day that does not exist.
std::optional<int32_t> ParseDate(std::string_view text);
std::string FormatDate(int32_t days);

// "2013-01-31", "2013-01-31 10:20:30", "2013-01-31T10:20:30.123456Z", "...+01:00": microseconds
// since 1970-01-01T00:00:00; without a zone as if UTC. Digits beyond microseconds are dropped.
std::optional<int64_t> ParseTimestamp(std::string_view text);

// "2013-01-31T10:20:30.123456" with `separator` in place of the T and so many digits of the second
// (3 or 6, the rest dropped towards the past).
std::string FormatTimestamp(int64_t micros, char separator, int digits);

// Years whose text has four digits; others are written nowhere.
bool HasFourDigitYear(int64_t micros);

}  // namespace tarn::delta
