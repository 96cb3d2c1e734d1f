// ALTER VIEW and ALTER SCHEMA: what describes a view or a schema in the catalog.
#pragma once

#include "duckdb/main/client_context.hpp"
#include "sql/statement.h"

namespace tarn::engine::duck {

// Within a transaction, but the catalog has it at once. NotFound; Unsupported for what is not of
// the lake, and within BEGIN ... COMMIT.
void RunAlterEntry(duckdb::ClientContext& client, const sql::AlterEntry& statement);

}  // namespace tarn::engine::duck
