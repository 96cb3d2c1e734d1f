#include "base/text_arena.h"

#include <algorithm>
#include <new>

#include <sys/mman.h>

namespace tarn {
namespace {

constexpr size_t kFirstBlock = 1024;
// A page of the larger kind: touching the texts of a million files one small page at a time costs
// more than writing them.
constexpr size_t kLargestBlock = 2ULL << 20;

}  // namespace

char* TextArena::Make(size_t size_bytes) {
    if (size_bytes > left_) AddBlock(size_bytes);
    char* const made = next_;
    next_ += size_bytes;
    left_ -= size_bytes;
    return made;
}

void TextArena::AddBlock(size_t least_bytes) {
    size_t size = std::clamp(2 * last_block_bytes_, kFirstBlock, kLargestBlock);
    last_block_bytes_ = size;
    if (least_bytes > size) size = (least_bytes + kFirstBlock - 1) / kFirstBlock * kFirstBlock;
    const bool is_large = size == kLargestBlock;
    auto* const bytes =
        static_cast<char*>(std::aligned_alloc(is_large ? kLargestBlock : kFirstBlock, size));
    if (bytes == nullptr) throw std::bad_alloc();
    blocks_.emplace_back(bytes);
    // Only advice: small pages do as well.
    if (is_large) (void)::madvise(bytes, size, MADV_HUGEPAGE);
    next_ = bytes;
    left_ = size;
}

}  // namespace tarn
