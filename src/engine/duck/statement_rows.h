// The rows that an INSERT or a MERGE which is not yet bound brings: their columns and types, found
// by binding its query alone. Within a transaction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "duckdb.hpp"
#include "duckdb/parser/statement/insert_statement.hpp"
#include "duckdb/parser/statement/merge_into_statement.hpp"
#include "engine/duck/row_shape.h"
#include "sql/statement.h"
#include "table/type.h"

namespace tarn::engine::duck {

class StatementRows {
public:
    using Parameters = duckdb::case_insensitive_map_t<duckdb::BoundParameterData>;

    // `clauses`: those that were cut out of an INSERT.
    StatementRows(duckdb::ClientContext& client, Parameters& parameters,
                  const std::optional<sql::InsertClauses>& clauses)
        : client_(client), parameters_(parameters), clauses_(clauses) {}

    // Of an INSERT, under the names of the columns that it gives: those of a query keep their own
    // names where they go by name or stand behind the table's. A list of VALUES has the types that
    // hold all its rows, and no type (SQLNULL) where none does or all are DEFAULT.
    RowShape Of(const duckdb::InsertStatement& insert, const table::Schema& schema) const;
    // The columns that an INSERT by position gives, in their order.
    std::vector<std::string> PlacesOf(const duckdb::InsertStatement& insert,
                                      const table::Schema& schema) const;

    RowShape SourceOf(const duckdb::MergeIntoStatement& merge) const;
    // Of an expression over the columns of `from`.
    duckdb::LogicalType TypeOf(const duckdb::ParsedExpression& expression,
                               duckdb::unique_ptr<duckdb::TableRef> from,
                               const duckdb::CommonTableExpressionMap& queries) const;

private:
    RowShape Bind(duckdb::unique_ptr<duckdb::QueryNode> query,
                  const duckdb::CommonTableExpressionMap& queries) const;
    RowShape OfValues(const duckdb::InsertStatement& insert) const;

    duckdb::ClientContext& client_;
    Parameters& parameters_;
    const std::optional<sql::InsertClauses>& clauses_;
};

bool IsByPosition(const duckdb::InsertStatement& insert);

}  // namespace tarn::engine::duck
