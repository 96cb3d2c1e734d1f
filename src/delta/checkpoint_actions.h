// The rows of a checkpoint as actions (PROTOCOL.md, "Checkpoint Schema"). Columns that a file lacks
// read as null; Corrupt for what is of another type or lacks a required field. Pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "delta/actions.h"
#include "delta/arrow_view.h"

namespace tarn::delta {

// The columns of a checkpoint's actions that are no adds; the removes only where they are wanted.
std::vector<std::string> OtherActionColumns(bool with_removes);

// Calls `take` for each action of the row: one, in a proper checkpoint.
void TakeCheckpointRow(const ArrowCell& row, const std::function<void(Action&&)>& take);

// Parts of an add, for readers of some of its columns. Nothing for null, and for a struct of nulls.
std::optional<DeletionVector> ReadDeletionVector(const ArrowCell& cell);
// JSON text, made of the struct where the text is missing.
std::optional<std::string> ReadStatistics(const ArrowCell& stats, const ArrowCell& parsed);
FileExtras ReadExtras(const ArrowCell& add);

}  // namespace tarn::delta
