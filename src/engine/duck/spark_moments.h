// Variance, skewness, kurtosis and correlation with the arithmetic of Spark's, step by step, so
// that the last digit is the same too.
#pragma once

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

namespace tarn::engine::duck {

void RegisterSparkMoments(duckdb::ExtensionLoader& loader);

}  // namespace tarn::engine::duck
