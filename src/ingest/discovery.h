// Which files a table's patterns name right now. Reads only listings.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/object_store.h"

namespace tarn::ingest {

struct FoundFile {
    // Relative to the root, as it goes into source_path: UTF-8; a path that is not has its bytes
    // beyond ASCII, and its `%`, percent-encoded.
    std::string path;
    std::string location;  // whole
    uint64_t size_bytes = 0;
    int64_t modified_ms = 0;
    std::string etag;
};

constexpr size_t kMaxFoundFiles = 1'000'000;

// In bytewise order of path, each once however many patterns name it. A folder that does not exist
// holds nothing. LimitExceeded beyond kMaxFoundFiles.
std::vector<FoundFile> Discover(storage::ObjectStore& store, const std::string& root,
                                const std::vector<std::string>& patterns);

}  // namespace tarn::ingest
