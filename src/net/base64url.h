// Base64 with the URL-safe alphabet and without padding (RFC 4648 section 5). Decoding is
// canonical: each byte string has exactly one spelling, so that a changed character is always a
// changed value.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tarn::net {

std::string EncodeBase64Url(std::string_view bytes);
// Nothing for a foreign character, padding, an impossible length, or bits left over that are not
// zero.
std::optional<std::string> DecodeBase64Url(std::string_view text);

}  // namespace tarn::net
