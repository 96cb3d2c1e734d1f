#include "ingest/text_window.h"

#include <cstring>

#include "base/check.h"

namespace tarn::ingest {

bool TextWindow::Fill() {
    if (at_end_) return false;
    if (begin_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    // Grows by halves, so that a long record costs a bounded number of copies.
    const size_t wanted = end_ + kBlockBytes + kPaddingBytes;
    if (buffer_.size() < wanted)
        buffer_.resize(std::max(wanted, buffer_.size() + buffer_.size() / 2));
    const size_t count = source_.Read(buffer_.data() + end_, buffer_.size() - kPaddingBytes - end_);
    end_ += count;
    at_end_ = count == 0;
    return !at_end_;
}

void TextWindow::Consume(size_t bytes) {
    Check(bytes <= end_ - begin_, "a reader consumed more than there is");
    begin_ += bytes;
    offset_ += bytes;
}

}  // namespace tarn::ingest
