#include "storage/whole_listing.h"

#include <iterator>
#include <utility>

namespace tarn::storage {
namespace {

constexpr size_t kPageSize = 20'000;

}  // namespace

std::vector<ObjectInfo> ListAll(ObjectStore& store, const std::string& folder, Depth depth) {
    std::vector<ObjectInfo> all;
    ListOptions options;
    options.limit = kPageSize;
    options.recursive = depth == Depth::kBelow;
    while (true) {
        std::vector<ObjectInfo> page = store.List(folder, options);
        const bool is_last = page.size() < options.limit;
        if (!page.empty()) options.start_after = page.back().location;
        std::move(page.begin(), page.end(), std::back_inserter(all));
        if (is_last) return all;
    }
}

}  // namespace tarn::storage
