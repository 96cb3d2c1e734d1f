#include "catalog/run_log.h"

#include <array>
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "catalog/ops_rows.h"
#include "catalog/store.h"

namespace tarn::catalog {

namespace {

constexpr std::array<std::string_view, 5> kKinds{"ingest", "model", "test", "replay", "discard"};
constexpr std::array<std::string_view, 5> kStates{"running", "succeeded", "failed", "skipped",
                                                  "cancelled"};

template <typename Enum, size_t N>
Enum ValueOf(const std::array<std::string_view, N>& names, const std::string& name) {
    for (size_t i = 0; i < N; ++i) {
        if (names[i] == name) return static_cast<Enum>(i);
    }
    throw Error(ErrorKind::kCorrupt, "the run log holds the unknown word `{}`", name);
}

TimestampUs TimeOf(const Cell& cell) { return TimestampUs(DurationUs(IntOf(cell))); }
Cell OptionalInt(const std::optional<int64_t>& value) { return value ? Cell(*value) : Cell(); }

std::string VersionsText(const std::map<std::string, int64_t>& versions) {
    return nlohmann::json(versions).dump();
}

constexpr std::string_view kRunColumns =
    "number, run_id, build_id, node, kind, state, started_us, finished_us, idempotency_key, "
    "source_versions, target,"
    " target_version, rows_in, rows_written, rows_dropped, rows_quarantined, rows_duplicate, "
    "files_written,"
    " bytes_written, error_kind, error_message, lag_us, service_level_met, refresh";

RunRecord RunOf(const Cells& row) {
    RunRecord run;
    run.number = IntOf(row.at(0));
    run.run_id = TextOf(row.at(1));
    run.build_id = TextOf(row.at(2));
    run.node = TextOf(row.at(3));
    run.kind = ValueOf<RunKind>(kKinds, TextOf(row.at(4)));
    run.state = ValueOf<RunState>(kStates, TextOf(row.at(5)));
    run.started = TimeOf(row.at(6));
    if (row.at(7).index() != 0) run.finished = TimeOf(row.at(7));
    run.idempotency_key = TextOf(row.at(8));
    run.source_versions =
        nlohmann::json::parse(TextOf(row.at(9))).get<std::map<std::string, int64_t>>();
    run.target = TextOf(row.at(10));
    if (row.at(11).index() != 0) run.target_version = IntOf(row.at(11));
    run.rows_in = IntOf(row.at(12));
    run.rows_written = IntOf(row.at(13));
    run.rows_dropped = IntOf(row.at(14));
    run.rows_quarantined = IntOf(row.at(15));
    run.rows_duplicate = IntOf(row.at(16));
    run.files_written = IntOf(row.at(17));
    run.bytes_written = IntOf(row.at(18));
    run.error_kind = TextOf(row.at(19));
    run.error_message = TextOf(row.at(20));
    if (row.at(21).index() != 0) run.lag = DurationUs(IntOf(row.at(21)));
    if (row.at(22).index() != 0) run.service_level_met = IntOf(row.at(22)) != 0;
    run.refresh = TextOf(row.at(23));
    return run;
}

constexpr std::string_view kQualityColumns =
    "run_number, node, rule, action, severity, rows_checked, rows_failed, passed, sample, "
    "table_name, column_name, threshold, value, versions, measure";
// Of rows that were not counted, where older Tarns had a number always.
constexpr int64_t kNotCounted = -1;

// A number of the store, which has texts and whole numbers alone.
double NumberOf(const Cell& cell) { return std::strtod(TextOf(cell).c_str(), nullptr); }

QualityRecord CheckOf(const Cells& row) {
    QualityRecord check;
    check.run_number = IntOf(row.at(0));
    check.node = TextOf(row.at(1));
    check.rule = TextOf(row.at(2));
    check.action = TextOf(row.at(3));
    check.severity = TextOf(row.at(4));
    check.rows_checked = IntOf(row.at(5));
    if (check.rows_checked == kNotCounted) check.rows_checked.reset();
    check.rows_failed = IntOf(row.at(6));
    check.passed = IntOf(row.at(7)) != 0;
    check.sample = TextOf(row.at(8));
    check.table = TextOf(row.at(9));
    check.column = TextOf(row.at(10));
    check.threshold = TextOf(row.at(11));
    if (row.at(12).index() != 0) check.value = NumberOf(row.at(12));
    check.versions =
        nlohmann::json::parse(TextOf(row.at(13))).get<std::map<std::string, int64_t>>();
    check.measure = TextOf(row.at(14));
    return check;
}

std::vector<RunRecord> SelectRuns(Store& store, const std::string& tail, const Cells& parameters) {
    std::vector<RunRecord> runs;
    store.Read([&](Connection& connection) {
        const std::string sql = "SELECT " + std::string(kRunColumns) + " FROM runs " + tail;
        for (const Cells& row : connection.Query(sql, parameters)) runs.push_back(RunOf(row));
    });
    return runs;
}

// What a run ends with, as ?1 to ?19 in the order of kOutcomeColumns; `further` stands behind it.
constexpr const char* kOutcomeColumns =
    "state, finished_us, idempotency_key, source_versions, target, target_version, rows_in, "
    "rows_written, rows_dropped, rows_quarantined, rows_duplicate, files_written, bytes_written, "
    "error_kind, error_message, build_id, lag_us, service_level_met, refresh";
constexpr const char* kOutcomeParameters =
    "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19";

Cells OutcomeOf(const RunRecord& run, const Cells& further) {
    Cells cells{std::string(NameOf(run.state)),
                run.finished ? Cell(ToUnixUs(*run.finished)) : Cell(),
                run.idempotency_key,
                VersionsText(run.source_versions),
                run.target,
                OptionalInt(run.target_version),
                run.rows_in,
                run.rows_written,
                run.rows_dropped,
                run.rows_quarantined,
                run.rows_duplicate,
                run.files_written,
                run.bytes_written,
                run.error_kind,
                std::string(CutText(run.error_message, RunLog::kMaxMessageBytes)),
                run.build_id,
                run.lag ? Cell(run.lag->count()) : Cell(),
                run.service_level_met ? Cell(int64_t{*run.service_level_met}) : Cell(),
                std::string(CutText(run.refresh, RunLog::kMaxMessageBytes))};
    cells.insert(cells.end(), further.begin(), further.end());
    return cells;
}

}  // namespace

std::string_view NameOf(RunKind kind) { return kKinds.at(static_cast<size_t>(kind)); }
std::string_view NameOf(RunState state) { return kStates.at(static_cast<size_t>(state)); }

RunLog::RunLog(Store& store, Clock& clock, Random& random, int keep_days)
    : store_(store), clock_(clock), random_(random), keep_(std::chrono::hours(24) * keep_days) {}

RunRecord RunLog::Insert(RunRecord run) {
    run.started = clock_.Now();
    if (run.run_id.empty()) run.run_id = NewUuid(clock_, random_);
    if (run.state != RunState::kRunning && !run.finished) run.finished = run.started;
    store_.Write([&](Connection& connection) {
        connection.Execute(
            fmt::format(
                "INSERT INTO runs ({}, run_id, node, kind, started_us, job_run_id, written_by)"
                " VALUES ({}, ?20, ?21, ?22, ?23, ?24, ?25)",
                kOutcomeColumns, kOutcomeParameters),
            OutcomeOf(run, {run.run_id, run.node, std::string(NameOf(run.kind)),
                            ToUnixUs(run.started), job_run_id_, user_}));
        run.number = connection.LastInsertKey();
        // Each node's last success stays, however old: the next run starts from its source
        // versions.
        connection.Execute(
            "DELETE FROM runs WHERE started_us < ?1 AND number NOT IN"
            " (SELECT max(number) FROM runs WHERE state = 'succeeded' GROUP BY node)",
            {ToUnixUs(run.started - keep_)});
    });
    return run;
}

RunRecord RunLog::Start(RunRecord run) {
    run.state = RunState::kRunning;
    return Insert(std::move(run));
}

RunRecord RunLog::Record(RunRecord run) { return Insert(std::move(run)); }

void RunLog::Finish(const RunRecord& run) {
    if (run.state == RunState::kRunning) {
        throw Error(ErrorKind::kInvalidInput, "run {} of {} cannot finish as running", run.number,
                    run.node);
    }
    RunRecord finished = run;
    finished.finished = clock_.Now();
    store_.Write([&](Connection& connection) {
        const int64_t changed =
            connection.Execute(fmt::format("UPDATE runs SET ({}) = ({}) WHERE number = ?20",
                                           kOutcomeColumns, kOutcomeParameters),
                               OutcomeOf(finished, {run.number}));
        if (changed == 0)
            throw Error(ErrorKind::kNotFound, "the run log has no run {}", run.number);
    });
}

void RunLog::AppendQuality(const std::vector<QualityRecord>& checks) {
    if (checks.empty()) return;
    const int64_t now = ToUnixUs(clock_.Now());
    store_.Write([&](Connection& connection) {
        for (const QualityRecord& check : checks) {
            if (connection.Query("SELECT 1 FROM runs WHERE number = ?1", {check.run_number})
                    .empty()) {
                throw Error(ErrorKind::kNotFound, "the run log has no run {}", check.run_number);
            }
            connection.Execute(
                fmt::format("INSERT INTO quality ({}, checked_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, "
                            "?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
                            kQualityColumns),
                {check.run_number, check.node, check.rule, check.action, check.severity,
                 check.rows_checked.value_or(kNotCounted), check.rows_failed, int64_t{check.passed},
                 std::string(CutText(check.sample, kMaxSampleBytes)), check.table, check.column,
                 check.threshold, check.value ? Cell(fmt::format("{}", *check.value)) : Cell(),
                 VersionsText(check.versions), check.measure, now});
        }
    });
}

std::vector<RunRecord> RunLog::Runs(const RunFilter& filter) {
    return SelectRuns(store_,
                      "WHERE (?1 = '' OR node = ?1) AND (?2 = '' OR build_id = ?2) AND (?3 = '' OR "
                      "idempotency_key ="
                      " ?3) AND (?4 = '' OR state = ?4) AND (?6 = '' OR target = ?6) AND "
                      "(?7 = '' OR kind = ?7) ORDER BY number DESC LIMIT ?5",
                      {filter.node, filter.build_id, filter.idempotency_key,
                       filter.state ? std::string(NameOf(*filter.state)) : std::string(),
                       static_cast<int64_t>(filter.limit), filter.target,
                       filter.kind ? std::string(NameOf(*filter.kind)) : std::string()});
}

std::optional<RunRecord> RunLog::Find(int64_t number) {
    auto runs = SelectRuns(store_, "WHERE number = ?1", {number});
    if (runs.empty()) return std::nullopt;
    return std::move(runs.front());
}

std::vector<RunRecord> RunLog::Unfinished(const std::string& node) {
    return SelectRuns(store_, "WHERE node = ?1 AND state = 'running' ORDER BY number", {node});
}

std::vector<QualityRecord> RunLog::Quality(int64_t run_number) {
    std::vector<QualityRecord> checks;
    store_.Read([&](Connection& connection) {
        const std::string sql = fmt::format(
            "SELECT {} FROM quality WHERE run_number = ?1 ORDER BY number", kQualityColumns);
        for (const Cells& row : connection.Query(sql, {run_number})) checks.push_back(CheckOf(row));
    });
    return checks;
}

std::vector<QualityValue> RunLog::QualityValues(const std::string& node, const std::string& measure,
                                                TimestampUs since) {
    std::vector<QualityValue> values;
    store_.Read([&](Connection& connection) {
        for (const Cells& row : connection.Query(
                 "SELECT value, checked_us FROM quality WHERE node = ?1 AND measure = ?2 AND "
                 "checked_us >= ?3 AND value IS NOT NULL ORDER BY number DESC LIMIT ?4",
                 {node, measure, ToUnixUs(since), kMaxValues}))
            values.push_back({NumberOf(row.at(0)), TimeOf(row.at(1))});
    });
    return values;
}

std::unique_ptr<table::RowSource> RunLog::OpenRuns() { return OpenRunRows(store_); }
std::unique_ptr<table::RowSource> RunLog::OpenQuality() { return OpenQualityRows(store_); }

}  // namespace tarn::catalog
