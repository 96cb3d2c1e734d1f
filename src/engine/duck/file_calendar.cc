#include "engine/duck/file_calendar.h"

#include <optional>
#include <string>
#include <utility>

#include "base/text.h"

namespace tarn::engine::duck {
namespace {

using Release = std::pair<int64_t, int64_t>;  // the first two numbers of a version

constexpr Release kGregorian = {3, 0};
constexpr Release kGregorianInt96 = {3, 1};

std::optional<Release> ReleaseOf(const std::string& version) {
    const auto parts = Split(version, '.');
    if (parts.size() < 2) return std::nullopt;
    const auto major = ParseInt(parts[0]);
    const auto minor = ParseInt(parts[1]);
    if (!major || !minor) return std::nullopt;
    return Release{*major, *minor};
}

}  // namespace

FileCalendar CalendarOf(const duckdb_parquet::FileMetaData& metadata) {
    const auto find = [&](const char* key) -> const std::string* {
        for (const auto& pair : metadata.key_value_metadata) {
            if (pair.key == key) return &pair.value;
        }
        return nullptr;
    };
    FileCalendar calendar;
    const std::string* version = find("org.apache.spark.version");
    if (version == nullptr) return calendar;
    const auto release = ReleaseOf(*version);
    calendar.is_hybrid =
        (release && *release < kGregorian) || find("org.apache.spark.legacyDateTime") != nullptr;
    calendar.int96_is_hybrid =
        (release && *release < kGregorianInt96) || find("org.apache.spark.legacyINT96") != nullptr;
    if (const std::string* zone = find("org.apache.spark.timeZone"))
        calendar.zone = format::HybridZoneNamed(*zone);
    return calendar;
}

}  // namespace tarn::engine::duck
