// OPTIMIZE, VACUUM and CHECKPOINT as the rows of a table function: what the session runs for those
// statements, and nothing else can call. They commit by themselves, outside any transaction.
#pragma once

#include "duckdb/main/extension/extension_loader.hpp"
#include "engine/duck/instance.h"

namespace tarn::engine::duck {

void RegisterUpkeepFunction(duckdb::ExtensionLoader& loader);

// The query that does what the client's state says (ClientState::upkeep).
inline constexpr const char* kUpkeepQuery = "SELECT * FROM tarn_upkeep()";

}  // namespace tarn::engine::duck
