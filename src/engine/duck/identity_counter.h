// The numbers that a transaction gives to identity columns. They are lost when it does not commit;
// that none is given twice follows from the high-water mark, which the same commit moves: another
// writer's commit meanwhile is a conflict.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "table/snapshot.h"

namespace tarn::engine::duck {

// Thread-safe.
class IdentityCounter {
public:
    explicit IdentityCounter(table::IdentitySequence sequence) : sequence_(sequence) {}

    // The first of `count` numbers that are this caller's, each Step() from the one before.
    // LimitExceeded beyond 64 bits.
    int64_t Take(uint64_t count);
    int64_t Step() const { return sequence_.step; }
    // The sequence with its mark at the last number that was taken.
    table::IdentitySequence Marked() const;

private:
    const table::IdentitySequence sequence_;
    std::atomic<uint64_t> taken_{0};
};

// Those of one transaction. Thread-safe.
class IdentityCounters {
public:
    // InvalidInput when the column is none of the table's identity columns.
    std::shared_ptr<IdentityCounter> Of(const std::string& location,
                                        const table::TableMetadata& metadata,
                                        const std::string& column);
    // The metadata with the marks of the numbers that were taken; null when none was.
    std::shared_ptr<const table::TableMetadata> Marked(const std::string& location,
                                                       const table::TableMetadata& metadata);

private:
    std::mutex mutex_;
    std::map<std::pair<std::string, std::string>, std::shared_ptr<IdentityCounter>> counters_;
};

}  // namespace tarn::engine::duck
