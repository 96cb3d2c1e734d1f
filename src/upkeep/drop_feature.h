// ALTER TABLE ... DROP FEATURE: what the latest version has of the feature goes first, then
// checkpoints are written on which readers can stand that lack the feature, then one commit takes
// it out of the table's demands. Each step is a commit of its own that changes no row; whoever runs
// the statement again goes on where it ended.
#pragma once

#include <functional>
#include <string>

#include "table/table_format.h"
#include "upkeep/file_rewrite.h"

namespace tarn::upkeep {

struct DropFeatureTask {
    table::TableFormat& format;
    table::SnapshotPtr latest;
    FileRewriter& rewriter;
    OptimizeRules rules;
    std::string feature;
    bool truncates_history = false;
    std::function<void(double)> step = [](double) {};  // may throw to end the statement
};

// The version that no longer demands it. What TableFormat::TraceOf and ForgetVersions throw;
// Conflict when others were always faster; Unavailable for a commit whose answer was lost.
table::Version DropFeature(const DropFeatureTask& task);

}  // namespace tarn::upkeep
