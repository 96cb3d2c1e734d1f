// Cursors: only InvalidInput may leave the decoder, no text passes for one that was not given out,
// and a payload that is read is the one that would be written.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/error.h"
#include "serve/cursor.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const tarn::serve::CursorCodec codec(std::string(tarn::serve::kCursorKeyBytes, 'k'));
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto cursor = tarn::serve::ParseCursorPayload(text);
    if (cursor && tarn::serve::FormatCursorPayload(*cursor) != text) std::abort();
    try {
        (void)codec.Decode(text);
        std::abort();
    } catch (const tarn::Error& error) {
        if (error.kind() != tarn::ErrorKind::kInvalidInput) std::abort();
    }
    return 0;
}
