#include "ingest/line_reader.h"

#include "base/text.h"

namespace tarn::ingest {

void LineReader::Take(Line& line, size_t bytes, size_t break_bytes) {
    line.text = window_.Unread().substr(0, bytes);
    line.capacity = window_.Capacity();
    line.number = next_number_;
    line.offset = window_.Offset();
    line.has_break = break_bytes > 0;
    window_.Consume(bytes + break_bytes);
    if (break_bytes > 0) {
        ++next_number_;
        if (line.text.ends_with('\r')) line.text.remove_suffix(1);
    }
}

bool LineReader::Next(Line& line) {
    size_t scanned = 0;
    while (true) {
        const std::string_view unread = window_.Unread();
        const size_t at = unread.find('\n', scanned);
        const size_t length = at == std::string_view::npos ? unread.size() : at;
        if (length > max_line_bytes_) {
            line.is_piece = true;
            is_inside_line_ = true;
            Take(line, CutText(unread, max_line_bytes_).size(), 0);
            return true;
        }
        if (at != std::string_view::npos) {
            line.is_piece = is_inside_line_;
            is_inside_line_ = false;
            Take(line, at, 1);
            return true;
        }
        scanned = unread.size();
        if (window_.Fill()) continue;
        if (unread.empty()) return false;
        line.is_piece = is_inside_line_;
        is_inside_line_ = false;
        Take(line, window_.Unread().size(), 0);
        return true;
    }
}

void LineReader::Advance(size_t bytes, int64_t line_breaks) {
    window_.Consume(bytes);
    next_number_ += line_breaks;
}

}  // namespace tarn::ingest
