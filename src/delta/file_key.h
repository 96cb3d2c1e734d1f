// Logical files, (path, deletion vector id), by a hash of 128 bits that stands for them: two files
// of one key do not occur. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "delta/actions.h"

namespace tarn::delta {

using FileKey = Digest128;

// One for every spelling of a path; `vector_id` is empty where there is no vector. Corrupt when the
// path is no proper URI.
FileKey KeyOf(std::string_view path, std::string_view vector_id);
FileKey KeyOf(std::string_view path, const DeletionVector* vector);
// Of an add or a remove.
template <typename FileAction>
FileKey KeyOf(const FileAction& action) {
    return KeyOf(action.path, action.deletion_vector ? &*action.deletion_vector : nullptr);
}

// Rows by key. A key may have several rows (removed and added again).
class KeyIndex {
public:
    void Reserve(size_t rows);
    // `row` must be the next one, or lie further on: rows between have no key.
    void Add(const FileKey& key, uint32_t row);

    // A row of that key that `accepts` takes.
    template <typename Accepts>
    std::optional<uint32_t> Find(const FileKey& key, const Accepts& accepts) const {
        if (slots_.empty()) return std::nullopt;
        for (size_t at = PlaceOf(key); slots_[at].row != kFree; at = (at + 1) & mask_) {
            const Slot& slot = slots_[at];
            if (slot.mark == MarkOf(key) && keys_[slot.row] == key && accepts(slot.row)) {
                return slot.row;
            }
        }
        return std::nullopt;
    }
    // To be called some keys ahead of Find, where many are looked up.
    void Prefetch(const FileKey& key) const {
        if (!slots_.empty()) __builtin_prefetch(&slots_[PlaceOf(key)]);
    }

private:
    static constexpr uint32_t kFree = UINT32_MAX;
    // The mark is a part of the key, so that few keys of other files are looked at, and the place.
    struct Slot {
        uint32_t row = kFree;
        uint32_t mark = 0;
    };

    static uint32_t MarkOf(const FileKey& key) { return static_cast<uint32_t>(key.low); }
    size_t PlaceOf(const FileKey& key) const { return MarkOf(key) & mask_; }

    void Grow(size_t slots);
    void Put(Slot slot);

    std::vector<FileKey> keys_;  // by row
    std::vector<Slot> slots_;
    size_t used_ = 0;
    size_t mask_ = 0;
};

}  // namespace tarn::delta
