// `tarn ingest`: lands every file of the lake's sources in its bronze table exactly once. Each
// batch of files is one commit whose `txn` names the list of its files (ledger.h), so a killed run
// leaves neither a gap nor a double, and two at once land nothing twice. Writes through Session
// only. Thread-safe when the parts are each one's own.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "catalog/run_log.h"
#include "ingest/landing_batch.h"
#include "ingest/source_config.h"
#include "storage/object_store.h"

namespace tarn::engine {
class Session;
}
namespace tarn::quality {
class ContractGuard;
}

namespace tarn::ingest {

struct IngestProgress {
    std::string source;
    std::string table;
    size_t files_done = 0;
    size_t files_total = 0;  // that are to land in this run
    int64_t rows = 0;
    uint64_t bytes_done = 0;
    uint64_t bytes_total = 0;
};

struct IngestRequest {
    std::vector<SourceConfig> sources{};  // from LoadSources
    // Names of sources or of tables (with or without their schema); empty: all.
    std::vector<std::string> only{};
    std::string pipeline_version{};  // "tarn 0.1.0"
    std::string build_id{};  // groups the runs of one invocation in the run log; empty: a new id
    CancelToken cancel{};
    std::function<void(const IngestProgress&)> on_progress{};
};

// What ingest stands on; all of it outlives the call. `run_log` may be null: then nothing is
// recorded; and so may `contracts`: then nothing is promised of any table.
struct IngestParts {
    engine::Session& session;
    storage::ObjectStore& store;
    Clock& clock;
    Random& random;
    catalog::RunLog* run_log = nullptr;
    const quality::ContractGuard* contracts = nullptr;
};

// A file with marked records.
struct MarkedFile {
    std::string path;
    int64_t rows_marked = 0;
    FirstMark first;
};

// Lists hold at most kMaxListed entries; the counts are exact.
struct TableReport {
    static constexpr size_t kMaxListed = 100;
    std::string source{};
    std::string table{};
    size_t files_found = 0;
    size_t files_landed = 0;
    size_t files_known = 0;    // landed by an earlier run
    size_t files_kept = 0;     // changed since, `reload: never`
    size_t files_refused = 0;  // changed since, `reload: error`
    size_t files_failed = 0;   // could not be read, changed while they were, or do not fit
    size_t files_marked = 0;   // landed, with marked rows
    int64_t rows_landed = 0;
    int64_t rows_marked = 0;
    int64_t rows_quarantined = 0;  // of those landed: they are not in the table
    uint64_t bytes_read = 0;
    int64_t commits = 0;
    uint64_t files_written = 0;  // of the table
    uint64_t bytes_written = 0;
    // No record could be read when the table was made, so it has no columns for fields.
    bool has_no_fields = false;
    std::optional<int64_t> table_version{};  // of the last commit
    double seconds = 0;
    std::vector<std::string> columns_added{};  // `schema_policy: accept`
    std::vector<MarkedFile> marked{};
    std::vector<std::string> refused{};
    std::vector<std::string> kept{};
    std::vector<std::pair<std::string, std::string>> failed{};  // path, why
    std::vector<std::string> broken_promises{};                 // of contracts, where it went on
    std::vector<catalog::QualityRecord> contract_checks{};      // each promise once
    std::string run_id{};                                       // in the run log; empty: none
    std::optional<Error> error{};                               // what ended the table's run

    bool Succeeded() const { return !error && files_refused == 0 && files_failed == 0; }
};

struct IngestReport {
    std::string build_id;
    std::vector<TableReport> tables;
    double seconds = 0;
    // Marked rows are no failure: they are in the table, and told.
    bool Succeeded() const;
};

// A failure of one table is in its report, and the others go on. InvalidInput: `only` names nothing
// that is known. Cancelled: what was committed stays, nothing else.
IngestReport Run(const IngestRequest& request, IngestParts& parts);

}  // namespace tarn::ingest
