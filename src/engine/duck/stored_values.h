// Columns that a data file's reader gives as they are stored (FittedFile::stored_places) to the
// table's types: variants, nanoseconds, dates and instants of the hybrid calendar.
#pragma once

#include <string>

#include "duckdb/planner/expression.hpp"
#include "format/hybrid_calendar.h"

namespace tarn::engine::duck {

// The expression's value as `wanted` has it, at every level. Nanoseconds lose what is finer than a
// microsecond, towards the past. Corrupt, naming the file, for malformed variants; Unsupported for
// an instant whose label its zone does not tell.
duckdb::unique_ptr<duckdb::Expression> ReadStored(duckdb::unique_ptr<duckdb::Expression> stored,
                                                  const duckdb::LogicalType& wanted,
                                                  const std::string& location,
                                                  const format::HybridZone& zone);

}  // namespace tarn::engine::duck
