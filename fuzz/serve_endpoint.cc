// Endpoint files: only InvalidInput or LimitExceeded may leave the reader, and what it read can be
// described.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "serve/endpoint_config.h"
#include "serve/openapi.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const auto endpoint = tarn::serve::ParseEndpoint(text, "fuzz.yml");
        (void)tarn::serve::BuildOpenApi({"lake", "0"}, {endpoint});
    } catch (const tarn::Error& error) {
        if (error.kind() != tarn::ErrorKind::kInvalidInput &&
            error.kind() != tarn::ErrorKind::kLimitExceeded)
            std::abort();
    }
    return 0;
}
