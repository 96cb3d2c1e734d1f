// Z85: a text that is read is written again as the same bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "format/z85.h"
#include "only_refusals.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    OnlyRefusals([&] {
        const std::string bytes = tarn::format::DecodeZ85(text);
        if (tarn::format::DecodeZ85(tarn::format::EncodeZ85(bytes)) != bytes) std::abort();
    });
    return 0;
}
