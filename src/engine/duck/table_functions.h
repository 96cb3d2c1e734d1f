// Table functions of the lake: history and detail of a table (behind DESCRIBE), and its changes.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "duckdb/main/extension/extension_loader.hpp"
#include "engine/duck/table_entry.h"
#include "sql/statement.h"

namespace tarn::engine::duck {

void RegisterTableFunctions(Core& core, duckdb::DatabaseInstance& database);

// The queries that answer DESCRIBE HISTORY and DESCRIBE DETAIL.
std::string HistoryQuery(const sql::QualifiedName& table, std::optional<int64_t> limit);
std::string DetailQuery(const sql::QualifiedName& table);

// The table under a name in the client's transaction, latest version. NotFound.
std::shared_ptr<TableEntry> FindTable(duckdb::ClientContext& client, const TableName& name);
std::shared_ptr<TableEntry> FindTable(duckdb::ClientContext& client,
                                      const std::string& qualified_name);

}  // namespace tarn::engine::duck
