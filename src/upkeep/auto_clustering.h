// CLUSTER BY AUTO: a table that leaves it to Tarn is clustered by the columns that its readers ask
// for, as far as that pays.
#pragma once

#include <vector>

#include "table/table_format.h"
#include "upkeep/layout_advice.h"

namespace tarn::upkeep {

// The snapshot of the table, which is not partitioned, with the columns that ChooseClustering says:
// `latest` itself where it has them already, else what a commit of their change gives. A table that
// another writer changed meanwhile keeps its columns until the next time. Unavailable for a commit
// whose answer was lost.
table::SnapshotPtr ClusterByChoice(table::TableFormat& format, const table::SnapshotPtr& latest,
                                   const std::vector<ScanRecord>& scans);

}  // namespace tarn::upkeep
