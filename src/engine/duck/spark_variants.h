// Spark's functions of variants: paths into them (and into JSON texts), their texts and their
// types. A variant null is NULL in the engine.
#pragma once

#include <string>

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

namespace tarn::engine::duck {

// Of a VARIANT: a text as it is, all else as JSON.
inline constexpr const char* kVariantText = "spark_variant_text";
// And of a text too the JSON.
inline constexpr const char* kVariantJson = "spark_variant_json";

// spark_variant_get(variant, path, NULL of the type), spark_try_variant_get, spark_at_path(value,
// path), spark_is_null_at(variant, path), spark_schema_of_variant.
void RegisterSparkVariants(duckdb::ExtensionLoader& loader);

}  // namespace tarn::engine::duck
