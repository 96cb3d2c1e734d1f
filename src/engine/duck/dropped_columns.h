// Which data files of a table still hold columns, or fields within them, that the table has no
// more: dropping one leaves it in the files, and only REORG ... APPLY (PURGE) takes it out.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "duckdb/main/client_context.hpp"
#include "table/snapshot.h"

namespace tarn::engine::duck {

// The locations of those files, by their footers. None where columns have no identities of their
// own: such a table cannot drop a column but by writing its files again.
std::set<std::string> FilesWithDroppedColumns(duckdb::ClientContext& client,
                                              const table::Snapshot& snapshot,
                                              const std::vector<table::DataFile>& files);

}  // namespace tarn::engine::duck
