// What statements say of a table's columns and rows (DEFAULT, GENERATED, IDENTITY, CHECK), put into
// its metadata and held against what can be evaluated.
#pragma once

#include <string>
#include <vector>

#include "duckdb/main/client_context.hpp"
#include "engine/table_directory.h"
#include "sql/statement.h"
#include "table/snapshot.h"

namespace tarn::engine::duck {

// Lays the clauses over the column's rules; lengths of texts are then in its type
// (text_limits.h). InvalidInput when they do not go together; Unsupported
// for NOT NULL within an array or a map, which other engines do not hold.
void ApplyClauses(const sql::ColumnClauses& clauses, table::Field& field);

// Adds the check, with a name made of the table's when it has none. AlreadyExists.
void AddCheck(const sql::CheckClause& check, const std::string& table,
              table::TableMetadata& metadata);

// Every rule of the metadata can be evaluated, and a check that is not among the known ones always
// alike: InvalidInput or Unsupported, naming it, if not.
void VerifyRules(duckdb::ClientContext& client, const TableName& name,
                 const table::TableMetadata& metadata, const std::vector<table::RowCheck>& known);

// What reads the column at the path or a part of it: "the CHECK constraint positive"; empty: no
// rule does.
std::string DependentOn(const table::TableMetadata& metadata, const std::vector<std::string>& path);

}  // namespace tarn::engine::duck
