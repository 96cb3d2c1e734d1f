// Columns that a table lacks and the rows to be written have: WITH SCHEMA EVOLUTION, and the
// settings that mean it for every statement. The columns are staged before the rows, so that both
// are one commit.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "duckdb.hpp"
#include "engine/duck/table_entry.h"
#include "sql/statement.h"
#include "table/type.h"

namespace tarn::engine::duck {

// Makes the settings merge_schema and spark.databricks.delta.schema.autoMerge.enabled known.
void RegisterSchemaEvolution(duckdb::DBConfig& config);
bool MergesSchema(duckdb::ClientContext& client);

// Is it an INSERT or a MERGE.
bool WritesRows(const duckdb::SQLStatement& statement);

// One statement that is not yet bound, within a transaction that stages what it brings.
class SchemaEvolver {
public:
    using Parameters = duckdb::case_insensitive_map_t<duckdb::BoundParameterData>;

    SchemaEvolver(duckdb::Connection& connection, Parameters& parameters,
                  const std::optional<sql::InsertClauses>& clauses)
        : client_(*connection.context), parameters_(parameters), clauses_(clauses) {}

    // Stages the columns, and fields within them, that the statement's rows have and its table
    // lacks; an INSERT by position that gives fewer columns names those it gives. Gives the names
    // of a MERGE's source columns. Nothing for other statements and for tables not of the lake.
    std::optional<std::vector<std::string>> Evolve(duckdb::SQLStatement& statement);

    // Where the schema does not evolve: InvalidInput for an INSERT whose rows have fields within
    // their columns that the table lacks, for the engine's casts would drop them without a word. A
    // list of VALUES is not looked at: its rows have types only by their columns.
    void RefuseLoss(const duckdb::SQLStatement& statement);

private:
    struct Source {
        duckdb::vector<std::string> names;
        duckdb::vector<duckdb::LogicalType> types;
    };

    Source SourceOf(duckdb::unique_ptr<duckdb::SQLStatement> query);
    // Of an INSERT, under the names of the columns that it gives.
    Source RowsOf(const duckdb::InsertStatement& insert, const table::Schema& schema);
    void EvolveInsert(duckdb::InsertStatement& insert);
    std::optional<std::vector<std::string>> EvolveMerge(duckdb::MergeIntoStatement& merge);
    // The columns that an INSERT by position gives, in their order.
    std::vector<std::string> PlacesOf(const duckdb::InsertStatement& insert,
                                      const table::Schema& schema) const;
    void Stage(TableEntry& target, const Source& source, const std::string& operation);

    duckdb::ClientContext& client_;
    Parameters& parameters_;
    const std::optional<sql::InsertClauses>& clauses_;
};

}  // namespace tarn::engine::duck
