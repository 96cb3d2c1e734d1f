#include "catalog/sqlite_store.h"

#include <filesystem>

#include <unistd.h>

#include "base/error.h"
#include "catalog/state_folder.h"

namespace tarn::catalog {

namespace {

// Processes that copy the file at once stand in each other's way: each tries again after a while of
// its own.
constexpr int kCopyAttempts = 200;
constexpr uint64_t kCopyPauseMs = 50;

constexpr const char* kSchemaNumber = "SELECT schema_number FROM state";

int64_t SchemaNumber(Connection& connection) {
    const auto there = connection.Query("SELECT count(*) FROM sqlite_master WHERE name = 'state'");
    if (IntOf(there.at(0).at(0)) == 0) return 0;
    return IntOf(connection.Query(kSchemaNumber).at(0).at(0));
}

void RunMigrations(Connection& connection, const std::vector<Migration>& migrations, int64_t from) {
    for (size_t i = static_cast<size_t>(from); i < migrations.size(); ++i) {
        for (const std::string_view statement : migrations[i]) connection.Execute(statement);
    }
    connection.Execute("UPDATE state SET schema_number = ?1",
                       {static_cast<int64_t>(migrations.size())});
}

std::string LakeOf(const std::string& path) {
    return std::filesystem::path(path).parent_path().parent_path().string();
}

}  // namespace

SqliteStore::SqliteStore(std::string path, std::vector<Migration> migrations, Clock& clock,
                         Random& random, Durability durability)
    : path_(std::move(path)),
      migrations_(std::move(migrations)),
      clock_(clock),
      random_(random),
      durability_(durability) {}

SqliteStore::~SqliteStore() = default;

bool SqliteStore::Read(const Work& work) {
    const std::lock_guard lock(mutex_);
    if (!OpenForReading()) return false;
    InTransaction("BEGIN", work);
    return true;
}

void SqliteStore::Write(const Work& work) {
    const std::lock_guard lock(mutex_);
    if (!OpenIfThere()) {
        MakeFile();
        OpenIfThere();
    }
    counter_known_ = false;
    InTransaction("BEGIN IMMEDIATE", work);
}

uint64_t SqliteStore::ChangeCounter() {
    const std::lock_guard lock(mutex_);
    if (!OpenForReading()) return 0;
    // The order matters: a write between the two queries only makes the next call look again.
    const int64_t data_version = IntOf(database_->Query("PRAGMA data_version").at(0).at(0));
    if (!counter_known_ || data_version != data_version_) {
        counter_ = static_cast<uint64_t>(
            IntOf(database_->Query("SELECT change_counter FROM state").at(0).at(0)));
        data_version_ = data_version;
        counter_known_ = true;
    }
    return counter_;
}

void SqliteStore::InTransaction(const char* begin, const Work& work) {
    database_->Execute(begin);
    try {
        work(*database_);
        database_->Execute("COMMIT");
    } catch (const std::exception&) {
        try {
            database_->Execute("ROLLBACK");
        } catch (const Error&) {
            // SQLite has rolled back by itself (disk full, I/O error); a new connection starts
            // clean.
            database_.reset();
        }
        throw;
    }
}

bool SqliteStore::OpenIfThere() {
    if (database_ && !is_copy_) return true;
    database_.reset();
    is_copy_ = false;
    counter_known_ = false;
    if (!std::filesystem::exists(path_)) return false;
    RefuseNetworkFileSystem(std::filesystem::path(path_).parent_path().string());
    database_ =
        std::make_unique<SqliteDatabase>(path_, /*create=*/false, kBusyTimeoutMs, durability_);
    Prepare();
    return true;
}

// A full disk takes no write, but what is committed stays readable.
bool SqliteStore::OpenForReading() {
    for (int attempt = 1;; ++attempt) {
        try {
            return OpenIfThere();
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::kLimitExceeded) throw;
        }
        try {
            database_ = SqliteDatabase::CopyIntoMemory(path_);
            break;
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::kUnavailable || attempt == kCopyAttempts) throw;
        }
        clock_.Sleep(std::chrono::milliseconds(1 + random_.Below(kCopyPauseMs)));
    }
    is_copy_ = true;
    Prepare();
    return true;
}

void SqliteStore::Prepare() {
    try {
        Migrate();
        FollowLake();
    } catch (const Error&) {
        database_.reset();
        throw;
    }
}

// The file gets its name only when it is whole: no process ever sees one that is being made.
void SqliteStore::MakeFile() {
    MakeStateFolder(std::filesystem::path(path_).parent_path().string());
    const std::string prepared = path_ + "." + std::to_string(getpid()) + ".new";
    std::filesystem::remove(prepared);
    {
        SqliteDatabase database(prepared, /*create=*/true, kBusyTimeoutMs);
        database.Query("PRAGMA journal_mode = WAL");
        database.Execute("BEGIN IMMEDIATE");
        RunMigrations(database, migrations_, 0);
        database.Execute("UPDATE state SET root = ?1", {LakeOf(path_)});
        database.Execute("COMMIT");
    }
    PublishFile(prepared, path_);
}

void SqliteStore::Migrate() {
    const auto newest = static_cast<int64_t>(migrations_.size());
    const int64_t number = SchemaNumber(*database_);
    if (number == newest) return;
    if (number == 0) throw Error(ErrorKind::kCorrupt, "{} is not a catalog of Tarn", path_);
    if (number > newest) {
        throw Error(ErrorKind::kUnsupported,
                    "{} was written by a newer Tarn (schema number {}, this one knows {}): upgrade "
                    "this Tarn",
                    path_, number, newest);
    }
    const std::string copy = path_ + ".schema-" + std::to_string(number);
    if (!is_copy_ && !std::filesystem::exists(copy)) {
        const std::string prepared = copy + "." + std::to_string(getpid()) + ".new";
        std::filesystem::remove(prepared);
        database_->Query("VACUUM INTO ?1", {prepared});
        PublishFile(prepared, copy);
    }
    InTransaction("BEGIN IMMEDIATE", [&](Connection& connection) {
        // Another process may have migrated since we looked.
        const int64_t now = SchemaNumber(connection);
        if (now < newest) RunMigrations(connection, migrations_, now);
    });
}

// A lake that was moved or copied takes its managed tables with it: a copy must never read or write
// the tables of the lake it was copied from. Tables outside the lake's folder stay where they are.
void SqliteStore::FollowLake() {
    const std::string root = LakeOf(path_);
    const auto recorded = [](Connection& connection) {
        return TextOf(connection.Query("SELECT root FROM state").at(0).at(0));
    };
    if (recorded(*database_) == root) return;
    InTransaction("BEGIN IMMEDIATE", [&](Connection& connection) {
        const std::string old = recorded(connection);
        if (!old.empty() && old != root) {
            for (const char* move :
                 {"UPDATE entries SET location = ?1 || substr(location, length(?2) + 1)"
                  " WHERE managed = 1 AND substr(location, 1, length(?2) + 1) = ?2 || '/'",
                  "UPDATE tombstones SET location = ?1 || substr(location, length(?2) + 1)"
                  " WHERE substr(location, 1, length(?2) + 1) = ?2 || '/'"}) {
                connection.Execute(move, {root, old});
            }
        }
        connection.Execute("UPDATE state SET root = ?1, change_counter = change_counter + 1",
                           {root});
    });
}

}  // namespace tarn::catalog
