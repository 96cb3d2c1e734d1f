// Physical lines of a file, numbered. A line ends with LF or CR LF, or with the file. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <string_view>

#include "ingest/text_window.h"

namespace tarn::ingest {

struct Line {
    std::string_view text;  // without its line break; holds until the next call
    size_t capacity = 0;    // bytes readable from the text's start
    int64_t number = 0;     // from 1
    uint64_t offset = 0;    // of the first byte, in the decoded file
    bool is_piece = false;  // the line is longer than the limit: this is a part of it
    bool has_break = true;
};

class LineReader {
public:
    LineReader(TextWindow& window, size_t max_line_bytes)
        : window_(window), max_line_bytes_(max_line_bytes) {}

    // false at the end. A line beyond the limit is given in pieces of about the limit, cut between
    // characters.
    bool Next(Line& line);
    // Did the last line given end in a piece that is to be continued.
    bool IsInsideLine() const { return is_inside_line_; }

    // For a reader that takes records from the window by itself: how far it went.
    void Advance(size_t bytes, int64_t line_breaks);
    int64_t NextNumber() const { return next_number_; }

private:
    void Take(Line& line, size_t bytes, size_t break_bytes);

    TextWindow& window_;
    size_t max_line_bytes_;
    int64_t next_number_ = 1;
    bool is_inside_line_ = false;
};

}  // namespace tarn::ingest
