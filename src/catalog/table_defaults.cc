#include "catalog/table_defaults.h"

namespace tarn::catalog {

std::shared_ptr<const table::TableMetadata> DefaultingFormat::Define(
    const table::TableMetadata& wanted, const table::SnapshotPtr& base,
    table::Definition definition) {
    if (definition != table::Definition::kCreates)
        return ForwardingFormat::Define(wanted, base, definition);
    table::TableMetadata with_defaults = wanted;
    with_defaults.properties.insert(defaults_.begin(), defaults_.end());
    return ForwardingFormat::Define(with_defaults, base, definition);
}

}  // namespace tarn::catalog
