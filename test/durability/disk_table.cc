#include "durability/disk_table.h"

#include <vector>

#include <fmt/format.h>

#include "base/text.h"

namespace tarn::durability {
namespace {

constexpr uint64_t kMemoryBytes = 512ULL << 20;
constexpr std::string_view kVersion = "version ";
constexpr const char* kWithVectors =
    "ALTER TABLE t SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')";
constexpr const char* kWithFeed =
    "ALTER TABLE t SET TBLPROPERTIES ('delta.enableChangeDataFeed' = 'true')";

std::string WithVersionsLowered(const std::string& states, int64_t by) {
    std::vector<std::string> lines;
    for (const std::string& line : Split(states, '\n')) {
        const size_t colon = line.find(':');
        const auto version = ParseInt(line.substr(kVersion.size(), colon - kVersion.size()));
        lines.push_back(fmt::format("{}{}{}", kVersion, version.value() - by, line.substr(colon)));
    }
    return Join(lines, "\n");
}

}  // namespace

DiskTable::DiskTable(storage::ObjectStore& store, const std::string& folder)
    : DiskTable(store, folder, own_clock_) {}

DiskTable::DiskTable(storage::ObjectStore& store, const std::string& folder, Clock& clock,
                     Executor* executor)
    : directory_("lake", folder + "-others") {
    engine::EngineOptions options;
    options.memory_limit_bytes = kMemoryBytes;
    options.threads = 1;
    engine_ = engine::Engine::Open(options, {store, directory_, policy_, clock, random_});
    delta::FormatOptions format;
    format.executor = executor;
    delta_ = std::make_unique<delta::Format>(store, engine_->Parquet(), clock, random_, format);
    engine_->AddFormat(*delta_);
    engine::DirectoryEntry entry;
    entry.id = NewUuid(clock, random_);
    entry.name = {"main", "t"};
    entry.location = folder;
    if (delta_->Exists(folder)) directory_.Register(entry);
    session_ = Connect();
}

DiskTable::~DiskTable() {
    session_.reset();
    engine_.reset();
}

int64_t DiskTable::Version() { return session_->Snapshot({"main", "t"})->AtVersion().number; }

std::string DiskTable::State() {
    std::string state =
        fmt::format("version {}: {}", Version(), Rows("SELECT k, v FROM t ORDER BY ALL"));
    if (!session_->Snapshot({"main", "t"})->Rules().records_changes) return state;
    return state + "; changed: " +
           Rows(fmt::format("SELECT _change_type, k, v FROM table_changes('t', {}) ORDER BY ALL",
                            Version()));
}

std::string DiskTable::Rows(const std::string& sql) {
    std::vector<std::string> rows;
    for (const engine::TextRow& row : session_->Query(sql)) {
        std::vector<std::string> values;
        for (const auto& value : row) values.push_back(value.value_or("-"));
        rows.push_back(Join(values, "|"));
    }
    return Join(rows, ", ");
}

void DiskTable::Make(storage::ObjectStore& store, const std::string& folder, bool hides_rows) {
    ManualClock before(TimestampUs(std::chrono::seconds(1'700'000'000)));
    DiskTable table(store, folder, before);
    table.Run(
        fmt::format("CREATE TABLE t (k BIGINT, v BIGINT) USING DELTA LOCATION '{}' TBLPROPERTIES "
                    "('delta.enableDeletionVectors' = '{}', 'delta.checkpointInterval' = '3')",
                    folder, hides_rows));
    table.Run("INSERT INTO t SELECT i, 10 * i FROM range(0, 20) r(i)");
    table.Run("INSERT INTO t SELECT i, 10 * i FROM range(20, 30) r(i)");
    table.Run("OPTIMIZE t");
    table.Run("DELETE FROM t WHERE k = 3");
    // The next commit is one at which a checkpoint is due.
    table.Run("INSERT INTO t VALUES (40, 400), (41, 410)");
}

std::vector<std::string> StatesOnTheWay(const Statement& statement, const std::string& before,
                                        const std::string& after) {
    std::vector<std::string> states = {before};
    for (int back = 1; back < statement.versions; ++back) {
        states.push_back(WithVersionsLowered(after, back));
    }
    return states;
}

const std::vector<Statement>& Statements() {
    static const std::vector<Statement> statements = {
        {"insert", "INSERT INTO t VALUES (100, 1), (101, 2)"},
        {"delete", "DELETE FROM t WHERE k % 7 = 1"},
        {"update", "UPDATE t SET v = v + 1 WHERE k BETWEEN 15 AND 25"},
        {"merge",
         "MERGE INTO t USING (SELECT i AS k, 7 AS v FROM range(18, 60, 3) r(i)) s ON t.k = s.k "
         "WHEN MATCHED AND t.k > 50 THEN DELETE WHEN MATCHED THEN UPDATE SET v = s.v "
         "WHEN NOT MATCHED THEN INSERT (k, v) VALUES (s.k, s.v)"},
        {"optimize", "OPTIMIZE t"},
        {"vacuum", "VACUUM t", 2},
        {"checkpoint", "CHECKPOINT t", 0},
        {"restore", "RESTORE TABLE t TO VERSION AS OF 2"},
        {"add column", "ALTER TABLE t ADD COLUMN w INT"},
        {"add constraint", "ALTER TABLE t ADD CONSTRAINT not_negative CHECK (k >= 0)"},
        {"insert overwrite", "INSERT OVERWRITE t VALUES (5, 5), (6, 6)"},
        {"replace where", "INSERT INTO t REPLACE WHERE k >= 20 VALUES (20, 1), (21, 2)"},
        {"drop feature",
         "ALTER TABLE t DROP FEATURE deletionVectors",
         6,
         {kWithVectors, "DELETE FROM t WHERE k = 5"}},
        {"drop feature of writers",
         "ALTER TABLE t DROP FEATURE inCommitTimestamp",
         1,
         {"ALTER TABLE t SET TBLPROPERTIES ('delta.enableInCommitTimestamps' = 'true')"}},
        {"recorded delete", "DELETE FROM t WHERE k % 7 = 1", 1, {kWithFeed}},
        {"recorded update", "UPDATE t SET v = v + 1 WHERE k BETWEEN 15 AND 25", 1, {kWithFeed}},
        {"recorded merge",
         "MERGE INTO t USING (SELECT i AS k, 7 AS v FROM range(18, 60, 3) r(i)) s ON t.k = s.k "
         "WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT (k, v) VALUES (s.k, "
         "s.v)",
         1,
         {kWithFeed}},
        {"create as", "CREATE OR REPLACE TABLE t AS SELECT 1::BIGINT AS k, 2::BIGINT AS v"},
    };
    return statements;
}

}  // namespace tarn::durability
