// One statement as a transaction where the user has none: what it takes several steps to do is
// committed together or not at all.
#pragma once

#include "duckdb/main/connection.hpp"

namespace tarn::engine::duck {

// Rolls back what it began unless Commit was called; within a transaction of the user's it does
// nothing.
class OwnTransaction {
public:
    explicit OwnTransaction(duckdb::Connection& connection);
    ~OwnTransaction();
    OwnTransaction(const OwnTransaction&) = delete;
    OwnTransaction& operator=(const OwnTransaction&) = delete;

    bool is_open() const { return is_open_; }
    void Commit();

private:
    duckdb::Connection& connection_;
    bool is_open_;
};

}  // namespace tarn::engine::duck
