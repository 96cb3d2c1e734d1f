// Variants: only Corrupt, Unsupported or LimitExceeded may leave the parsers, and what they give
// points into the bytes that were read and is no longer than they are. What is written of it is
// read again as the same value.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "format/variant.h"
#include "format/variant_shredding.h"
#include "format/variant_writer.h"
#include "only_refusals.h"

namespace {

void CheckInside(std::string_view part, std::string_view whole) {
    if (part.empty()) return;
    if (part.data() < whole.data() || part.end() > whole.end()) std::abort();
}

// How many values there are, with those inside.
size_t Walk(const tarn::format::Variant& variant, std::string_view metadata,
            std::string_view value) {
    CheckInside(variant.bytes, value);
    for (const std::string_view key : variant.keys) CheckInside(key, metadata);
    if (!variant.keys.empty() && variant.keys.size() != variant.items.size()) std::abort();
    size_t count = 1;
    for (const tarn::format::Variant& item : variant.items) count += Walk(item, metadata, value);
    return count;
}

void CheckWriter(const tarn::format::Variant& variant, size_t count) {
    const auto keys = tarn::format::KeysOf(variant);
    const std::string metadata = tarn::format::WriteVariantKeys(keys);
    const std::string value = tarn::format::WriteVariant(variant, keys);
    const auto read_keys = tarn::format::ParseVariantKeys(metadata);
    if (read_keys != keys) std::abort();
    const auto read = tarn::format::ParseVariant(value, read_keys);
    if (Walk(read, metadata, value) != count) std::abort();
    if (tarn::format::WriteVariant(read, read_keys) != value) std::abort();
    tarn::format::ShreddingSample sample;
    sample.Add(read);
    (void)tarn::format::Fits(sample.Decide(), read);
}

}  // namespace

// The first byte is the length of the metadata, which the value follows.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    const std::string_view metadata = text.substr(0, data[0]);
    const std::string_view value = text.substr(metadata.size());
    OnlyRefusals([&] {
        const auto keys = tarn::format::ParseVariantKeys(metadata);
        try {
            const auto variant = tarn::format::ParseVariant(value, keys);
            const size_t count = Walk(variant, metadata, value);
            if (count > value.size()) std::abort();
            CheckWriter(variant, count);
        } catch (const tarn::Error& error) {  // too deep, and nothing else
            if (error.kind() != tarn::ErrorKind::kLimitExceeded) throw;
        }
    });
    return 0;
}
