// An object store in this process's memory: locations are "mem://name/path". For tests, simulation
// and scratch lakes; everything is gone with the object. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "storage/object_store.h"

namespace tarn::storage {

class MemoryStore final : public ObjectStore {
public:
    // The clock gives the objects' times of modification.
    explicit MemoryStore(Clock& clock) : clock_(clock) {}

    std::optional<ObjectInfo> Stat(const std::string& location) override;
    std::string Get(const std::string& location, uint64_t max_bytes = kMaxGetBytes) override;
    std::unique_ptr<ObjectReader> OpenReader(const std::string& location) override;
    std::unique_ptr<ObjectWriter> OpenWriter(const std::string& location) override;
    std::vector<ObjectInfo> List(const std::string& folder, const ListOptions& options) override;
    PutOutcome Put(const std::string& location, std::string_view bytes) override;
    PutOutcome PutIfAbsent(const std::string& location, std::string_view bytes) override;
    PutOutcome PutIfMatch(const std::string& location, std::string_view bytes,
                          const std::string& etag) override;
    void Persist(const std::string&) override {}
    void Delete(const std::string& location) override;
    bool Handles(std::string_view location) const override;

private:
    struct Object {
        ObjectInfo info;
        std::shared_ptr<const std::string> bytes;
    };
    class Reader;
    class Writer;

    void CheckLocation(std::string_view location) const;
    Object Find(const std::string& location);
    void Place(const std::string& location, std::string bytes);  // needs the mutex

    Clock& clock_;
    std::mutex mutex_;
    std::map<std::string, Object> objects_;
    uint64_t writes_ = 0;
};

}  // namespace tarn::storage
