#include "catalog/sqlite_database.h"

#include <cerrno>

#include <sqlite3.h>

#include "base/check.h"
#include "base/error.h"

namespace tarn::catalog {

namespace {

// Of the log before it is moved into the file: what the next process to open it reads at most.
constexpr int kMostLogPages = 256;

ErrorKind KindOf(int code, int system_errno) {
    // SQLite says "I/O error" where the disk is too full for a file beside the database.
    const bool is_of_system = (code & 0xFF) == SQLITE_IOERR || (code & 0xFF) == SQLITE_CANTOPEN;
    if (code == SQLITE_IOERR_SHMSIZE ||
        (is_of_system && (system_errno == ENOSPC || system_errno == EDQUOT))) {
        return ErrorKind::kLimitExceeded;
    }
    switch (code & 0xFF) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_IOERR:
        case SQLITE_PROTOCOL:
            return ErrorKind::kUnavailable;
        case SQLITE_CANTOPEN:
            return ErrorKind::kNotFound;
        case SQLITE_FULL:
        case SQLITE_TOOBIG:
        case SQLITE_NOMEM:
            return ErrorKind::kLimitExceeded;
        case SQLITE_PERM:
        case SQLITE_READONLY:
        case SQLITE_AUTH:
            return ErrorKind::kPermissionDenied;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return ErrorKind::kCorrupt;
        default:
            return ErrorKind::kInternal;
    }
}

std::string_view RemedyOf(ErrorKind kind, int code) {
    switch (kind) {
        case ErrorKind::kUnavailable:
            return "; another process may be writing: try again";
        case ErrorKind::kCorrupt:
            return "; put back a copy of it, tables themselves are not touched";
        case ErrorKind::kLimitExceeded:
            if ((code & 0xFF) == SQLITE_TOOBIG || (code & 0xFF) == SQLITE_NOMEM) return "";
            return "; make room and run it again: all that was committed is there";
        default:
            return "";
    }
}

// Puts the statement back for its next use, whatever happens between.
class Resetting {
public:
    explicit Resetting(sqlite3_stmt* statement) : statement_(statement) {}
    ~Resetting() {
        sqlite3_reset(statement_);
        sqlite3_clear_bindings(statement_);
    }
    Resetting(const Resetting&) = delete;
    Resetting& operator=(const Resetting&) = delete;

private:
    sqlite3_stmt* statement_;
};

Cell CellAt(sqlite3_stmt* statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
        case SQLITE_NULL:
            return std::monostate();
        case SQLITE_INTEGER:
            return static_cast<int64_t>(sqlite3_column_int64(statement, column));
        default: {
            const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
            const auto size = static_cast<size_t>(sqlite3_column_bytes(statement, column));
            return bytes == nullptr ? std::string() : std::string(bytes, size);
        }
    }
}

}  // namespace

void SqliteDatabase::Finalizer::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

SqliteDatabase::SqliteDatabase(const std::string& path, const std::string& opened, int flags,
                               int busy_timeout_ms)
    : path_(path) {
    const int code = sqlite3_open_v2(
        opened.c_str(), &handle_,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | flags, nullptr);
    try {
        if (code != SQLITE_OK) Throw(code, "opening it");
        sqlite3_busy_timeout(handle_, busy_timeout_ms);
        Query("PRAGMA foreign_keys = ON");
    } catch (const Error&) {
        Close();
        throw;
    }
}

SqliteDatabase::SqliteDatabase(const std::string& path, bool create, int busy_timeout_ms,
                               Durability durability)
    : SqliteDatabase(path, path, create ? SQLITE_OPEN_CREATE : 0, busy_timeout_ms) {
    Query(durability == Durability::kMachine ? "PRAGMA synchronous = FULL"
                                             : "PRAGMA synchronous = NORMAL");
    // One that is being made is published without its log.
    if (!create) KeepLogOnClose();
}

// SQLite moves the log into the file when the last connection closes, and waits for the disk five
// times. The log is as safe as the file: whoever opens it next reads it on from there, and what a
// commit waited for is on the disk. It is moved when it has grown.
void SqliteDatabase::KeepLogOnClose() {
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_wal_autocheckpoint(handle_, kMostLogPages);
}

