// A place in a text that a user wrote, and how it moves over bytes. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tarn::sql {

// offset in bytes from 0; line and column from 1, columns in UTF-8 code points. A line ends at
// '\n'.
struct TextPosition {
    size_t offset = 0;
    int line = 1;
    int column = 1;

    bool operator==(const TextPosition&) const = default;
};

// Where one stands after reading `bytes` from `position`.
TextPosition After(TextPosition position, std::string_view bytes);

// The place as errors carry it; the file is for the caller to add, who knows it.
TextSpot SpotOf(const TextPosition& position);

// Finds the line and column of any offset of a text in logarithmic time. Immutable.
class LineIndex {
public:
    // `start` is where the text begins in the user's whole input.
    LineIndex(std::string text, TextPosition start);

    // `offset` counts in the whole input, as start.offset does; beyond the text's ends it is
    // clamped.
    TextPosition Locate(size_t offset) const;
    const std::string& text() const { return text_; }
    const TextPosition& start() const { return start_; }

private:
    std::string text_;
    TextPosition start_;
    std::vector<size_t> line_starts_;  // in text_; the first is 0
};

}  // namespace tarn::sql
