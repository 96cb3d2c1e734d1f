// Strings as JSON text, appended fast: answers may have millions of them. Pure.
#pragma once

#include <string>
#include <string_view>

namespace tarn {

// A JSON string (RFC 8259, section 7) of UTF-8 text; bytes that are no UTF-8 become U+FFFD.
void AppendJsonString(std::string& out, std::string_view text);

}  // namespace tarn
