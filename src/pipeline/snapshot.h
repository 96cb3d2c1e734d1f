// Snapshots, as dbt has them: a table that keeps every state which the rows of a query have had,
// each with when it began and ended. Settings and SQL text only.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "pipeline/model.h"

namespace tarn::pipeline {

// From what is set. InvalidInput: something is missing or wrong.
SnapshotConfig ParseSnapshot(const nlohmann::ordered_json& settings,
                             const std::vector<std::string>& unique_key);

// What one run of a snapshot knows.
struct SnapshotRun {
    const SnapshotConfig& config;
    std::string rows;                  // a SELECT of the rows as they are now
    std::vector<std::string> columns;  // its columns
    std::string now;                   // "2024-01-02 03:04:05.678"
    std::string time_type;             // of the times: that of `updated_at`, else TIMESTAMP
    std::string table = {};            // quoted; of the later runs
    std::vector<std::string> old_columns = {};  // the table's
};

// The SELECT of the table that a first run makes.
std::string FirstSnapshot(const SnapshotRun& run);
// The MERGE of a later run: rows that changed end and begin anew, new ones begin, and those that
// are gone end where the snapshot says so. A state that stands in the table is not added again.
std::string NextSnapshot(const SnapshotRun& run);
// InvalidInput: columns that the snapshot names and the rows lack.
void CheckColumns(const SnapshotConfig& config, const std::vector<std::string>& columns);

// One `{% snapshot name %}...{% endsnapshot %}` of a file. Its text stands at its places in the
// file: what is before it is blank.
struct SnapshotBlock {
    std::string name;
    std::string text;
};
// InvalidInput: a block that is not closed.
std::vector<SnapshotBlock> SnapshotBlocks(const std::string& text, const std::string& file);

}  // namespace tarn::pipeline
