// Variants as data files store them (a struct of bytes, shredded or not) to DuckDB's VARIANT. The
// variant null stays a value; NULL is where there is no variant.
#pragma once

#include <string>

#include "duckdb/planner/expression.hpp"

namespace tarn::engine::duck {

// The expression's value with a VARIANT in the place of every stored variant, as `wanted` has it.
// What is malformed is Corrupt, naming the file.
duckdb::unique_ptr<duckdb::Expression> ReadVariants(duckdb::unique_ptr<duckdb::Expression> stored,
                                                    const duckdb::LogicalType& wanted,
                                                    const std::string& location);

}  // namespace tarn::engine::duck
