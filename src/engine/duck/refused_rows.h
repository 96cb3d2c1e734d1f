// Why the engine could not bind a statement that writes: what its rows have that the table lacks,
// or the other way round, in words that name table, column, type and remedy.
#pragma once

#include <optional>

#include "base/error.h"
#include "engine/duck/statement_rows.h"

namespace tarn::engine::duck {

// Nothing when the columns are not the reason, or when the statement does not write a table of the
// lake. Binds the parts of the statement anew: for failures only.
std::optional<Error> WhyRefused(duckdb::ClientContext& client,
                                const duckdb::SQLStatement& statement, const StatementRows& rows);

}  // namespace tarn::engine::duck
