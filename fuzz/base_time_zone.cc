// Bytes of a time zone file: only Corrupt or Unsupported may leave the reader, and what it gives
// answers for every instant.
#include <cstdint>
#include <string_view>

#include "base/time_zone.h"
#include "only_refusals.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    OnlyRefusals([&] {
        const tarn::TimeZone zone = tarn::TimeZone::Parse("x", bytes);
        for (const int64_t at : {int64_t{0}, int64_t{1'800'000'000}, int64_t{-5'000'000'000}}) {
            const std::chrono::sys_seconds instant{std::chrono::seconds(at)};
            zone.ToInstant(zone.ToLocal(instant));
        }
    });
    return 0;
}
