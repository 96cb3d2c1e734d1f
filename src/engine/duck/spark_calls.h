// Functions of Spark's whose meaning follows from their arguments' types: they are bound as calls
// of the engine's functions, or of ours of one type.
#pragma once

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

namespace tarn::engine::duck {

// int, array<string>, struct<a:int>: as Spark's typeof says it.
std::string SparkTypeName(const duckdb::LogicalType& type);

void RegisterSparkCalls(duckdb::ExtensionLoader& loader);

}  // namespace tarn::engine::duck
