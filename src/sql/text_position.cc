#include "sql/text_position.h"

#include <algorithm>

namespace tarn::sql {

namespace {

bool StartsCodePoint(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

}  // namespace

TextPosition After(TextPosition position, std::string_view bytes) {
    position.offset += bytes.size();
    for (char byte : bytes) {
        if (byte == '\n') {
            ++position.line;
            position.column = 1;
        } else if (StartsCodePoint(byte)) {
            ++position.column;
        }
    }
    return position;
}

TextSpot SpotOf(const TextPosition& position) { return {"", position.line, position.column}; }

LineIndex::LineIndex(std::string text, TextPosition start)
    : text_(std::move(text)), start_(start), line_starts_{0} {
    for (size_t i = 0; i < text_.size(); ++i) {
        if (text_[i] == '\n') line_starts_.push_back(i + 1);
    }
}

TextPosition LineIndex::Locate(size_t offset) const {
    size_t local = offset < start_.offset ? 0 : std::min(offset - start_.offset, text_.size());
    auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), local);
    size_t line = static_cast<size_t>(next - line_starts_.begin()) - 1;
    TextPosition at = start_;
    at.offset += line_starts_[line];
    if (line > 0) {
        at.line += static_cast<int>(line);
        at.column = 1;
    }
    return After(at,
                 std::string_view(text_).substr(line_starts_[line], local - line_starts_[line]));
}

}  // namespace tarn::sql
