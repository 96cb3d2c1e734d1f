// The folder of a partition, as Hive and Spark write it: name=value, with what a path cannot hold
// as %XX.
#pragma once

#include <string>

#include "duckdb/common/types/value.hpp"
#include "table/type.h"

namespace tarn::engine::duck {

// "carrier=UA", "day=__HIVE_DEFAULT_PARTITION__" for NULL and for the empty string.
std::string HivePart(const table::Field& column, const duckdb::Value& value);

}  // namespace tarn::engine::duck
