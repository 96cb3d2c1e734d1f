// The columns by which a table's files are clustered (PROTOCOL.md, "Clustered Table"): they stand
// in the domain "delta.clustering", by their physical names. Pure.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "delta/actions.h"
#include "table/data_file.h"
#include "table/snapshot.h"

namespace tarn::delta {

using Domains = std::map<std::string, DomainMetadata>;

// Their logical names, fields behind dots. What is no list of columns gives none.
std::vector<std::string> ClusteringColumns(const Domains& domains, const table::Schema& schema);

// The action that makes the domain say what the description does; nothing when it does already.
// InvalidInput for a column that is missing or cannot cluster.
std::optional<DomainMetadata> ClusteringChange(const Domains& domains,
                                               const table::TableMetadata& description);

// What a file action says of how its rows lie: the tags of a "Z-cube", and the provider that the
// protocol names ("Clustered Table"). Null: nothing, or what cannot be read.
std::shared_ptr<const table::FileClustering> ReadClustering(const FileExtras& extras);
void WriteClustering(const table::FileClustering& clustering, FileExtras& extras);

}  // namespace tarn::delta
