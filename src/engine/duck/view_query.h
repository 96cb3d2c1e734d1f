// The SELECT of a view, parsed for use inside other statements.
#pragma once

#include <string>

#include "duckdb/parser/statement/select_statement.hpp"

namespace tarn::engine::duck {

// Without places: they would count in the view's text, and be shown in that of the statement that
// reads the view.
duckdb::unique_ptr<duckdb::SelectStatement> ParseViewQuery(const std::string& sql);

}  // namespace tarn::engine::duck
