// A sliding window over a file's decoded bytes. What was consumed stays readable until the next
// Fill, so that a record's views hold until the reader moves on. Not thread-safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "ingest/byte_source.h"

namespace tarn::ingest {

class TextWindow {
public:
    static constexpr size_t kBlockBytes = 256 * 1024;
    static constexpr size_t kPaddingBytes = 64;  // readable bytes after Unread(), as simdjson asks

    explicit TextWindow(ByteSource& source) : source_(source) {}

    std::string_view Unread() const { return {buffer_.data() + begin_, end_ - begin_}; }
    // Bytes that may be read after the start of Unread(), padding included.
    size_t Capacity() const { return buffer_.size() - begin_; }
    // Appends more bytes to Unread(); false when there are none (then and for ever).
    bool Fill();
    bool AtEnd() const { return at_end_; }
    // At the end: was the file damaged, so that its last record may be a part of one.
    bool IsDamaged() const { return source_.GetDamage().has_value(); }
    void Consume(size_t bytes);
    // Of the first unread byte, in the decoded file.
    uint64_t Offset() const { return offset_; }

private:
    ByteSource& source_;
    std::vector<char> buffer_ = std::vector<char>(kPaddingBytes);
    size_t begin_ = 0;
    size_t end_ = 0;
    uint64_t offset_ = 0;
    bool at_end_ = false;
};

}  // namespace tarn::ingest
