#include "catalog/table_defaults.h"

namespace tarn::catalog {

table::CommitOutcome DefaultingFormat::Create(const std::string& location,
                                              const table::TableMetadata& metadata,
                                              const table::Change& change) {
    table::TableMetadata with_defaults = metadata;
    with_defaults.properties.insert(defaults_.begin(), defaults_.end());
    return inner_.Create(location, with_defaults, change);
}

}  // namespace tarn::catalog
