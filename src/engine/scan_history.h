// What the history of statements tells upkeep of a table's readers.
#pragma once

#include <vector>

#include "engine/query_history.h"
#include "table/snapshot.h"
#include "upkeep/layout_advice.h"

namespace tarn::engine {

// The table's newest scans, so many as a layout is chosen by.
std::vector<upkeep::ScanRecord> ScanRecordsOf(QueryHistory& history, const TableName& table);

// Does the table leave its clustering columns to whoever tends it (CLUSTER BY AUTO).
bool LeavesClustering(const table::TableMetadata& metadata);

}  // namespace tarn::engine
