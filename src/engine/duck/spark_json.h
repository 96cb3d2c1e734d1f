// get_json_object, from_json, to_json and their like, with Spark's meaning: what is no JSON, or no
// value of the type asked for, is NULL in its place.
#pragma once

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

namespace tarn::engine::duck {

void RegisterSparkJson(duckdb::ExtensionLoader& loader);

}  // namespace tarn::engine::duck
