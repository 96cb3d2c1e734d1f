// CLONE within the lake: where the clone goes, and its commit (upkeep/clone.h says which files).
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "engine/duck/new_table.h"
#include "sql/statement.h"
#include "upkeep/clone.h"

namespace tarn::engine::duck {

// In the row of a table that names another's files: whose they are, as far as that is known.
inline constexpr const char* kClonedFrom = "tarn.shallowCloneOf";

struct PlannedClone {
    SchemaEntry& in_schema;
    NewTarget target;
    TablePlan table;
    upkeep::ClonePlan files;
};
// `source` is an entry of the wanted version; nothing when IF NOT EXISTS finds the target.
std::optional<PlannedClone> PlanCloneTable(duckdb::ClientContext& client,
                                           const sql::Clone& statement,
                                           const std::shared_ptr<TableEntry>& source);

// Plans, and stages the clone for the transaction's commit.
std::optional<upkeep::ClonePlan> CloneTable(duckdb::ClientContext& client,
                                            const sql::Clone& statement,
                                            const std::shared_ptr<TableEntry>& source,
                                            const std::function<void(double)>& step);

// The shallow clones of the lake, whatever they are of: a clone of a clone names files of the first
// table, which it does not know.
std::vector<table::SnapshotPtr> ShallowClones(Core& core);

}  // namespace tarn::engine::duck
