// Dates and instants of writers that counted in the hybrid calendar: Julian until 1582-10-04, then
// Gregorian (Spark before 3.0, and later on request). They become what the same label means in the
// Gregorian calendar, as Spark reads them. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tarn::format {

// The time zone whose clock gave an instant its label.
struct HybridZone {
    std::string name = "UTC";
    // East of Greenwich, for all times; nothing for a zone whose clocks were ever changed.
    std::optional<int64_t> offset_s = 0;
};

// By a name, as Java's TimeZone takes it for Spark: of "GMT-3" and "Etc/GMT+3" alike the offset;
// what begins otherwise with an offset ("+08:00", "UTC+8") means Greenwich there.
HybridZone HybridZoneNamed(std::string_view name);

// Days since 1970-01-01.
int32_t DaysOfHybrid(int32_t days);

// Microseconds since 1970. Nothing for an instant before 1900 in a zone without a fixed offset: its
// label then depends on the tables of zones that the writer had.
std::optional<int64_t> MicrosOfHybrid(int64_t micros, const HybridZone& zone);

}  // namespace tarn::format
