// OPTIMIZE, VACUUM, CHECKPOINT, DROP FEATURE and RESTORE as the rows of a table function: what the
// session runs for those statements, and nothing else can call. They commit by themselves, outside
// any transaction.
#pragma once

#include <string>

#include "duckdb/main/extension/extension_loader.hpp"
#include "engine/duck/instance.h"
#include "sql/statement.h"

namespace tarn::engine::duck {

void RegisterUpkeepFunction(duckdb::ExtensionLoader& loader);

// The query that does the statement, which must be in the client's state (ClientState::upkeep).
std::string UpkeepQuery(const sql::UpkeepStatement& statement);

}  // namespace tarn::engine::duck
