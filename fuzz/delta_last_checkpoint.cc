// `_last_checkpoint` and the names of a log's files: nothing leaves them but a value or nothing.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "delta/log_path.h"
#include "delta/log_segment.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto version = tarn::delta::ParseLastCheckpoint(text);
    if (version && version->number < 0) std::abort();
    const tarn::delta::LogPath path = tarn::delta::ParseLogPath(text);
    const bool is_stranger = path.kind == tarn::delta::LogFileKind::kStranger;
    if (!is_stranger && path.first_version > path.version) std::abort();
    return 0;
}
