// Z85 (ZeroMQ RFC 32): 4 bytes as 5 characters that need no escape in JSON.
#pragma once

#include <string>
#include <string_view>

namespace tarn::format {

// The length of the text must be a multiple of 5 and every character of the alphabet, else Corrupt.
std::string DecodeZ85(std::string_view text);
// Bytes are padded with zeros to a multiple of 4.
std::string EncodeZ85(std::string_view bytes);

}  // namespace tarn::format
