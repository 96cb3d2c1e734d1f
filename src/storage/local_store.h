// The object store on this machine's file systems: locations are "/abs/path" and
// "file:///abs/path".
//
// An object is written to a hidden temporary file beside its place, synced, then renamed, and the
// folder is synced: a crash leaves the old object or the new one. A leftover temporary file is
// never listed. PutIfAbsent rests on renameat2(RENAME_NOREPLACE), or on link() where the file
// system lacks it; both have one winner among any processes. Folders are made as needed.
// Thread-safe; holds no state.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/object_store.h"

namespace tarn::storage {

class LocalStore final : public ObjectStore {
public:
    std::optional<ObjectInfo> Stat(const std::string& location) override;
    std::string Get(const std::string& location, uint64_t max_bytes = kMaxGetBytes) override;
    std::unique_ptr<ObjectReader> OpenReader(const std::string& location) override;
    std::unique_ptr<ObjectWriter> OpenWriter(const std::string& location) override;
    std::vector<ObjectInfo> List(const std::string& folder, const ListOptions& options) override;
    PutOutcome Put(const std::string& location, std::string_view bytes) override;
    PutOutcome PutIfAbsent(const std::string& location, std::string_view bytes) override;
    // Atomic among Tarn's own processes (advisory lock on the folder), not against other programs.
    PutOutcome PutIfMatch(const std::string& location, std::string_view bytes,
                          const std::string& etag) override;
    void Persist(const std::string& location) override;
    void Delete(const std::string& location) override;
    bool Handles(std::string_view location) const override;

    // The path in the file system. InvalidInput when the location is not a local one.
    static std::string PathOf(std::string_view location);
};

}  // namespace tarn::storage
