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

// What a commit survives: a crash of the machine, or only the end of the process (then the last
// commits before such a crash may be lost, and none is torn).
enum class Durability { kMachine, kProcess };

class SqliteDatabase final : public Connection {
public:
    // NotFound unless the file exists or `create` is set. LimitExceeded when the disk has no room
    // for the index that SQLite shares between processes (<path>-shm): even reading needs it.
    SqliteDatabase(const std::string& path, bool create, int busy_timeout_ms,
                   Durability durability = Durability::kMachine);
    // What is committed in the file and in its log, copied into memory under a lock that keeps
    // every other process out: needs no room on the disk, and leaves the file and its log as they
    // are. Unavailable, at once, while another process has the file open.
    static std::unique_ptr<SqliteDatabase> CopyIntoMemory(const std::string& path);
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

    SqliteDatabase(const std::string& path, const std::string& opened, int flags,
                   int busy_timeout_ms);

    void KeepLogOnClose();
    void Close();
    sqlite3_stmt* Prepare(std::string_view sql);
    void Bind(sqlite3_stmt* statement, const Cells& parameters);
    [[noreturn]] void Throw(int code, std::string_view doing);

    const std::string path_;  // as errors name it
    sqlite3* handle_ = nullptr;
    std::map<std::string, Prepared, std::less<>> prepared_;  // one for each text in our sources
};

}  // namespace tarn::catalog
