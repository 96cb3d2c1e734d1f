// Rows of checkpoints and sidecars as Arrow batches (PROTOCOL.md, "Checkpoint Schema"). Files come
// from their chunks some at a time, never all at once. A file with a deletion vector in a table
// without the feature is Corrupt.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "delta/log_state.h"
#include "delta/table_shape.h"
#include "table/rows.h"

namespace tarn::delta {

// How statistics stand in the adds.
struct StatisticsForm {
    bool as_json = true;
    const TableShape* as_struct = nullptr;  // set: in columns of this table's types
};

// Some rows of a part, those that are live.
struct FilePiece {
    const FileSet::Part* part = nullptr;
    uint32_t first_row = 0;
    uint32_t end_row = 0;  // one past the last
};

// All rows of all parts, in pieces that are read at one go.
std::vector<FilePiece> PiecesOf(const FileSet& files);

// A whole V1 checkpoint. What is given must outlive the rows; so below.
std::unique_ptr<table::RowSource> CheckpointRows(const LogState& state,
                                                 const std::vector<const Remove*>& tombstones,
                                                 const StatisticsForm& form);
// The same with the state's own tombstones, but for those older than `oldest_remove_ms`.
std::unique_ptr<table::RowSource> CheckpointRows(const LogState& state, int64_t oldest_remove_ms);

// A sidecar of a table of this protocol: columns add and remove only.
std::unique_ptr<table::RowSource> SidecarRows(const Protocol& protocol,
                                              std::vector<FilePiece> files,
                                              const StatisticsForm& form);
std::unique_ptr<table::RowSource> SidecarRows(const Protocol& protocol,
                                              const std::vector<const Remove*>& tombstones);

}  // namespace tarn::delta
