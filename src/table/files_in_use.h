// Which files some reachable version of a table names: what may not be deleted. By a hash of 128
// bits of the whole location; two of one hash would only keep a file too many.
#pragma once

#include <cstddef>
#include <string_view>
#include <unordered_set>

#include "base/hash.h"
#include "storage/object_store.h"

namespace tarn::table {

class FilesInUse {
public:
    // A file below the table's root is known by its location, any other by its name as well: the
    // root may have a second spelling.
    void Add(std::string_view root, std::string_view location) {
        const bool is_below = location.starts_with(root) && location.size() > root.size() &&
                              location[root.size()] == '/';
        places_.insert(Hash128(location));
        if (!is_below) names_.insert(Hash128(storage::LastName(location)));
    }
    bool Contains(std::string_view location) const {
        return places_.contains(Hash128(location)) ||
               names_.contains(Hash128(storage::LastName(location)));
    }
    size_t Count() const { return places_.size(); }

private:
    struct Hash {
        size_t operator()(const Digest128& digest) const { return digest.low; }
    };
    std::unordered_set<Digest128, Hash> places_;
    std::unordered_set<Digest128, Hash> names_;
};

}  // namespace tarn::table
