// Work given to the engine's threads within a statement, and waited for.
#pragma once

#include <functional>
#include <vector>

#include "engine/duck/rewrite.h"

namespace tarn::engine::duck {

// Returns when all are done, the first failure thrown. The calling thread works too.
void RunTasks(duckdb::ClientContext& client, std::vector<std::function<void()>> tasks);

// A pass by as many threads as are worth it.
void RunPass(duckdb::ClientContext& client, RowPass& pass);

}  // namespace tarn::engine::duck
