#include "engine/duck/identity_counter.h"

#include <limits>

#include "base/error.h"

namespace tarn::engine::duck {
namespace {

// The number `index` places behind the mark. LimitExceeded beyond 64 bits.
int64_t NumberAt(const table::IdentitySequence& sequence, uint64_t index) {
    const __int128 first = sequence.high_water_mark
                               ? __int128{*sequence.high_water_mark} + sequence.step
                               : __int128{sequence.start};
    const __int128 number = first + static_cast<__int128>(index) * sequence.step;
    if (number > std::numeric_limits<int64_t>::max() ||
        number < std::numeric_limits<int64_t>::min()) {
        throw Error(ErrorKind::kLimitExceeded,
                    "the numbers of an identity column are used up: they are of 64 bits");
    }
    return static_cast<int64_t>(number);
}

}  // namespace

int64_t IdentityCounter::Take(uint64_t count) {
    const uint64_t index = taken_.fetch_add(count);
    if (count > 0) NumberAt(sequence_, index + count - 1);
    return NumberAt(sequence_, index);
}

table::IdentitySequence IdentityCounter::Marked() const {
    table::IdentitySequence marked = sequence_;
    if (const uint64_t taken = taken_.load(); taken > 0)
        marked.high_water_mark = NumberAt(sequence_, taken - 1);
    return marked;
}

std::shared_ptr<IdentityCounter> IdentityCounters::Of(const std::string& location,
                                                      const table::TableMetadata& metadata,
                                                      const std::string& column) {
    const int at = metadata.schema.Find(column);
    if (at < 0 || !metadata.schema.fields[static_cast<size_t>(at)].rules.identity)
        throw Error(ErrorKind::kInvalidInput, "{} is no identity column", column);
    const std::lock_guard lock(mutex_);
    auto& counter = counters_[{location, column}];
    if (!counter) {
        const auto& rules = metadata.schema.fields[static_cast<size_t>(at)].rules;
        counter = std::make_shared<IdentityCounter>(*rules.identity);
    }
    return counter;
}

std::shared_ptr<const table::TableMetadata> IdentityCounters::Marked(
    const std::string& location, const table::TableMetadata& metadata) {
    std::shared_ptr<table::TableMetadata> marked;
    const std::lock_guard lock(mutex_);
    for (const auto& [place, counter] : counters_) {
        const int at = metadata.schema.Find(place.second);
        if (place.first != location || at < 0) continue;
        const auto& rules = metadata.schema.fields[static_cast<size_t>(at)].rules;
        if (!rules.identity || counter->Marked() == *rules.identity) continue;
        if (!marked) marked = std::make_shared<table::TableMetadata>(metadata);
        marked->schema.fields[static_cast<size_t>(at)].rules.identity = counter->Marked();
    }
    return marked;
}

}  // namespace tarn::engine::duck
