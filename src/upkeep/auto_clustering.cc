#include "upkeep/auto_clustering.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"

namespace tarn::upkeep {

table::SnapshotPtr ClusterByChoice(table::TableFormat& format, const table::SnapshotPtr& latest,
                                   const std::vector<ScanRecord>& scans) {
    const table::TableMetadata& now = latest->Metadata();
    const auto chosen = ChooseClustering(now, latest->Plan({}).files, scans);
    if (chosen == now.clustering_columns) return latest;
    table::TableMetadata wanted = now;
    wanted.clustering_columns = chosen;
    table::Change change;
    change.operation = "CLUSTER BY";
    change.parameters = {
        {"oldClusteringColumns", nlohmann::json(Join(now.clustering_columns, ",")).dump()},
        {"newClusteringColumns", nlohmann::json(Join(chosen, ",")).dump()},
        {"auto", "true"}};
    change.metadata = format.Define(wanted, latest, table::Definition::kAlters);
    const auto outcome = format.Commit(latest, change);
    if (const auto* unknown = std::get_if<table::Unknown>(&outcome)) {
        throw Error(ErrorKind::kUnavailable,
                    "the answer to CLUSTER BY's commit {} was lost; it changes no row, run it "
                    "again. {}",
                    unknown->commit_id, unknown->detail);
    }
    return format.Load(latest->Location(), table::Latest{}, latest);
}

}  // namespace tarn::upkeep
