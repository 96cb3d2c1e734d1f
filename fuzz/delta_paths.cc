// Paths of files as logs name them; what Tarn itself writes for a location names that location.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "delta/file_path.h"
#include "only_refusals.h"

namespace {

// A name that Tarn gives a file has no "." and ".." segments.
bool HasDots(std::string_view path) {
    return path.find("./") != std::string_view::npos || path.ends_with('.');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const char* root : {"/a/t", "mem://lake/t", "s3://b/t%20"}) {
        OnlyRefusals([&] { (void)tarn::delta::ResolveLocation(root, text); });
        if (text.empty() || text.starts_with('/') || HasDots(text)) continue;
        const std::string location = std::string(root) + "/" + std::string(text);
        const std::string path = tarn::delta::LogPathOf(root, location);
        if (tarn::delta::ResolveLocation(root, path) != location) std::abort();
    }
    OnlyRefusals([&] { (void)tarn::delta::PathKey(text); });
    return 0;
}
