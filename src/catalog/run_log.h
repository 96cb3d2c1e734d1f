// What ran and how it went: the rows behind ops.runs and ops.quality, kept in the catalog's store
// with retention. A run's number is its transaction version in the tables that it writes (appId
// "tarn:<node>"), so it must be taken (Start) before anything is written. Thread-safe, many
// processes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "table/rows.h"

namespace tarn::catalog {

class Store;

// A replay judges rows that were set aside once more; a discard takes some away.
enum class RunKind { kIngest, kModel, kTest, kReplay, kDiscard };
enum class RunState { kRunning, kSucceeded, kFailed, kSkipped, kCancelled };
std::string_view NameOf(RunKind kind);    // "ingest"
std::string_view NameOf(RunState state);  // "succeeded"

// One execution of one node. rows_in = rows_written + rows_dropped + rows_quarantined +
// rows_duplicate holds for row-preserving models; each term is counted apart by who writes it.
struct RunRecord {
    int64_t number = 0;      // given by Start; grows over the whole lake
    std::string run_id{};    // UUIDv7, given by Start when empty
    std::string build_id{};  // the same for all nodes of one invocation (`tarn build`)
    std::string node{};      // "silver.flights", "ingest:flights"
    RunKind kind = RunKind::kModel;
    RunState state = RunState::kRunning;
    TimestampUs started{};                             // given by Start
    std::optional<TimestampUs> finished{};             // given by Finish
    std::string idempotency_key{};                     // equal keys mean: the same work, done once
    std::map<std::string, int64_t> source_versions{};  // table -> version read
    std::string target{};                              // table written
    std::optional<int64_t> target_version{};
    int64_t rows_in = 0;
    int64_t rows_written = 0;
    int64_t rows_dropped = 0;
    int64_t rows_quarantined = 0;
    int64_t rows_duplicate = 0;
    int64_t files_written = 0;
    int64_t bytes_written = 0;
    std::string error_kind{};  // of a failed run: "InvalidInput"
    std::string error_message{};
    std::string refresh{};  // of a materialized view: "incremental: ..." or "full: ...", and why
    // How long the oldest of what was new in its inputs had been there when it was done; nothing:
    // not known.
    std::optional<DurationUs> lag{};
    std::optional<bool> service_level_met{};  // nothing: it has none, or the lag is not known
};

// One check of one rule in one run.
struct QualityRecord {
    int64_t run_number = 0;
    std::string node{};
    std::string rule{};      // name of the expectation, the test, or the contract's promise
    std::string action{};    // "warn", "drop", "quarantine", "fail"; "test", "contract", "ingest"
    std::string severity{};  // "info", "warning", "error"
    std::optional<int64_t> rows_checked = 0;  // nothing: not counted
    int64_t rows_failed = 0;
    bool passed = true;
    std::string sample{};     // JSON of some failing rows; at most kMaxSampleBytes, longer is cut
    std::string table{};      // that was judged: "silver.flights"
    std::string column{};     // empty: of the table as a whole
    std::string threshold{};  // what the failures, or the value, must be: "!= 0", "<= 5"
    std::optional<double> value{};              // what was measured, where it is no count of rows
    std::string measure{};                      // what that is, where later runs are judged by it
    std::map<std::string, int64_t> versions{};  // of the tables that were read
};

// A number that was measured.
struct QualityValue {
    double value = 0;
    TimestampUs at{};
};

struct RunFilter {
    std::string node{};             // empty: any
    std::string build_id{};         // empty: any
    std::string idempotency_key{};  // empty: any
    std::string target{};           // empty: any
    std::optional<RunState> state{};
    std::optional<RunKind> kind{};
    size_t limit = 1000;
};

class RunLog {
public:
    static constexpr size_t kMaxSampleBytes = 4096;
    static constexpr size_t kMaxMessageBytes = 8192;
    static constexpr int64_t kMaxValues = 10'000;

    RunLog(Store& store, Clock& clock, Random& random, int keep_days);

    // From now on all runs of this process belong to that run of a job. Before any is started.
    void BelongTo(const std::string& job_run_id) { job_run_id_ = job_run_id; }
    // ... and are by that user.
    void WriteAs(const std::string& user) { user_ = user; }

    // Writes the run in state running, with its source versions, durable when this returns. Gives
    // the record with number, run_id and started set. Also removes what is past retention (but the
    // last success of a node).
    RunRecord Start(RunRecord run);
    // Writes the run's outcome: everything but number, run_id, node, kind, started. NotFound;
    // InvalidInput when state is still running.
    void Finish(const RunRecord& run);
    // Writes a run that did nothing, at once (a skipped node).
    RunRecord Record(RunRecord run);
    void AppendQuality(const std::vector<QualityRecord>& checks);

    // Newest first.
    std::vector<RunRecord> Runs(const RunFilter& filter);
    std::optional<RunRecord> Find(int64_t number);
    // Runs of the node that never finished, oldest first: killed, or still at work in another
    // process.
    std::vector<RunRecord> Unfinished(const std::string& node);
    std::vector<QualityRecord> Quality(int64_t run_number);
    // What was measured of the node since then, newest first.
    std::vector<QualityValue> QualityValues(const std::string& node, const std::string& measure,
                                            TimestampUs since);

    // Rows of ops.runs and ops.quality, oldest first.
    std::unique_ptr<table::RowSource> OpenRuns();
    std::unique_ptr<table::RowSource> OpenQuality();

private:
    RunRecord Insert(RunRecord run);

    Store& store_;
    Clock& clock_;
    Random& random_;
    DurationUs keep_;
    std::string job_run_id_;
    std::string user_;
};

}  // namespace tarn::catalog
