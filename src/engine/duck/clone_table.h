// CLONE within the lake: where the clone goes, and its commit (upkeep/clone.h says which files).
#pragma once

#include <functional>
#include <memory>

#include "engine/duck/table_entry.h"
#include "sql/statement.h"
#include "upkeep/clone.h"

namespace tarn::engine::duck {

// Stages the clone of `source`, an entry of the wanted version, for the transaction's commit, and
// gives what was planned; nothing when IF NOT EXISTS finds the target.
std::optional<upkeep::ClonePlan> CloneTable(duckdb::ClientContext& client,
                                            const sql::Clone& statement,
                                            const std::shared_ptr<TableEntry>& source,
                                            const std::function<void(double)>& step);

// The tables of the lake that name files of the table at `location`: its shallow clones.
std::vector<table::SnapshotPtr> ShallowClonesOf(Core& core, const std::string& location);

}  // namespace tarn::engine::duck
