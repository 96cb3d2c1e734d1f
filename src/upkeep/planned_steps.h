// What a statement that tends a table would do, told by the plans that it follows itself (EXPLAIN).
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "table/feature_drop.h"
#include "upkeep/clone.h"
#include "upkeep/fsck.h"
#include "upkeep/manifest.h"
#include "upkeep/optimize.h"
#include "upkeep/restore.h"
#include "upkeep/vacuum.h"

namespace tarn::upkeep {

struct PlannedStep {
    std::string action;  // "rewrite", "copy", "add", "remove", "delete", "keep", "checkpoint", ...
    std::string object{};  // the partition that it is about; empty: the table
    std::optional<uint64_t> files{};
    std::optional<uint64_t> bytes{};
    std::string detail{};
};
using PlannedSteps = std::vector<PlannedStep>;

// None: there is nothing to do.
//
// A step for each group of files that become new ones.
PlannedSteps StepsOf(const OptimizeTask& task, const std::vector<std::string>& clustered_by);
PlannedSteps StepsOf(const RestorePlan& plan);
PlannedSteps StepsOf(const ClonePlan& plan, bool is_shallow);
// The reports are those of dry runs.
PlannedSteps StepsOf(const VacuumReport& report);
PlannedSteps StepsOf(const FsckReport& report);
PlannedSteps StepsOf(const Manifests& manifests);
PlannedSteps StepsOf(const table::FeatureTrace& trace);

}  // namespace tarn::upkeep
