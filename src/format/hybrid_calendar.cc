#include "format/hybrid_calendar.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace tarn::format {
namespace {

constexpr int64_t kSecondsPerDay = 86'400;
constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kMicrosPerDay = kSecondsPerDay * kMicrosPerSecond;
constexpr int64_t kFirstGregorianDay = -141'427;  // 1582-10-15
constexpr int64_t kMarchOfYear0 = -719'470;       // 0000-03-01, Julian
constexpr int64_t kYear1900Micros = -2'208'988'800 * kMicrosPerSecond;

int64_t FloorDiv(int64_t number, int64_t divisor) {
    return number / divisor - (number % divisor < 0 ? 1 : 0);
}

// Days to add to a day of the hybrid calendar. Years are counted from March, so that one day more
// lies between the calendars from the start of each century that Gregory left without its leap day.
int64_t ShiftOfDay(int64_t day) {
    if (day >= kFirstGregorianDay) return 0;
    const int64_t year = FloorDiv(4 * (day - kMarchOfYear0) + 3, 1461);
    const int64_t century = FloorDiv(year, 100);
    return 2 - century + FloorDiv(century, 4);
}

// "+8", "-03", "+5:30", "+0530"
std::optional<int64_t> ParseOffset(std::string_view text) {
    if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
    const bool is_west = text[0] == '-';
    text.remove_prefix(1);
    std::string_view minutes = "0";
    const size_t colon = text.find(':');
    if (colon != std::string_view::npos || text.size() == 4) {
        minutes = text.substr(text.size() - 2);
        text = text.substr(0, colon != std::string_view::npos ? colon : 2);
    }
    const auto hour = ParseInt(text);
    const auto minute = ParseInt(minutes);
    if (!hour || !minute || *hour < 0 || *hour > 23 || *minute < 0 || *minute > 59)
        return std::nullopt;
    const int64_t seconds = (*hour * 60 + *minute) * 60;
    return is_west ? -seconds : seconds;
}

}  // namespace

HybridZone HybridZoneNamed(std::string_view name) {
    constexpr std::array<std::string_view, 9> kUtc = {"UTC",       "GMT",       "UT",   "UCT", "Z",
                                                      "Universal", "Greenwich", "Zulu", "GMT0"};
    HybridZone zone{std::string(name), std::nullopt};
    const bool is_etc = name.starts_with("Etc/");
    if (is_etc) name.remove_prefix(4);
    if (std::find(kUtc.begin(), kUtc.end(), name) != kUtc.end()) {
        zone.offset_s = 0;
    } else if (name.starts_with("GMT")) {
        zone.offset_s = ParseOffset(name.substr(3));
        if (is_etc && zone.offset_s) *zone.offset_s *= -1;  // POSIX counts them westwards
    } else if (!is_etc) {
        for (const char* start : {"+", "-", "UTC+", "UTC-", "UT+", "UT-"}) {
            if (name.starts_with(start)) zone.offset_s = 0;
        }
    }
    return zone;
}

int32_t DaysOfHybrid(int32_t days) { return days + static_cast<int32_t>(ShiftOfDay(days)); }

std::optional<int64_t> MicrosOfHybrid(int64_t micros, const HybridZone& zone) {
    if (micros >= kYear1900Micros) return micros;
    if (!zone.offset_s) return std::nullopt;
    const int64_t label_s = FloorDiv(micros, kMicrosPerSecond) + *zone.offset_s;
    const int64_t day = FloorDiv(label_s, kSecondsPerDay);
    return micros + ShiftOfDay(day) * kMicrosPerDay;
}

}  // namespace tarn::format
