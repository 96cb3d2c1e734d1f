// Runs a statement of DuckDB until its result can be fetched. DuckDB's own way asks for work again
// and again while other threads have all that is left, which takes a core from them; here the
// thread soon sleeps in between. Any thread that owns the connection.
#pragma once

#include "duckdb.hpp"

namespace tarn::engine::duck {

// Of a pending result without an error. What fails is the error of the result, as with Execute().
// `helped`: tasks that the thread takes over meanwhile, whosever they are; for a statement that
// starts others, which would else have one thread less.
duckdb::unique_ptr<duckdb::QueryResult> RunToEnd(duckdb::PendingQueryResult& pending,
                                                 duckdb::TaskScheduler* helped = nullptr);

// The same of a statement's text; a failure is the error of the result.
duckdb::unique_ptr<duckdb::QueryResult> RunToEnd(duckdb::Connection& connection,
                                                 const std::string& text);

}  // namespace tarn::engine::duck
