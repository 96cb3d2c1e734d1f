// Writes classic checkpoints of the V1 spec and `_last_checkpoint` (PROTOCOL.md, "Checkpoints",
// "Checkpoint Schema"). A checkpoint only spares readers work: its failure concerns nobody else.
#pragma once

#include <memory>
#include <string>

#include "delta/log_state.h"
#include "storage/object_store.h"
#include "table/rows.h"

namespace tarn::delta {

// Every so many commits a checkpoint is due ("delta.checkpointInterval", default 10).
bool IsCheckpointDue(table::Version version, const Metadata& metadata);
// Are V1 checkpoints with statistics as JSON what this table asks for.
bool CanWriteCheckpoint(const Metadata& metadata);

// How long removes are kept ("delta.deletedFileRetentionDuration", default a week).
int64_t TombstoneRetentionMs(const Metadata& metadata);
// "interval 2 days", "1 week": milliseconds; nothing when it is not understood.
std::optional<int64_t> ParseInterval(std::string_view text);

// The state as rows of a checkpoint; removes older than `oldest_remove_ms` are left out.
std::unique_ptr<table::RowSource> CheckpointRows(const LogState& state, int64_t oldest_remove_ms);

// The state must hold its tombstones. Throws like the store and ParquetFiles do.
void WriteCheckpoint(storage::ObjectStore& store, table::ParquetFiles& parquet,
                     const std::string& root, const LogState& state, int64_t now_ms);

}  // namespace tarn::delta
