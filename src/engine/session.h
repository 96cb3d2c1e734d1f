// The engine's face: SQL in, Arrow or text out. No DuckDB name stands here.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "engine/access_policy.h"
#include "engine/table_directory.h"
#include "sql/dialect.h"
#include "sql/splitter.h"
#include "storage/object_store.h"
#include "table/rows.h"
#include "table/snapshot.h"
#include "table/table_format.h"
#include "table/value.h"

namespace tarn::engine {

struct ColumnInfo {
    std::string name;
    std::string type;  // SQL type name: "INTEGER", "DECIMAL(10,2)", "STRUCT(a INTEGER)"
};

// The version of one table that a statement read or made.
struct TableVersionUse {
    TableName table;
    table::Version version;
    int64_t committed_ms = 0;
};

// What one scan of a table read.
struct TableScan {
    TableName table;
    std::vector<std::string> filters;  // columns that its conditions are on, fields behind dots
    uint64_t files_read = 0;
    uint64_t files_skipped = 0;
    uint64_t bytes = 0;       // how large the files are that were read
    uint64_t rows = 0;        // that came out, past the conditions that the scan itself holds
    uint64_t table_rows = 0;  // about so many rows has the table
    uint64_t row_groups_read = 0;
    uint64_t row_groups_skipped = 0;  // of the files that were read
    table::Version version;
};

struct StatementLineage;  // lineage.h
class AssumedTables;

// What a statement did; complete once its result was read to the end.
struct StatementStats {
    uint64_t rows_returned = 0;
    uint64_t rows_affected = 0;
    uint64_t files_read = 0;
    uint64_t files_skipped = 0;
    uint64_t files_written = 0;
    uint64_t row_groups_read = 0;
    uint64_t row_groups_skipped = 0;  // of the files that were read
    uint64_t bytes_read = 0;          // through the object store for tables' files
    uint64_t bytes_written = 0;
    uint64_t commit_attempts = 0;  // more than one: other commits came first
    uint64_t reruns = 0;           // of the whole statement, after conflicts
    double queue_ms = 0;
    double run_ms = 0;  // reruns and the pauses before them included
    std::vector<TableVersionUse> read;
    std::vector<TableVersionUse> written;
    std::vector<TableScan> scans;
    // Where its columns come from (EngineOptions::lineage); null: there are none, or nobody asks.
    std::shared_ptr<const StatementLineage> lineage;
};

// Rows as text: values are CAST(x AS VARCHAR), NULL is nothing.
using TextRow = std::vector<std::optional<std::string>>;

// A running statement's answer. Not thread-safe. Destroying it early stops the statement.
class Result {
public:
    virtual ~Result() = default;
    virtual const std::vector<ColumnInfo>& Columns() const = 0;
    // Does the statement give rows to a reader (SELECT, SHOW), or only a count (INSERT) or nothing
    // (CREATE).
    virtual bool HasRows() const = 0;
    // The next rows as Arrow; false at the end. A result is read either as Arrow or as text.
    virtual void GetArrowSchema(ArrowSchema* out) = 0;
    virtual bool NextArrow(ArrowArray* out) = 0;
    // Appends the next rows (some thousand) to `rows`; false at the end.
    virtual bool NextText(std::vector<TextRow>& rows) = 0;
    virtual const StatementStats& Stats() const = 0;
    // Words for the user beside the rows (a type was widened, an extension is built in).
    virtual const std::vector<std::string>& Notices() const = 0;
};

enum class InsertMode {
    kAppend,
    kOverwriteAll,         // the new rows replace all old ones, in one commit
    kOverwritePartitions,  // the new rows replace the partitions that they touch, in one commit
};

struct ExecuteOptions {
    // Values of $1, $2 ... (or ?); NULL as monostate.
    std::vector<table::Value> parameters;
    // Names that the statement can read like tables, each consumed at most once.
    std::vector<std::pair<std::string, table::RowSource*>> inputs;
    // For the commit that an INSERT, UPDATE, DELETE, MERGE or CREATE TABLE AS makes.
    std::optional<table::AppTransaction> transaction;
    // Further marks of the same commit: up to where the sources of the rows were read. Never a
    // reason to refuse.
    std::vector<table::AppTransaction> offsets;
    std::map<std::string, std::string> commit_info;
    InsertMode insert_mode = InsertMode::kAppend;
    // 0: no deadline. Past it: Timeout.
    int64_t timeout_ms = 0;
    // OPTIMIZE and REORG write about so many bytes again, and leave the rest; 0: all.
    uint64_t most_rewritten_bytes = 0;
    // The statement's lineage is read, whatever the engine's options say.
    bool wants_lineage = false;
    // For the history of statements: what part of the lake runs it ("silver.orders"), and how long
    // it waited before.
    std::string node;
    double queue_ms = 0;
};

// One user's connection: settings, temporary objects, at most one open transaction. One thread at a
// time, but for Cancel and Progress, which any thread may call.
class Session {
public:
    virtual ~Session() = default;

