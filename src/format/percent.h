// Percent-encoding of paths (RFC 2396, section 2.4).
#pragma once

#include <string>
#include <string_view>

namespace tarn::format {

// "%41" becomes "A"; everything else, "+" too, stays. A "%" without two hex digits is Corrupt.
std::string PercentDecode(std::string_view text);

// Keeps letters, digits and "-._~/="; every other byte is encoded in upper case.
std::string PercentEncodePath(std::string_view path);

}  // namespace tarn::format
