// Configuration text: only InvalidInput may leave the reader, and what it read can be handed on.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/yaml.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        (void)tarn::YamlNode::Parse(text, "fuzz.yml").ToJson();
    } catch (const tarn::Error& error) {
        if (error.kind() != tarn::ErrorKind::kInvalidInput) std::abort();
    }
    return 0;
}
