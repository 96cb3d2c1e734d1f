// Reads checkpoints (PROTOCOL.md, "Checkpoints"): classic and multi-part ones of the V1 spec, and
// those of the V2 spec, in Parquet or JSON, with their sidecars.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "delta/actions.h"
#include "storage/object_store.h"
#include "table/rows.h"

namespace tarn::delta {

// Calls `take` for every action of the checkpoint; removes only when wanted. Corrupt, NotFound (a
// sidecar is gone).
void ReadCheckpoint(storage::ObjectStore& store, table::ParquetFiles& parquet,
                    const std::string& root, const std::vector<storage::ObjectInfo>& files,
                    bool with_removes, const std::function<void(Action&&)>& take);

}  // namespace tarn::delta
