// A store that stops at its n-th change of the disk: the process is killed on the spot, or the disk
// is full from then on. For tests only. Thread-safe when the store is.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "storage/forwarding_store.h"

namespace tarn::ingest_test {

enum class Stop { kNever, kKilledBefore, kKilledAfter, kDiskFull };

class StoppingStore final : public storage::ForwardingStore {
public:
    StoppingStore(storage::ObjectStore& inner, Stop stop, uint64_t at_change)
        : ForwardingStore(inner), stop_(stop), at_change_(at_change) {}

    uint64_t Changes() const { return changes_; }
    // Does the change, or stops.
    void Change(const std::function<void()>& change);

    std::unique_ptr<storage::ObjectWriter> OpenWriter(const std::string& location) override;
    storage::PutOutcome Put(const std::string& location, std::string_view bytes) override;
    storage::PutOutcome PutIfAbsent(const std::string& location, std::string_view bytes) override;
    storage::PutOutcome PutIfMatch(const std::string& location, std::string_view bytes,
                                   const std::string& etag) override;
    void Delete(const std::string& location) override;

private:
    Stop stop_;
    uint64_t at_change_;
    std::atomic<uint64_t> changes_{0};
};

}  // namespace tarn::ingest_test
