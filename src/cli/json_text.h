// Values as JSON text, appended fast: answers may have millions of them. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tarn::cli {

// A JSON string (RFC 8259, section 7) of UTF-8 text; bytes that are no UTF-8 become U+FFFD.
void AppendJsonString(std::string& out, std::string_view text);
// The same, or null.
void AppendJsonText(std::string& out, const std::optional<std::string>& text);

}  // namespace tarn::cli
