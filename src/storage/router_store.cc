#include "storage/router_store.h"

#include <algorithm>

#include "base/error.h"

namespace tarn::storage {

ObjectStore& RouterStore::Route(const std::string& location) const {
    for (ObjectStore* store : stores_) {
        if (store->Handles(location)) return *store;
    }
    // Logs of other writers name files wherever those could write.
    const size_t scheme_end = location.find(":/");
    if (scheme_end != std::string::npos && scheme_end < location.find('/')) {
        throw Error(ErrorKind::kUnsupported, "Tarn has no store for '{}:' ('{}')",
                    location.substr(0, scheme_end), location);
    }
    throw Error(ErrorKind::kInvalidInput,
                "no store is set up for '{}'; use an absolute path or a known scheme", location);
}

bool RouterStore::Handles(std::string_view location) const {
    return std::any_of(stores_.begin(), stores_.end(),
                       [&](const ObjectStore* store) { return store->Handles(location); });
}

std::optional<ObjectInfo> RouterStore::Stat(const std::string& location) {
    return Route(location).Stat(location);
}

std::string RouterStore::Get(const std::string& location, uint64_t max_bytes) {
    return Route(location).Get(location, max_bytes);
}

std::unique_ptr<ObjectReader> RouterStore::OpenReader(const std::string& location) {
    return Route(location).OpenReader(location);
}

std::unique_ptr<ObjectWriter> RouterStore::OpenWriter(const std::string& location) {
    return Route(location).OpenWriter(location);
}

std::vector<ObjectInfo> RouterStore::List(const std::string& folder, const ListOptions& options) {
    return Route(folder).List(folder, options);
}

PutOutcome RouterStore::Put(const std::string& location, std::string_view bytes) {
    return Route(location).Put(location, bytes);
}

PutOutcome RouterStore::PutIfAbsent(const std::string& location, std::string_view bytes) {
    return Route(location).PutIfAbsent(location, bytes);
}

PutOutcome RouterStore::PutIfMatch(const std::string& location, std::string_view bytes,
                                   const std::string& etag) {
    return Route(location).PutIfMatch(location, bytes, etag);
}

void RouterStore::Persist(const std::string& location) { Route(location).Persist(location); }

void RouterStore::Delete(const std::string& location) { Route(location).Delete(location); }

}  // namespace tarn::storage
