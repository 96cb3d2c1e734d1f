// Sends each call to the first of several stores that handles the location. A location that none
// handles is Unsupported when it has a scheme, else InvalidInput. Does not own the stores.
// Thread-safe when they are.
#pragma once

#include <string>
#include <vector>

#include "storage/object_store.h"

namespace tarn::storage {

class RouterStore final : public ObjectStore {
public:
    explicit RouterStore(std::vector<ObjectStore*> stores) : stores_(std::move(stores)) {}

    std::optional<ObjectInfo> Stat(const std::string& location) override;
    std::string Get(const std::string& location, uint64_t max_bytes = kMaxGetBytes) override;
    std::unique_ptr<ObjectReader> OpenReader(const std::string& location) override;
    std::unique_ptr<ObjectWriter> OpenWriter(const std::string& location) override;
    std::vector<ObjectInfo> List(const std::string& folder, const ListOptions& options) override;
    PutOutcome Put(const std::string& location, std::string_view bytes) override;
    PutOutcome PutIfAbsent(const std::string& location, std::string_view bytes) override;
    PutOutcome PutIfMatch(const std::string& location, std::string_view bytes,
                          const std::string& etag) override;
    void Persist(const std::string& location) override;
    void Delete(const std::string& location) override;
    bool Handles(std::string_view location) const override;

private:
    ObjectStore& Route(const std::string& location) const;

    std::vector<ObjectStore*> stores_;
};

}  // namespace tarn::storage
