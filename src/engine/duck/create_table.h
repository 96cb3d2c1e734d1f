// CREATE TABLE, with and without AS: from DuckDB's bound statement and the clauses that the sql
// room cut out of it to a table's metadata.
#pragma once

#include "duckdb/planner/parsed_data/bound_create_table_info.hpp"
#include "engine/duck/schema_entry.h"
#include "engine/duck/transaction.h"

namespace tarn::engine::duck {

// What a CREATE TABLE makes: a new table, or new content of one that is there (OR REPLACE).
struct TablePlan {
    LakeTransaction::Creation creation;    // its metadata and location hold for both
    std::shared_ptr<TableEntry> replaced;  // null: a new table
};

// InvalidInput, Unsupported, AlreadyExists. Nothing when IF NOT EXISTS finds the table.
std::optional<TablePlan> PlanTable(duckdb::ClientContext& client, SchemaEntry& in_schema,
                                   duckdb::BoundCreateTableInfo& info);
// Stages the plan with these files, for the transaction's commit.
void StageTable(duckdb::ClientContext& client, SchemaEntry& in_schema, TablePlan plan,
                std::vector<table::DataFile> files, uint64_t rows, bool has_query);
// CREATE TABLE without AS.
void StageEmptyTable(duckdb::ClientContext& client, SchemaEntry& in_schema,
                     duckdb::BoundCreateTableInfo& info);

}  // namespace tarn::engine::duck
