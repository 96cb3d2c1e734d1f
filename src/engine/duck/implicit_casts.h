// Casts that nobody wrote, in a plan as it was bound.
#pragma once

#include <vector>

#include "duckdb/planner/logical_operator.hpp"
#include "engine/lineage.h"

namespace tarn::engine::duck {

// Those between texts and numbers, dates or times, each once. Of literals, and of
// what views say, none is told.
std::vector<ImplicitCast> ImplicitCastsOf(duckdb::LogicalOperator& plan);

}  // namespace tarn::engine::duck