std::unique_ptr<SqliteDatabase> SqliteDatabase::CopyIntoMemory(const std::string& path) {
    // Waiting for the lock would keep a lesser one, which another copier waits for.
    SqliteDatabase file(path, path, 0, /*busy_timeout_ms=*/0);
    // Set before the first read, this keeps the index of the log in this process's memory.
    file.Query("PRAGMA locking_mode = EXCLUSIVE");
    sqlite3_db_config(file.handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    file.Query("SELECT count(*) FROM sqlite_master");
    std::unique_ptr<SqliteDatabase> copy(
        new SqliteDatabase(path, ":memory:", SQLITE_OPEN_MEMORY, /*busy_timeout_ms=*/0));
    sqlite3_backup* backup = sqlite3_backup_init(copy->handle_, "main", file.handle_, "main");
    if (backup == nullptr) copy->Throw(sqlite3_errcode(copy->handle_), "copying it");
    sqlite3_backup_step(backup, /*nPage=*/-1);
    const int code = sqlite3_backup_finish(backup);
    if (code != SQLITE_OK) copy->Throw(code, "copying it");
    return copy;
}

SqliteDatabase::~SqliteDatabase() { Close(); }

void SqliteDatabase::Close() {
    prepared_.clear();
    sqlite3_close(handle_);
}

sqlite3_stmt* SqliteDatabase::Prepare(std::string_view sql) {
    const auto found = prepared_.find(sql);
    if (found != prepared_.end()) return found->second.get();
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) Throw(code, sql);
    prepared_.emplace(std::string(sql), Prepared(statement));
    return statement;
}

void SqliteDatabase::Bind(sqlite3_stmt* statement, const Cells& parameters) {
    Check(sqlite3_bind_parameter_count(statement) == static_cast<int>(parameters.size()),
          "a catalog statement was given the wrong number of parameters");
    for (size_t i = 0; i < parameters.size(); ++i) {
        const int index = static_cast<int>(i) + 1;
        int code = SQLITE_OK;
        if (const auto* number = std::get_if<int64_t>(&parameters[i])) {
            code = sqlite3_bind_int64(statement, index, *number);
        } else if (const auto* text = std::get_if<std::string>(&parameters[i])) {
            code = sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC,
                                       SQLITE_UTF8);
        } else {
            code = sqlite3_bind_null(statement, index);
        }
        if (code != SQLITE_OK) Throw(code, "binding a value");
    }
}

std::vector<Cells> SqliteDatabase::Query(std::string_view sql, const Cells& parameters) {
    sqlite3_stmt* statement = Prepare(sql);
    const Resetting resetting(statement);
    Bind(statement, parameters);
    std::vector<Cells> rows;
    int code = sqlite3_step(statement);
    for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
        Cells row;
        const int columns = sqlite3_column_count(statement);
        row.reserve(static_cast<size_t>(columns));
        for (int i = 0; i < columns; ++i) row.push_back(CellAt(statement, i));
        rows.push_back(std::move(row));
    }
    if (code != SQLITE_DONE) Throw(code, sql);
    return rows;
}

int64_t SqliteDatabase::Execute(std::string_view sql, const Cells& parameters) {
    Query(sql, parameters);
    return sqlite3_changes64(handle_);
}

int64_t SqliteDatabase::LastInsertKey() { return sqlite3_last_insert_rowid(handle_); }

void SqliteDatabase::Throw(int code, std::string_view doing) {
    const ErrorKind kind = KindOf(code, handle_ == nullptr ? 0 : sqlite3_system_errno(handle_));
    const char* words = handle_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle_);
    if (code == SQLITE_IOERR_SHMSIZE) words = "no space is left on its disk";
    throw Error(kind, "the catalog {} cannot be used: {}{}", path_, words, RemedyOf(kind, code))
        .With("sqlite", sqlite3_errstr(code))
        .With("doing", std::string(doing.substr(0, 60)));
}

}  // namespace tarn::catalog
