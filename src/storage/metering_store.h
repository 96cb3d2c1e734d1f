// Counts what passes through to another store: calls and bytes. For statistics of statements, for
// metrics and for tests that pin how much a job reads. Changes nothing. Thread-safe when the store
// is.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "storage/forwarding_store.h"

namespace tarn::storage {

struct StoreCounts {
    uint64_t stats = 0;
    uint64_t gets = 0;   // whole objects
    uint64_t opens = 0;  // readers
    uint64_t reads = 0;  // ranges
    uint64_t lists = 0;
    uint64_t puts = 0;  // of every kind, and committed writers
    uint64_t deletes = 0;
    uint64_t bytes_read = 0;
    uint64_t bytes_written = 0;
};

class MeteringStore final : public ForwardingStore {
public:
    explicit MeteringStore(ObjectStore& inner) : ForwardingStore(inner) {}

    // Since the start. Differences of two answers meter what lies between.
    StoreCounts Counts() const;

    std::optional<ObjectInfo> Stat(const std::string& location) override;
    std::string Get(const std::string& location, uint64_t max_bytes = kMaxGetBytes) override;
    std::unique_ptr<ObjectReader> OpenReader(const std::string& location) override;
    std::unique_ptr<ObjectWriter> OpenWriter(const std::string& location) override;
    std::vector<ObjectInfo> List(const std::string& folder, const ListOptions& options) override;
    PutOutcome Put(const std::string& location, std::string_view bytes) override;
    PutOutcome PutIfAbsent(const std::string& location, std::string_view bytes) override;
    PutOutcome PutIfMatch(const std::string& location, std::string_view bytes,
                          const std::string& etag) override;
    void Delete(const std::string& location) override;

private:
    class Reader;
    class Writer;

    struct Meters {
        std::atomic<uint64_t> stats{0}, gets{0}, opens{0}, reads{0}, lists{0}, puts{0}, deletes{0};
        std::atomic<uint64_t> bytes_read{0}, bytes_written{0};
    };

    Meters meters_;
};

}  // namespace tarn::storage
