#include "catalog/query_log.h"

#include <limits>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "catalog/lineage_log.h"
#include "catalog/ops_rows.h"
#include "catalog/store.h"

namespace tarn::catalog {

namespace {

constexpr int64_t kRowsBetweenCleanings = 1000;
constexpr double kMicrosPerMs = 1000;

int64_t Count(uint64_t count) { return static_cast<int64_t>(count); }

std::string_view NameOf(engine::QueryOutcome outcome) {
    switch (outcome) {
        case engine::QueryOutcome::kSucceeded:
            return "succeeded";
        case engine::QueryOutcome::kFailed:
            return "failed";
        case engine::QueryOutcome::kCancelled:
            break;
    }
    return "cancelled";
}

// {"main.t": 4}
std::string VersionsText(const std::vector<engine::TableVersionUse>& uses) {
    nlohmann::json versions = nlohmann::json::object();
    for (const auto& use : uses) versions[use.table.ToString()] = use.version.number;
    return versions.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string ScansText(const std::vector<engine::TableScan>& scans) {
    nlohmann::json list = nlohmann::json::array();
    for (const engine::TableScan& scan : scans) {
        if (list.size() == QueryLog::kMostScans) break;
        list.push_back({{"table", scan.table.ToString()},
                        {"filters", scan.filters},
                        {"files_read", scan.files_read},
                        {"files_skipped", scan.files_skipped},
                        {"bytes", scan.bytes},
                        {"rows", scan.rows},
                        {"table_rows", scan.table_rows}});
    }
    return list.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// What a statement ends with, as ?1 to ?16 in the order of kEndColumns; `further` stands behind it.
constexpr const char* kEndColumns =
    "state, finished_us, total_us, rows_returned, rows_affected, bytes_scanned, files_read, "
    "files_skipped, files_written, bytes_written, reruns, read_versions, written_versions, scans, "
    "error_kind, error_message";
constexpr const char* kEndParameters =
    "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16";

const std::string& UpdateSql() {
    static const std::string sql = fmt::format("UPDATE queries SET ({}) = ({}) WHERE number = ?17",
                                               kEndColumns, kEndParameters);
    return sql;
}

const std::string& InsertSql() {
    static const std::string sql = fmt::format(
        "INSERT INTO queries ({}, query_id, user_name, node, host, process, "
        "process_started, statement_type, statement, started_us, queue_us) VALUES ({}, "
        "?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26)",
        kEndColumns, kEndParameters);
    return sql;
}

Cells EndOf(const std::optional<engine::QueryEnd>& end, TimestampUs finished, DurationUs taken) {
    if (!end) {
        const Cell none;
        return {std::string("running"),
                none,
                none,
                none,
                none,
                none,
                none,
                none,
                none,
                none,
                none,
                std::string("{}"),
                std::string("{}"),
                std::string("[]"),
                std::string(),
                std::string()};
    }
    const engine::StatementStats& stats = end->stats;
    return {std::string(NameOf(end->outcome)),
            ToUnixUs(finished),
            taken.count(),
            Count(stats.rows_returned),
            Count(stats.rows_affected),
            Count(stats.bytes_read),
            Count(stats.files_read),
            Count(stats.files_skipped),
            Count(stats.files_written),
            Count(stats.bytes_written),
            Count(stats.reruns),
            VersionsText(stats.read),
            VersionsText(stats.written),
            ScansText(stats.scans),
            end->error_kind,
            std::string(CutText(end->error_message, QueryLog::kMaxMessageBytes))};
}

void AddScansOf(const std::string& text, const std::string& table,
                std::vector<engine::TableScan>& scans) {
    const auto list = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!list.is_array()) return;
    for (const auto& one : list) {
        const std::string name = one.value("table", "");
        if (!EqualsIgnoreCase(name, table)) continue;
        engine::TableScan scan;
        scan.filters = one.value("filters", std::vector<std::string>());
        scan.files_read = one.value("files_read", uint64_t{0});
        scan.files_skipped = one.value("files_skipped", uint64_t{0});
        scan.bytes = one.value("bytes", uint64_t{0});
        scan.rows = one.value("rows", uint64_t{0});
        scan.table_rows = one.value("table_rows", uint64_t{0});
        scans.push_back(std::move(scan));
    }
}

// What runs in a process that is gone will say no more.
void MarkDied(Connection& connection) {
    for (const Cells& row :
         connection.Query("SELECT DISTINCT host, process, process_started FROM queries"
                          " WHERE state = 'running'")) {
        const ProcessIdentity process{TextOf(row.at(0)), IntOf(row.at(1)), TextOf(row.at(2))};
        if (!process.IsGone() && !process.IsOfEarlierBoot()) continue;
        connection.Execute(
            "UPDATE queries SET state = 'died' WHERE state = 'running' AND host = ?1 AND process = "
            "?2 AND process_started = ?3",
            {process.host, process.process, process.started});
    }
}

bool IsThere(Store& store) { return store.ChangeCounter() != 0; }

}  // namespace

QueryLog::QueryLog(Store& store, Clock& clock, Random& random, int keep_days, LineageLog* lineage)
    : store_(store),
      clock_(clock),
      random_(random),
      keep_(std::chrono::hours(24) * keep_days),
      lineage_(lineage) {}

QueryLog::~QueryLog() {
    {
        const std::lock_guard lock(mutex_);
        is_ending_ = true;
        for (auto& [key, query] : queries_) {
            if (query.end) continue;
            query.end = engine::QueryEnd{engine::QueryOutcome::kCancelled, "", "", {}};
            query.finished = clock_.Now();
            query.taken = clock_.Monotonic() - query.since;
        }
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
    Flush();
}

int64_t QueryLog::Start(engine::QueryStart start) {
    const bool waits = start.only_reads;
    Query query;
    query.started = clock_.Now();
    query.since = clock_.Monotonic();
    query.id = NewUuid(clock_, random_);
    query.node = start.node;
    query.run_id = start.run_id;
    query.start = std::move(start);
    int64_t key = 0;
    bool is_full = false;
    {
        const std::lock_guard lock(mutex_);
        key = ++last_query_;
        queries_.emplace(key, std::move(query));
        is_full = ++waiting_ > kMostWaiting;
        if (!thread_.joinable()) thread_ = std::thread([this] { Work(); });
        if (waits && !std::exchange(has_work_, true)) wake_.notify_one();
    }
    if (!waits || is_full) Flush();
    return key;
}

void QueryLog::Finish(int64_t key, engine::QueryEnd end) {
    const std::lock_guard lock(mutex_);
    const auto found = queries_.find(key);
    if (found == queries_.end()) return;
    Query& query = found->second;
    if (!query.start) ++waiting_;
    query.end = std::move(end);
    query.finished = clock_.Now();
    query.taken = clock_.Monotonic() - query.since;
    if (!std::exchange(has_work_, true)) wake_.notify_one();
}

// What comes within a while is written together.
void QueryLog::Work() {
    std::unique_lock lock(mutex_);
    while (!is_ending_) {
        wake_.wait(lock, [this] { return has_work_ || is_ending_; });
        wake_.wait_for(lock, kLongestWait, [this] { return is_ending_; });
        has_work_ = false;
        if (is_ending_) return;
        lock.unlock();
        Flush();
        lock.lock();
    }
}

// A statement that ended goes with it; of one that runs on only its row is left to know.
std::map<int64_t, QueryLog::Query> QueryLog::TakeUnwritten() {
    const std::lock_guard lock(mutex_);
    std::map<int64_t, Query> taken;
    for (auto next = queries_.begin(); next != queries_.end();) {
        auto& [key, query] = *next;
        if (query.end) {
            taken.emplace(key, std::move(query));
            next = queries_.erase(next);
            continue;
        }
        if (query.start) {
            taken.emplace(key, query);
            query.start.reset();
        }
        ++next;
    }
    waiting_ = 0;
    return taken;
}

void QueryLog::ForgetBeyondLimit() {
    const std::lock_guard lock(mutex_);
    for (auto next = queries_.begin(); next != queries_.end() && queries_.size() > kMostWaiting;) {
        next = next->second.end ? queries_.erase(next) : std::next(next);
    }
    waiting_ = 0;
}

void QueryLog::Flush() {
    const std::lock_guard writing(writing_);
    try {
        // Where nothing was ever written, reading writes nothing: the first change makes the store,
        // and then what came before it is written, too.
        if (!IsThere(store_)) return ForgetBeyondLimit();
        std::map<int64_t, Query> queries = TakeUnwritten();
        if (queries.empty()) return;
        store_.Write([&](Connection& connection) { Write(connection, queries); });
        const std::lock_guard lock(mutex_);
        for (const auto& [key, query] : queries) {
            const auto found = queries_.find(key);
            if (found != queries_.end()) found->second.number = query.number;
        }
    } catch (const Error&) {
        // A full or foreign disk loses history, and fails no statement.
        was_cleaned_ = false;
    }
}

void QueryLog::Write(Connection& connection, std::map<int64_t, Query>& queries) {
    if (!was_cleaned_ || written_since_cleaning_ >= kRowsBetweenCleanings) Clean(connection);
    for (auto& [key, query] : queries) {
        if (query.number == 0 && query.start) {
            Insert(connection, query);
        } else if (query.number != 0) {
            Cells cells = EndOf(query.end, query.finished, query.taken);
            cells.emplace_back(query.number);
            connection.Execute(UpdateSql(), cells);
        }
        if (lineage_ == nullptr || !query.end || !query.end->stats.lineage) continue;
        if (query.end->outcome != engine::QueryOutcome::kSucceeded) continue;
        lineage_->Write(connection,
                        {query.node, query.run_id, query.id, *query.end->stats.lineage});
    }
}

void QueryLog::Insert(Connection& connection, Query& query) {
    Cells cells = EndOf(query.end, query.finished, query.taken);
    const engine::QueryStart& start = *query.start;
    for (Cell cell :
         std::initializer_list<Cell>{query.id, start.user, start.node, self_.host, self_.process,
                                     self_.started, start.type, start.text, ToUnixUs(query.started),
                                     static_cast<int64_t>(start.queue_ms * kMicrosPerMs)}) {
        cells.push_back(std::move(cell));
    }
    connection.Execute(InsertSql(), cells);
    query.number = connection.LastInsertKey();
    ++written_since_cleaning_;
}

// Numbers grow with time, so that the old rows are the first.
void QueryLog::Clean(Connection& connection) {
    was_cleaned_ = true;
    written_since_cleaning_ = 0;
    MarkDied(connection);
    connection.Execute("DELETE FROM queries WHERE number <= (SELECT max(number) FROM queries) - ?1",
                       {kMostRows});
    const auto kept = connection.Query(
        "SELECT number FROM queries WHERE started_us >= ?1 ORDER BY number LIMIT 1",
        {ToUnixUs(clock_.Now() - keep_)});
    if (kept.empty()) {
        connection.Execute("DELETE FROM queries WHERE state <> 'running'");
        return;
    }
    connection.Execute("DELETE FROM queries WHERE number < ?1 AND state <> 'running'",
                       {kept.front().front()});
}

std::vector<engine::TableScan> QueryLog::Scans(const engine::TableName& table, size_t limit) {
    Flush();
    std::vector<engine::TableScan> scans;
    store_.Read([&](Connection& connection) {
        constexpr int64_t kPageRows = 1000;
        int64_t before = std::numeric_limits<int64_t>::max();
        while (scans.size() < limit) {
            const auto rows = connection.Query(
                "SELECT number, scans FROM queries WHERE number < ?1 AND scans <> '[]' AND state = "
                "'succeeded' ORDER BY number DESC LIMIT ?2",
                {before, kPageRows});
            if (rows.empty()) break;
            for (const Cells& row : rows) AddScansOf(TextOf(row.at(1)), table.ToString(), scans);
            before = IntOf(rows.back().front());
        }
    });
    if (scans.size() > limit) scans.resize(limit);
    for (engine::TableScan& scan : scans) scan.table = table;
    return scans;
}

std::unique_ptr<table::RowSource> QueryLog::OpenQueries() {
    Flush();
    try {
        if (IsThere(store_)) store_.Write([](Connection& connection) { MarkDied(connection); });
    } catch (const Error&) {
        // They show as running where nothing can be written.
        was_cleaned_ = false;
    }
    return OpenQueryRows(store_);
}

}  // namespace tarn::catalog
