// Columns that a table lacks and the rows to be written have: WITH SCHEMA EVOLUTION, and the
// settings that mean it for every statement. The columns are staged before the rows, so that both
// are one commit.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "duckdb.hpp"
#include "engine/duck/row_shape.h"
#include "engine/duck/statement_rows.h"
#include "engine/duck/table_entry.h"

namespace tarn::engine::duck {

// Makes the setting merge_schema known.
void RegisterSchemaEvolution(duckdb::DBConfig& config);
bool MergesSchema(duckdb::ClientContext& client);

// Is it an INSERT or a MERGE.
bool WritesRows(const duckdb::SQLStatement& statement);

// One statement that is not yet bound, within a transaction that stages what it brings.
class SchemaEvolver {
public:
    SchemaEvolver(duckdb::ClientContext& client, const StatementRows& rows)
        : client_(client), rows_(rows) {}

    // Stages the columns, and fields within them, that the statement's rows have and its table
    // lacks; an INSERT by position that gives fewer columns names those it gives. Nothing for other
    // statements and for tables not of the lake.
    void Evolve(duckdb::SQLStatement& statement);

private:
    void EvolveInsert(duckdb::InsertStatement& insert);
    void EvolveMerge(const duckdb::MergeIntoStatement& merge);
    void Stage(TableEntry& target, const RowShape& rows, const std::string& operation);

    duckdb::ClientContext& client_;
    const StatementRows& rows_;
};

}  // namespace tarn::engine::duck
