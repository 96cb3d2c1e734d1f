#include "delta/file_key.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/check.h"
#include "delta/file_path.h"

namespace tarn::delta {
namespace {

constexpr size_t kLeastSlots = 16;

// Paths that are their own key: most.
bool IsPlain(std::string_view path) {
    return path.find('%') == std::string_view::npos && path.find(':') == std::string_view::npos &&
           !path.starts_with('/') && !path.starts_with('.');
}

}  // namespace

FileKey KeyOf(std::string_view path, std::string_view vector_id) {
    if (vector_id.empty() && IsPlain(path)) return Hash128(path);
    std::string key = PathKey(path);
    if (!vector_id.empty()) key.append(1, '\0').append(vector_id);
    return Hash128(key);
}

FileKey KeyOf(std::string_view path, const DeletionVector* vector) {
    return KeyOf(path, vector == nullptr ? std::string() : vector->UniqueId());
}

void KeyIndex::Reserve(size_t rows) {
    if (rows > keys_.capacity()) keys_.reserve(std::max(rows, 2 * keys_.capacity()));
    const size_t slots = std::bit_ceil(std::max(kLeastSlots, rows + rows / 2));
    if (slots > slots_.size()) Grow(slots);
}

void KeyIndex::Add(const FileKey& key, uint32_t row) {
    Check(row >= keys_.size() && row != kFree, "rows are indexed in order");
    if (slots_.size() < kLeastSlots || used_ + used_ / 2 >= slots_.size()) {
        Grow(std::max(kLeastSlots, slots_.size() * 2));
    }
    keys_.resize(row);
    keys_.push_back(key);
    Put({row, MarkOf(key)});
}

void KeyIndex::Grow(size_t slots) {
    const std::vector<Slot> before = std::exchange(slots_, std::vector<Slot>(slots));
    mask_ = slots - 1;
    used_ = 0;
    for (const Slot& slot : before) {
        if (slot.row != kFree) Put(slot);
    }
}

void KeyIndex::Put(Slot slot) {
    size_t at = slot.mark & mask_;
    while (slots_[at].row != kFree) at = (at + 1) & mask_;
    slots_[at] = slot;
    ++used_;
}

}  // namespace tarn::delta
