// Functions of texts that Spark has and the engine lacks, or means otherwise; the templates of
// sql/spark_functions.cc call them. Regular expressions are RE2's, which lack look-around and back
// references of Java's.
#pragma once

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

namespace tarn::engine::duck {

void RegisterSparkStrings(duckdb::ExtensionLoader& loader);

}  // namespace tarn::engine::duck
