// Parquet's delta encodings: a page passes or is refused.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "format/parquet_delta.h"
#include "only_refusals.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    constexpr uint64_t kMaxValues = 1000;
    const std::string_view page(reinterpret_cast<const char*>(data), size);
    OnlyRefusals([&] { tarn::format::CheckDeltaBinaryPacked(page); });
    OnlyRefusals([&] { tarn::format::CheckDeltaLengthByteArray(page, kMaxValues); });
    OnlyRefusals([&] { tarn::format::CheckDeltaByteArray(page, kMaxValues); });
    return 0;
}
