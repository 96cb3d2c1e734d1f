// Rows that were set aside and wait (`quarantine.<name>`), by models and by ingestion: what there
// is of them, and how they are discarded, which is on record. `replay` brings them to their tables.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catalog/catalog.h"
#include "engine/session.h"
#include "quality/quarantine_sql.h"

namespace tarn::pipeline {

// Rows by rule, most first.
using RowsByRule = std::vector<std::pair<std::string, int64_t>>;

struct WaitingTable {
    engine::TableName table{};
    int64_t rows = 0;
    RowsByRule rules{};
    std::optional<std::string> oldest{};  // when it was set aside
    std::optional<std::string> newest{};
    std::vector<std::string> sources{};  // what set them aside: "silver.flights", "ingest:flights"
};

// Which rows, as a user says it.
struct WaitingRows {
    std::string rule{};
    std::string run{};    // its number, or its id
    std::string where{};  // a condition as SQL
};

struct DiscardRequest {
    std::string name{};  // Quarantine::Find
    WaitingRows rows{};
    std::string who{};
    std::string reason{};
    bool is_dry_run = false;  // says what it would do
};

struct DiscardReport {
    engine::TableName table{};
    int64_t waiting = 0;  // before
    int64_t discarded = 0;
    RowsByRule rules{};  // of those
    std::optional<int64_t> run_number{};
};

class Quarantine {
public:
    // Both outlive it.
    Quarantine(engine::Session& session, catalog::Catalog& catalog)
        : session_(session), catalog_(catalog) {}

    // Tables of rows that wait, by name; those without any among them.
    std::vector<WaitingTable> List();
    // "flights", "quarantine.flights", or the table that the rows were kept from: "silver.flights".
    // NotFound: there is none (the nearest is named).
    engine::TableName Find(const std::string& name);
    // NotFound: no such run.
    quality::WaitingFilter FilterOf(const WaitingRows& rows);
    // SELECT of rows, the newest first, what they break before all else.
    std::string ShowSelect(const engine::TableName& table, const quality::WaitingFilter& filter,
                           int64_t limit);
    // One commit. Who, why and how many stand in ops.quality before the rows go, in ops.runs, and
    // in the table's history. InvalidInput: no reason, or a condition that is none. Conflict: a
    // build holds the lake.
    DiscardReport Discard(const DiscardRequest& request);

private:
    bool IsOne(const engine::DirectoryEntry& entry);
    std::vector<std::string> Names();

    engine::Session& session_;
    catalog::Catalog& catalog_;
};

RowsByRule RulesOf(engine::Session& session, const std::string& query);

// "tarn:silver.events:replay": under which a replay's number stands in both tables; `:undone`
// behind it where its rows were brought back to the quarantine.
std::string ReplayMark(const std::string& node);
std::string UndoneMark(const std::string& node);

// Ends replays and discards whose process is gone. A replay that took rows out of a quarantine and
// did not bring them to their table is undone: they wait there again. Only the holder of the lease
// "build" may, before it writes. Conflict: rows are in neither, and the version that had them is
// gone.
void SettleCutRuns(engine::Session& session, catalog::Catalog& catalog);
// The same of one run, whose record it finishes.
void SettleRun(engine::Session& session, catalog::Catalog& catalog, catalog::RunRecord run);
// The same where something else failed already, and is what is told of.
void SettleFailed(engine::Session& session, catalog::Catalog& catalog,
                  const catalog::RunRecord& run);

}  // namespace tarn::pipeline
