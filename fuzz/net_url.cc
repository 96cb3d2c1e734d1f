// Request targets: only InvalidInput or LimitExceeded may leave the parser, and what a target's
// query says survives being written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "net/url.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const tarn::net::Target target = tarn::net::ParseTarget(text);
        const auto again = tarn::net::ParseQuery(tarn::net::FormatQuery(target.query));
        if (again != target.query) std::abort();
    } catch (const tarn::Error& error) {
        if (error.kind() != tarn::ErrorKind::kInvalidInput &&
            error.kind() != tarn::ErrorKind::kLimitExceeded)
            std::abort();
    }
    return 0;
}
