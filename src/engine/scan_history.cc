#include "engine/scan_history.h"

#include <utility>

#include "base/text.h"
#include "sql/cluster_by_auto.h"

namespace tarn::engine {

namespace {

constexpr size_t kScansThatTell = 10'000;

}  // namespace

std::vector<upkeep::ScanRecord> ScanRecordsOf(QueryHistory& history, const TableName& table) {
    std::vector<upkeep::ScanRecord> scans;
    for (TableScan& scan : history.Scans(table, kScansThatTell))
        scans.push_back({std::move(scan.filters), scan.bytes, scan.rows, scan.table_rows});
    return scans;
}

bool LeavesClustering(const table::TableMetadata& metadata) {
    const auto set = metadata.properties.find(sql::kClusterByAuto);
    return set != metadata.properties.end() && EqualsIgnoreCase(set->second, "true") &&
           metadata.partition_columns.empty();
}

}  // namespace tarn::engine
