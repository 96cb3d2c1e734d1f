// from_csv, to_csv and schema_of_csv: a record in a line of text.
#pragma once

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

namespace tarn::engine::duck {

void RegisterSparkCsv(duckdb::ExtensionLoader& loader);

}  // namespace tarn::engine::duck
