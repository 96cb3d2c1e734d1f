// Reads many files of a log in order, on all cores: a large file in pieces cut at line ends, small
// ones several at once. How far it runs ahead of its reader is bounded. One thread calls it.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "delta/actions.h"
#include "delta/file_key.h"
#include "delta/file_rows.h"
#include "storage/object_store.h"

namespace tarn::delta {

// What a log file, or a part of it, says.
struct CommitActions {
    FileRows adds;
    std::vector<FileKey> keys;   // of the adds
    std::vector<Action> others;  // in their order
};

class CommitReader {
public:
    // The store must outlive the reader.
    CommitReader(storage::ObjectStore& store, std::vector<storage::ObjectInfo> files);
    ~CommitReader();
    CommitReader(const CommitReader&) = delete;
    CommitReader& operator=(const CommitReader&) = delete;

    // The next file, in one or more parts; those of a file that cannot be read are not given.
    // Throws what the store does; Corrupt, Unsupported.
    void Next(const std::function<void(CommitActions&&)>& take);

private:
    class Worker;
    struct Shared;

    std::unique_ptr<Shared> shared_;
    size_t next_file_ = 0;
};

}  // namespace tarn::delta
