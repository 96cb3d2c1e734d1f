// Spark's chance: the numbers that a seed gives are those that Spark gives for the first part of a
// query, so that what was tried there is found again.
#pragma once

#include <cstdint>
#include <optional>

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

namespace tarn::engine::duck {

class SparkRandom {
public:
    explicit SparkRandom(int64_t seed);

    // In [0, 1).
    double Double();
    // Of the normal distribution.
    double Gaussian();
    int32_t Int() { return Next(32); }

private:
    int32_t Next(int bits);

    int64_t state_;
    std::optional<double> gaussian_;
};

// spark_rand(seed), spark_randn(seed), spark_randstr(length, seed), spark_any_randstr(length) and
// spark_uniform(low, high, double).
void RegisterSparkRandom(duckdb::ExtensionLoader& loader);

}  // namespace tarn::engine::duck
