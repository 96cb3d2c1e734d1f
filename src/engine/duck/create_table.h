// CREATE TABLE, with and without AS: from DuckDB's bound statement and the clauses that the sql
// room cut out of it to a table's metadata.
#pragma once

#include "duckdb/planner/parsed_data/bound_create_table_info.hpp"
#include "engine/duck/new_table.h"
#include "engine/duck/schema_entry.h"

namespace tarn::engine::duck {

// InvalidInput, Unsupported, AlreadyExists. Nothing when IF NOT EXISTS finds the table.
std::optional<TablePlan> PlanTable(duckdb::ClientContext& client, SchemaEntry& in_schema,
                                   duckdb::BoundCreateTableInfo& info);
// Stages the plan with these files, for the transaction's commit.
void StageTable(duckdb::ClientContext& client, SchemaEntry& in_schema, TablePlan plan,
                std::vector<table::DataFile> files, uint64_t rows, bool has_query);
// Gives the description what the statement's clauses say. InvalidInput, Unsupported.
void ApplyTableClauses(const sql::TableClauses& clauses, table::TableMetadata& metadata);
// Tells of keys (PRIMARY KEY, FOREIGN KEY) that no table keeps.
void NoteUnenforced(const std::vector<std::string>& keys, Meter& meter);
// CREATE TABLE without AS.
void StageEmptyTable(duckdb::ClientContext& client, SchemaEntry& in_schema,
                     duckdb::BoundCreateTableInfo& info);

}  // namespace tarn::engine::duck
