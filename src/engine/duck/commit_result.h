// What became of a commit, told to the statement that wanted it.
#pragma once

#include "base/clock.h"
#include "engine/duck/client_state.h"
#include "engine/table_directory.h"
#include "table/change.h"

namespace tarn::engine::duck {

// Counts the version as written. Conflict (noted, so that the statement may be run again),
// AlreadyExists, Unavailable for an answer that was lost.
void NoteWritten(ClientState& state, const TableName& name, const table::CommitOutcome& outcome,
                 Clock& clock);

}  // namespace tarn::engine::duck
