#include "engine/duck/own_transaction.h"

#include <exception>

namespace tarn::engine::duck {

OwnTransaction::OwnTransaction(duckdb::Connection& connection)
    : connection_(connection), is_open_(connection.IsAutoCommit()) {
    if (is_open_) connection_.BeginTransaction();
}

OwnTransaction::~OwnTransaction() {
    if (!is_open_) return;
    try {
        connection_.Rollback();
    } catch (const std::exception&) {
        // DuckDB has rolled back already, with the error that is under way.
    }
}

void OwnTransaction::Commit() {
    if (!is_open_) return;
    is_open_ = false;
    connection_.Commit();
}

}  // namespace tarn::engine::duck
