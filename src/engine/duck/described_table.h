// DESCRIBE of a table of the lake says what its columns' comments are, which the engine's own
// leaves out; in Spark's dialect all of DESCRIBE answers as Spark does.
#pragma once

#include "duckdb/main/client_context.hpp"
#include "duckdb/parser/sql_statement.hpp"

namespace tarn::engine::duck {

// Adds a column `comment` to the answer of DESCRIBE name; any other statement stays as it is.
void AddComments(duckdb::ClientContext& client,
                 duckdb::unique_ptr<duckdb::SQLStatement>& statement);
// DESCRIBE of a table, a view or a query becomes a query for lines of col_name, data_type and
// comment; any other statement stays as it is.
void DescribeAsSpark(duckdb::ClientContext& client,
                     duckdb::unique_ptr<duckdb::SQLStatement>& statement);

}  // namespace tarn::engine::duck
