// .tarn/catalog.yml: what stands in no table's log (schemas, views, functions, external tables),
// kept beside the store so that a lost catalog can be rebuilt from it and from the tables.
#pragma once

#include <string>
#include <vector>

#include "engine/table_directory.h"

namespace tarn::catalog {

// YAML that base/yaml.h reads back to the same values.
std::string CatalogFileText(const std::vector<engine::SchemaEntry>& schemas,
                            const std::vector<engine::DirectoryEntry>& unlogged);

}  // namespace tarn::catalog
