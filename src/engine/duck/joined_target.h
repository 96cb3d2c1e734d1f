// What a statement that joins its target (MERGE, UPDATE FROM, DELETE USING) reads is told by the
// keys of its source. From the target's statistics the optimizer would see which source rows match
// nothing, and leave them out before they are looked for: then a row that another writer adds for
// one of them would go unnoticed. So it is not told them. And of the target only those rows count
// whose key the source has: its scan is given a filter of the keys, to spare their other columns.
#pragma once

#include "duckdb/main/config.hpp"

namespace tarn::engine::duck {

void RegisterJoinedTargets(duckdb::DBConfig& config);

}  // namespace tarn::engine::duck
