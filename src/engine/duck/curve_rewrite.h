// The rows of some files written anew in their order along a curve (curve_order.h), so that near
// values share files and scans skip the others. Sorts beyond memory.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/duck/table_entry.h"
#include "upkeep/file_rewrite.h"

namespace tarn::engine::duck {

// The files are of one partition; `entry` has the snapshot that they are of.
std::vector<table::DataFile> RewriteAlongCurve(duckdb::ClientContext& client,
                                               const std::shared_ptr<TableEntry>& entry,
                                               const upkeep::FileGroup& group,
                                               const upkeep::FileStyle& style);

}  // namespace tarn::engine::duck
