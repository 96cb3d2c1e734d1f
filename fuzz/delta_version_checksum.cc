// Version checksum files: they are ignored or make the version Corrupt, nothing else.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "delta/version_checksum.h"
#include "only_refusals.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    tarn::delta::LogState state;
    state.version = {1};
    state.protocol.emplace();
    state.metadata.emplace();
    state.metadata->id = "u";
    OnlyRefusals([&] {
        tarn::delta::CheckAgainst({reinterpret_cast<const char*>(data), size}, "1.crc", state);
    });
    return 0;
}
