// JSON text (RFC 8259) by its letters, where the parser's answer is not enough: the place of a
// mistake.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tarn::ingest {

struct JsonFault {
    size_t offset = 0;
    std::string_view expected;  // "a value"
};

constexpr int kMaxJsonDepth = 512;

// Where the text stops being one JSON value with white space around it, or nothing when it is one.
// UTF-8 is not looked at. Deeper nesting than kMaxJsonDepth is a fault.
std::optional<JsonFault> FindJsonFault(std::string_view text);

bool IsJsonNumber(std::string_view text);

}  // namespace tarn::ingest
