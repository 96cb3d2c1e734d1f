// The expressions that a table's metadata keeps (checks, generated columns, defaults), in Spark's
// spelling, as expressions of the engine that give Spark's results.
#pragma once

#include <string>

#include "duckdb/main/client_context.hpp"
#include "duckdb/parser/column_list.hpp"
#include "duckdb/planner/expression.hpp"
#include "engine/table_directory.h"
#include "table/type.h"

namespace tarn::engine::duck {

// What an expression belongs to, for messages: "the CHECK constraint positive", and where to go.
struct RulePlace {
    const TableName& table;
    std::string what;
    std::string remedy;
};

// The columns as the binder knows them.
duckdb::ColumnList ColumnsOf(const table::Schema& schema);

// Bound to a row of the columns (BoundReferenceExpression by position) and cast to the type.
// Unsupported, naming the place, for what cannot be evaluated as Spark would; InvalidInput for a
// column or type that does not fit.
duckdb::unique_ptr<duckdb::Expression> BindRule(duckdb::ClientContext& client,
                                                const RulePlace& place,
                                                const duckdb::ColumnList& columns,
                                                const std::string& spark_text,
                                                const duckdb::LogicalType& type);

// Does it give the same value for the same row at each evaluation. That a call may fail (modulo by
// zero) makes it no other.
bool IsConsistent(const duckdb::Expression& bound);

// A default as the binder takes it. One that cannot be evaluated fails when it is used, so that the
// table is still read.
duckdb::unique_ptr<duckdb::ParsedExpression> ParseDefault(const RulePlace& place,
                                                          const std::string& spark_text);
// An expression that fails with the message when it is evaluated.
duckdb::unique_ptr<duckdb::ParsedExpression> FailingExpression(const std::string& message);

}  // namespace tarn::engine::duck
