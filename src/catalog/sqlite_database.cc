#include "catalog/sqlite_database.h"

#include <sqlite3.h>

#include "base/check.h"
#include "base/error.h"

namespace tarn::catalog {

namespace {

ErrorKind KindOf(int code) {
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

SqliteDatabase::SqliteDatabase(const std::string& path, bool create, int busy_timeout_ms)
    : path_(path) {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code =
        sqlite3_open_v2(path.c_str(), &handle_, flags | (create ? SQLITE_OPEN_CREATE : 0), nullptr);
    try {
        if (code != SQLITE_OK) Throw(code, "opening it");
        sqlite3_busy_timeout(handle_, busy_timeout_ms);
        Query("PRAGMA foreign_keys = ON");
        // A commit survives a crash of the machine: a table exists when its row does.
        Query("PRAGMA synchronous = FULL");
    } catch (const Error&) {
        prepared_.clear();
        sqlite3_close(handle_);
        throw;
    }
}

SqliteDatabase::~SqliteDatabase() {
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
    const ErrorKind kind = KindOf(code);
    const char* words = handle_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle_);
    std::string remedy;
    if (kind == ErrorKind::kUnavailable) remedy = "; another process may be writing: try again";
    if (kind == ErrorKind::kCorrupt)
        remedy = "; put back a copy of it, tables themselves are not touched";
    throw Error(kind, "the catalog {} cannot be used: {}{}", path_, words, remedy)
        .With("sqlite", sqlite3_errstr(code))
        .With("doing", std::string(doing.substr(0, 60)));
}

}  // namespace tarn::catalog
