// Which files of a table that is clustered by columns are laid along their curve: those that are
// not yet, with what earlier runs left where it is not much larger. So a row is written again about
// as often as the table's size has doubled, not at every run. Pure.
#pragma once

#include <string>
#include <vector>

#include "upkeep/optimize_plan.h"

namespace tarn::upkeep {

struct ClusteringRules {
    // A run's files join when they are together at most so many times as large as what joins
    // before them...
    uint64_t most_growth = 4;
    // ... and below this: so much is clustered well enough.
    uint64_t whole_bytes = uint64_t{100} << 30;
    // Every file, also those that are clustered by other columns.
    bool takes_all = false;
};

// One group, or none when nothing is to be gained: planning what a plan left gives none. Files that
// are clustered by other columns than these are left. `rules` says of which files too many rows are
// hidden.
std::vector<FileGroup> PlanClustering(std::vector<table::DataFile> files,
                                      const std::vector<std::string>& columns,
                                      const OptimizeRules& rules,
                                      const ClusteringRules& clustering);

// Of a group beyond `most_bytes` only its first files stay, which are not clustered yet; of fewer
// than two nothing is gained.
void CutTo(uint64_t most_bytes, std::vector<FileGroup>& groups);

}  // namespace tarn::upkeep
