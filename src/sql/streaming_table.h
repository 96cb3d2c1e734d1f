// CREATE STREAMING TABLE, as pipelines of Databricks declare the tables that flows fill. Pure.
#pragma once

#include <optional>
#include <vector>

#include "sql/lexer.h"
#include "sql/source_map.h"
#include "sql/splitter.h"

namespace tarn::sql {

// CREATE [OR REFRESH] STREAMING TABLE [IF NOT EXISTS] name ... without a query, as CREATE TABLE IF
// NOT EXISTS: declared again, a table stays as it is. Nothing for any other statement.
std::optional<Rewritten> SpellStreamingTable(const Statement& statement,
                                             const std::vector<Token>& tokens);

}  // namespace tarn::sql
