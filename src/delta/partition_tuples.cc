#include "delta/partition_tuples.h"

#include "base/hash.h"

namespace tarn::delta {
namespace {

uint64_t HashOf(const PartitionTexts& texts) {
    uint64_t hash = 0;
    const auto add = [&](uint64_t part) { hash = hash * 0x9E3779B97F4A7C15 + part; };
    for (const auto& [key, value] : texts) {
        add(Hash64(key));
        add(value ? Hash64(*value) : 1);
    }
    return hash;
}

}  // namespace

uint32_t PartitionTuples::Intern(const PartitionTexts& texts) {
    for (uint64_t hash = HashOf(texts);; ++hash) {
        const auto [found, is_new] = numbers_.emplace(hash, Count());
        if (is_new) tuples_.push_back(texts);
        if (is_new || tuples_[found->second] == texts) return found->second;
    }
}

}  // namespace tarn::delta
