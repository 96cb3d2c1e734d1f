// How long what was new in a run's inputs had waited when the run was done.
#pragma once

#include <optional>

#include "base/clock.h"
#include "catalog/run_log.h"
#include "engine/session.h"

namespace tarn::pipeline {

// The age, at `now`, of the first commit to an input behind what `before`, the last run that
// succeeded, read of it; where there was none, of the input's last commit. Nothing: no input has
// anything new, or its history does not tell any more.
std::optional<DurationUs> LagOf(engine::Session& session, const catalog::RunRecord& run,
                                const std::optional<catalog::RunRecord>& before, TimestampUs now);

}  // namespace tarn::pipeline
