// What `tarn clean` removes: the folders that `clean-targets` of dbt_project.yml names. Never
// anything outside of the project, its sources, or the lake's own state.
#pragma once

#include <string>
#include <vector>

#include "catalog/lake_config.h"
#include "pipeline/dbt_project.h"

namespace tarn::pipeline {

// Removes them; gives those that were there, as they are written. InvalidInput, before anything is
// removed: one of them is not a folder below the project, or holds what is no product of a run.
std::vector<std::string> RemoveCleanTargets(const catalog::LakeConfig& lake,
                                            const DbtProject& layout);

}  // namespace tarn::pipeline
