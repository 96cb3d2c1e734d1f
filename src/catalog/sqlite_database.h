// One SQLite connection with its prepared statements; SQLite's codes become tarn::Error. Not
// thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "catalog/store.h"

struct sqlite3;
struct sqlite3_stmt;

namespace tarn::catalog {

class SqliteDatabase final : public Connection {
public:
    // NotFound unless the file exists or `create` is set.
    SqliteDatabase(const std::string& path, bool create, int busy_timeout_ms);
    ~SqliteDatabase() override;
    SqliteDatabase(const SqliteDatabase&) = delete;
    SqliteDatabase& operator=(const SqliteDatabase&) = delete;

    std::vector<Cells> Query(std::string_view sql, const Cells& parameters = {}) override;
    int64_t Execute(std::string_view sql, const Cells& parameters = {}) override;
    int64_t LastInsertKey() override;

private:
    struct Finalizer {
        void operator()(sqlite3_stmt* statement) const;
    };
    using Prepared = std::unique_ptr<sqlite3_stmt, Finalizer>;

    sqlite3_stmt* Prepare(std::string_view sql);
    void Bind(sqlite3_stmt* statement, const Cells& parameters);
    [[noreturn]] void Throw(int code, std::string_view doing);

    const std::string path_;
    sqlite3* handle_ = nullptr;
    std::map<std::string, Prepared, std::less<>> prepared_;  // one for each text in our sources
};

}  // namespace tarn::catalog
