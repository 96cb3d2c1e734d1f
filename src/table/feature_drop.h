// Taking a feature out of a table: what is left of it in the table, and the commit that ends it.
// Values.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "table/data_file.h"

namespace tarn::table {

struct TableMetadata;

// What a commit takes out of the table's demands.
struct FeatureDrop {
    std::string feature;             // as the format spells it
    bool truncates_history = false;  // versions that know the feature go, else they are guarded
    // Older versions cannot be read without the feature.
    bool is_in_history = false;
    // Files that only older versions name, in a way that those who lack the feature do not
    // understand: the commit names them so that nobody deletes them early.
    std::vector<std::string> kept_locations;
};

// What is left of a feature in the latest version. `metadata` is the description without it, null
// when that says nothing of it; `files` are to be written again, under `metadata` and in one commit
// with it where that is given.
struct FeatureTrace {
    FeatureDrop drop;
    std::string operation;  // what the history calls the removal of the trace
    std::shared_ptr<const TableMetadata> metadata;
    std::vector<DataFile> files;

    bool IsClean() const { return !metadata && files.empty(); }
};

}  // namespace tarn::table
