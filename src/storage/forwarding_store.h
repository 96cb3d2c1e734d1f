// A store that passes every call on to another: the base of stores that change a few calls. It
// knows no call better than the inner store. Thread-safe when that is.
#pragma once

#include "storage/object_store.h"

namespace tarn::storage {

class ForwardingStore : public ObjectStore {
public:
    explicit ForwardingStore(ObjectStore& inner) : inner_(inner) {}

    std::optional<ObjectInfo> Stat(const std::string& location) override {
        return inner_.Stat(location);
    }
    std::string Get(const std::string& location, uint64_t max_bytes = kMaxGetBytes) override {
        return inner_.Get(location, max_bytes);
    }
    std::unique_ptr<ObjectReader> OpenReader(const std::string& location) override {
        return inner_.OpenReader(location);
    }
    std::unique_ptr<ObjectWriter> OpenWriter(const std::string& location) override {
        return inner_.OpenWriter(location);
    }
    std::vector<ObjectInfo> List(const std::string& folder, const ListOptions& options) override {
        return inner_.List(folder, options);
    }
    PutOutcome Put(const std::string& location, std::string_view bytes) override {
        return inner_.Put(location, bytes);
    }
    PutOutcome PutIfAbsent(const std::string& location, std::string_view bytes) override {
        return inner_.PutIfAbsent(location, bytes);
    }
    PutOutcome PutIfMatch(const std::string& location, std::string_view bytes,
                          const std::string& etag) override {
        return inner_.PutIfMatch(location, bytes, etag);
    }
    void Persist(const std::string& location) override { inner_.Persist(location); }
    void Delete(const std::string& location) override { inner_.Delete(location); }
    bool Handles(std::string_view location) const override { return inner_.Handles(location); }

protected:
    ObjectStore& Inner() { return inner_; }

private:
    ObjectStore& inner_;
};

}  // namespace tarn::storage
