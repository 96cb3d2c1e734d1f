#include "engine/duck/origins.h"

#include <algorithm>
#include <iterator>

namespace tarn::engine::duck {
namespace {

constexpr int kSourceShift = 8;
constexpr uint64_t kMask = 1;
constexpr uint64_t kEffectBits = 0x7F;

}  // namespace

LineageEffect Compose(LineageEffect outer, LineageEffect inner) {
    if (!IsDirect(inner)) return inner;
    return IsDirect(outer) ? std::max(outer, inner) : outer;
}

uint64_t Origins::Pack(const Origin& origin) {
    return uint64_t{origin.source} << kSourceShift | static_cast<uint64_t>(origin.effect) << 1 |
           (origin.masking ? kMask : 0);
}

Origin Origins::Unpack(uint64_t packed) {
    return {static_cast<uint32_t>(packed >> kSourceShift),
            static_cast<LineageEffect>(packed >> 1 & kEffectBits), (packed & kMask) != 0};
}

// What only decides shows nothing of a value, masked or not.
Origin Origins::Seen(Origin origin, LineageEffect effect, bool masking) {
    const LineageEffect seen = Compose(effect, origin.effect);
    return {origin.source, seen, IsDirect(seen) && (origin.masking || masking)};
}

void Origins::Add(const Origins& others) {
    if (others.empty()) return;
    if (empty()) {
        packed_ = others.packed_;
        return;
    }
    std::vector<uint64_t> both;
    both.reserve(packed_.size() + others.packed_.size());
    std::set_union(packed_.begin(), packed_.end(), others.packed_.begin(), others.packed_.end(),
                   std::back_inserter(both));
    packed_ = std::move(both);
}

Origins Origins::Through(LineageEffect effect, bool masking) const {
    Pile pile;
    pile.Add(*this, effect, masking);
    return pile.Sorted();
}

void Origins::Pile::Add(const Origins& origins, LineageEffect effect, bool masking) {
    for (const uint64_t packed : origins.packed_)
        packed_.push_back(Pack(Seen(Unpack(packed), effect, masking)));
}

Origins Origins::Pile::Sorted() {
    Origins sorted;
    sorted.packed_ = std::move(packed_);
    packed_.clear();
    std::sort(sorted.packed_.begin(), sorted.packed_.end());
    sorted.packed_.erase(std::unique(sorted.packed_.begin(), sorted.packed_.end()),
                         sorted.packed_.end());
    return sorted;
}

size_t LineageSources::Dataset(const LineageDataset& dataset) {
    const std::string key = std::to_string(static_cast<int>(dataset.kind)) + "\n" + dataset.id +
                            "\n" + dataset.Title() + "\n" +
                            (dataset.version ? std::to_string(*dataset.version) : "");
    const auto [found, is_new] = dataset_numbers_.emplace(key, datasets_.size());
    if (is_new) {
        datasets_.push_back(dataset);
        column_numbers_.emplace_back();
    }
    return found->second;
}

uint32_t LineageSources::Number(size_t dataset, const std::string& column) {
    const auto [found, is_new] =
        column_numbers_[dataset].emplace(column, static_cast<uint32_t>(columns_.size()));
    if (is_new) columns_.push_back({dataset, column});
    return found->second;
}

}  // namespace tarn::engine::duck
