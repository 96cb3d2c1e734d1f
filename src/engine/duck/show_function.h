// SHOW, and DESCRIBE EXTENDED, as a table function that reads the running statement.
#pragma once

#include <string>

#include "duckdb/main/extension/extension_loader.hpp"
#include "sql/statement.h"

namespace tarn::engine::duck {

void RegisterShowFunction(duckdb::ExtensionLoader& loader);

// The query that answers the statement that ClientState says.
std::string ShowQuery();

}  // namespace tarn::engine::duck
