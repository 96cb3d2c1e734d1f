// Reads checkpoints (PROTOCOL.md, "Checkpoints"): classic and multi-part ones of the V1 spec, and
// those of the V2 spec, in Parquet or JSON, with their sidecars. The files of small ones come as
// actions, those of large ones stay where they are (checkpoint_chunk.h).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "delta/actions.h"
#include "delta/checkpoint_chunk.h"
#include "storage/object_store.h"
#include "table/rows.h"

namespace tarn::delta {

struct CheckpointReadOptions {
    bool with_removes = false;
    // Files of a checkpoint that are at least as large together are not read into memory.
    uint64_t stored_from_bytes = UINT64_MAX;
};

// Not thread-safe.
class CheckpointReader {
public:
    CheckpointReader(storage::ObjectStore& store, table::ParquetFiles& parquet, std::string root,
                     CheckpointReadOptions options)
        : store_(store), parquet_(parquet), root_(std::move(root)), options_(options) {}

    // Calls `take` for every action, but for the adds of Chunks(). Corrupt, NotFound (a sidecar is
    // gone).
    void Read(const std::vector<storage::ObjectInfo>& files,
              const std::function<void(Action&&)>& take);
    const std::vector<std::shared_ptr<const CheckpointChunk>>& Chunks() const { return chunks_; }

private:
    void ReadParquetFiles(const std::vector<storage::ObjectInfo>& files,
                          const std::function<void(Action&&)>& take);

    storage::ObjectStore& store_;
    table::ParquetFiles& parquet_;
    const std::string root_;
    const CheckpointReadOptions options_;
    std::vector<std::shared_ptr<const CheckpointChunk>> chunks_;
};

// The sidecars that a file of a checkpoint names.
std::vector<Sidecar> ReadSidecars(storage::ObjectStore& store, table::ParquetFiles& parquet,
                                  const storage::ObjectInfo& file);

// The removes alone: sidecars that hold none are not read.
void ReadRemoves(storage::ObjectStore& store, table::ParquetFiles& parquet, const std::string& root,
                 const std::vector<storage::ObjectInfo>& files,
                 const std::function<void(Remove&&)>& take);

}  // namespace tarn::delta
