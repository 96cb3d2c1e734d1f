// Variants into bytes (Parquet, "Variant Binary Encoding"): the keys sorted, each once, the fields
// of an object in the order of their keys, every number of bytes the smallest that holds. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "format/variant.h"

namespace tarn::format {

// The keys of the objects anywhere in a variant, in the order of their bytes, each once.
// InvalidInput for an object with a key twice; LimitExceeded below kMaxVariantDepth.
std::vector<std::string_view> KeysOf(const Variant& variant);

// The dictionary of these keys, which are sorted. LimitExceeded over kMaxVariantBytes.
std::string WriteVariantKeys(const std::vector<std::string_view>& keys);

// The value; `keys` are sorted and hold those of its objects. LimitExceeded over kMaxVariantBytes.
std::string WriteVariant(const Variant& variant, const std::vector<std::string_view>& keys);

// Spark reads no longer ones.
inline constexpr size_t kMaxVariantBytes = size_t{128} << 20;

}  // namespace tarn::format