    // Runs one statement (without its `;`). Errors carry line and column of the statement's own
    // text. A statement that commits by itself and meets another writer's commit is run again, on
    // what that left, within a bound; Conflict behind it, in a transaction of the user, and where
    // `inputs` were consumed.
    virtual std::unique_ptr<Result> Execute(const sql::Statement& statement,
                                            const ExecuteOptions& options) = 0;
    std::unique_ptr<Result> Execute(std::string_view text, const ExecuteOptions& options = {});
    // Runs and reads to the end.
    StatementStats Run(std::string_view text, const ExecuteOptions& options = {});
    // All rows as text; LimitExceeded beyond max_rows.
    std::vector<TextRow> Query(std::string_view text, const ExecuteOptions& options = {},
                               size_t max_rows = 100'000);

    // The table as this session sees it now (in a transaction: its own snapshot). NotFound.
    virtual table::SnapshotPtr Snapshot(const TableName& name) = 0;
    // "events", "silver.events", "lake.silver.events" (quotes allowed) to schema and name.
    // InvalidInput.
    virtual TableName ResolveName(std::string_view text) = 0;

    // What a SELECT would come from, read from its bound plan with these tables taken for there;
    // nothing runs, and no rule is asked but who may read. The answer has columns also where it
    // reads nothing. Errors as Execute has them.
    // Null from a session that reads no plans.
    virtual std::shared_ptr<const StatementLineage> LineageOf(std::string_view,
                                                              const AssumedTables&) {
        return nullptr;
    }

    // The setting `dialect`: how the next statement is read, and where it ends.
    virtual sql::Dialect Speaks() { return sql::Dialect::kTarn; }
    virtual void Cancel() = 0;
    // 0 to 1, or a negative number when unknown.
    virtual double Progress() = 0;
};

// Of which statements the lineage is read (StatementStats::lineage).
enum class LineageReading {
    kNone,
    kWrites,  // what makes or fills a table, a view or files
    kAll,     // and what only reads
};

struct EngineOptions {
    uint64_t memory_limit_bytes = 0;             // 0: three quarters of the machine's
    int threads = 0;                             // 0: all cores
    sql::Dialect dialect = sql::Dialect::kTarn;  // of new sessions
    std::string temp_folder;                     // where the engine spills; empty: no spilling
    // false behind a door: no file function, COPY, ATTACH, INSTALL, LOAD beyond `allowed_folders`;
    // settings locked.
    bool allow_external_access = true;
    std::vector<std::string> allowed_folders;
    LineageReading lineage = LineageReading::kNone;
};

class FlowRunner;
class QueryHistory;

// What the engine stands on; all of it outlives the engine.
struct EngineParts {
    storage::ObjectStore& store;
    TableDirectory& directory;
    AccessPolicy& policy;
    Clock& clock;
    Random& random;
    QueryHistory* history = nullptr;  // told of every statement; null: nobody is
    FlowRunner* flows = nullptr;      // null: AUTO CDC is Unsupported
};

// The embedded engine: one a process. Thread-safe.
class Engine {
public:
    static std::unique_ptr<Engine> Open(const EngineOptions& options, const EngineParts& parts);
    virtual ~Engine() = default;

    // Formats are added after opening, as they themselves need ParquetFiles of the engine.
    virtual table::ParquetFiles& Parquet() = 0;
    virtual void AddFormat(table::TableFormat& format) = 0;
    virtual std::unique_ptr<Session> Connect(const Principal& principal) = 0;
};

}  // namespace tarn::engine
