#include "pipeline/quarantine.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "catalog/lease.h"
#include "engine/column_lookup.h"
#include "pipeline/change_steps.h"
#include "pipeline/table_writer.h"
#include "quality/row_split.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

std::string DiscardMark(const std::string& table) { return "tarn:" + table + ":discard"; }

std::string RowsOf(const std::string& table, const std::string& condition) {
    return fmt::format("(SELECT * FROM {} WHERE {})", table, condition);
}

// "silver.events" as {"silver", "events"}; a name without a schema has an empty one.
engine::TableName NameOf(const std::string& text) {
    const size_t dot = text.rfind('.');
    if (dot == std::string::npos) return {"", text};
    return {text.substr(0, dot), text.substr(dot + 1)};
}

std::vector<std::string> ColumnNames(engine::Session& session, const std::string& from) {
    std::vector<std::string> names;
    for (const engine::ColumnInfo& column : engine::ColumnsOf(session, from))
        names.push_back(column.name);
    return names;
}

}  // namespace

RowsByRule RulesOf(engine::Session& session, const std::string& query) {
    RowsByRule rules;
    for (const engine::TextRow& row : session.Query(query))
        rules.emplace_back(row.at(0).value_or(""), ParseInt(row.at(1).value_or("")).value_or(0));
    return rules;
}

bool Quarantine::IsOne(const engine::DirectoryEntry& entry) {
    if (entry.kind != engine::EntryKind::kTable) return false;
    const auto columns = engine::ColumnsOf(session_, QuotedTable(entry.name));
    return std::all_of(
        std::begin(quality::kOwnColumns), std::end(quality::kOwnColumns),
        [&](std::string_view name) { return engine::FindColumn(columns, name) != nullptr; });
}

std::vector<WaitingTable> Quarantine::List() {
    std::vector<WaitingTable> tables;
    const std::string schema(quality::kQuarantineSchema);
    if (!catalog_.FindSchema(schema)) return tables;
    for (const engine::DirectoryEntry& entry : catalog_.List(schema)) {
        if (!IsOne(entry)) continue;
        const std::string table = QuotedTable(entry.name);
        WaitingTable waiting{.table = entry.name};
        const auto rows = session_.Query(fmt::format("SELECT count(*), min({0}), max({0}) FROM {1}",
                                                     quality::kSetAsideAtColumn, table));
        waiting.rows = ParseInt(rows.at(0).at(0).value_or("")).value_or(0);
        waiting.oldest = rows.at(0).at(1);
        waiting.newest = rows.at(0).at(2);
        waiting.rules = RulesOf(session_, quality::WaitingByRule(table));
        for (const engine::TextRow& row : session_.Query(
                 fmt::format("SELECT DISTINCT node FROM ops.runs WHERE run_id IN (SELECT {} FROM "
                             "{}) ORDER BY node",
                             quality::kRunIdColumn, table)))
            waiting.sources.push_back(row.at(0).value_or(""));
        tables.push_back(std::move(waiting));
    }
    std::sort(tables.begin(), tables.end(),
              [](const auto& a, const auto& b) { return a.table.name < b.table.name; });
    return tables;
}

std::vector<std::string> Quarantine::Names() {
    std::vector<std::string> names;
    const std::string schema(quality::kQuarantineSchema);
    if (!catalog_.FindSchema(schema)) return names;
    for (const engine::DirectoryEntry& entry : catalog_.List(schema)) {
        if (IsOne(entry)) names.push_back(entry.name.name);
    }
    return names;
}

engine::TableName Quarantine::Find(const std::string& name) {
    const engine::TableName said = NameOf(name);
    const std::vector<std::string> names = Names();
    const std::string schema(quality::kQuarantineSchema);
    std::vector<std::string> wanted = {said.name};
    // What ingestion sets aside has its table's schema in its name; a model is called as well as
    // its source more often than not.
    if (!said.schema.empty() && !EqualsIgnoreCase(said.schema, schema))
        wanted.insert(wanted.begin(), said.schema + "_" + said.name);
    for (const std::string& name_wanted : wanted) {
        for (const std::string& one : names) {
            if (EqualsIgnoreCase(one, name_wanted)) return {schema, one};
        }
    }
    const auto nearest = NearestWord(said.name, names);
    throw Error(ErrorKind::kNotFound,
                "no rows of `{}` were ever set aside{}; `tarn quarantine list` says of what some "
                "were",
                name, nearest ? fmt::format(": did you mean `{}`?", *nearest) : "");
}

quality::WaitingFilter Quarantine::FilterOf(const WaitingRows& rows) {
    quality::WaitingFilter filter{rows.rule, rows.run, rows.where};
    if (const auto number = ParseInt(rows.run)) {
        const auto run = catalog_.Runs().Find(*number);
        if (!run) {
            throw Error(ErrorKind::kNotFound,
                        "the run log has no run {}: `tarn quarantine show` gives runs and ids",
                        *number);
        }
        filter.run_id = run->run_id;
    }
    return filter;
}

std::string Quarantine::ShowSelect(const engine::TableName& table,
                                   const quality::WaitingFilter& filter, int64_t limit) {
    return fmt::format(
        "SELECT {0}, run_number AS _run, {1}, waiting.* EXCLUDE ({0}, {1}) FROM {2} AS waiting "
        "LEFT JOIN (SELECT run_id, run_number FROM ops.runs) AS runs ON waiting.{3} = runs.run_id "
        "ORDER BY {1} DESC LIMIT {4}",
        sql::QuoteIdentifier(quality::kRulesColumn), quality::kSetAsideAtColumn,
        RowsOf(QuotedTable(table), ConditionOf(filter)), quality::kRunIdColumn, limit);
}

DiscardReport Quarantine::Discard(const DiscardRequest& request) {
    if (Trim(request.reason).empty())
        throw Error(ErrorKind::kInvalidInput, "rows are discarded for a reason: --reason TEXT");
    DiscardReport report{.table = Find(request.name)};
    const std::string condition = quality::ConditionOf(FilterOf(request.rows));
    std::unique_ptr<catalog::Lease> lease;
    if (!request.is_dry_run) {
        lease =
            catalog_.AcquireLease("build", {.purpose = "tarn quarantine discard " + request.name});
        SettleCutRuns(session_, catalog_);
    }
    const std::string table = QuotedTable(report.table);
    report.waiting = CountRows(session_, table);
    report.discarded = CountRows(session_, RowsOf(table, condition));
    report.rules = RulesOf(session_, quality::WaitingByRule(RowsOf(table, condition)));
    if (request.is_dry_run || report.discarded == 0) return report;

    catalog::RunLog& log = catalog_.Runs();
    catalog::RunRecord run;
    run.node = run.target = report.table.ToString();
    run.kind = catalog::RunKind::kDiscard;
    run.source_versions = {{run.node, session_.Snapshot(report.table)->AtVersion().number}};
    run.rows_in = run.rows_dropped = report.discarded;
    run = log.Start(run);
    report.run_number = run.number;
    catalog::QualityRecord record;
    record.run_number = run.number;
    record.node = record.table = run.node;
    record.rule = record.action = "discard";
    record.severity = "info";
    record.rows_checked = report.waiting;
    record.rows_failed = report.discarded;
    record.sample = nlohmann::ordered_json{{"by", request.who},
                                           {"reason", request.reason},
                                           {"rule", request.rows.rule},
                                           {"run", request.rows.run},
                                           {"where", request.rows.where}}
                        .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    log.AppendQuality({record});
    try {
        engine::ExecuteOptions options;
        options.transaction = table::AppTransaction{DiscardMark(run.node), run.number};
        options.commit_info = {{"tarn.run", std::to_string(run.number)},
                               {"tarn.discarded_by", request.who},
                               {"tarn.reason", request.reason}};
        session_.Run(fmt::format("DELETE FROM {} WHERE {}", table, condition), options);
    } catch (const Error& error) {
        run.error_kind = TraitsOf(error.kind()).name;
        run.error_message = error.what();
        SettleFailed(session_, catalog_, run);
        throw;
    }
    SettleRun(session_, catalog_, run);
    return report;
}

std::string ReplayMark(const std::string& node) { return "tarn:" + node + ":replay"; }
std::string UndoneMark(const std::string& node) { return ReplayMark(node) + ":undone"; }

namespace {

// Rows that the replay took out of the quarantine wait there again.
void Undo(engine::Session& session, TableWriter& writer, const catalog::RunRecord& run,
          const engine::TableName& quarantine, int64_t version) {
    if (writer.Committed(quarantine, UndoneMark(run.node)).value_or(0) >= run.number) return;
    engine::ExecuteOptions options;
    options.transaction = table::AppTransaction{UndoneMark(run.node), run.number};
    options.commit_info = {{"tarn.node", run.node}, {"tarn.undone", std::to_string(run.number)}};
    const std::string table = QuotedTable(quarantine);
    try {
        session.Run(quality::BringBackStatement(table, ColumnNames(session, table), version),
                    options);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::kNotFound) throw;
        throw Error(ErrorKind::kConflict,
                    "replay {} of {} was cut between its two commits, and version {} of {}, which "
                    "has its rows, is gone: {}",
                    run.number, run.node, version, quarantine.ToString(), error.message());
    }
}

// Is what the run was for done.
bool IsDone(engine::Session& session, TableWriter& writer, const catalog::RunRecord& run) {
    if (run.kind == catalog::RunKind::kDiscard)
        return writer.Committed(NameOf(run.target), DiscardMark(run.node)).value_or(0) >=
               run.number;
    const std::string mark = ReplayMark(run.node);
    const auto& [read, version] = *run.source_versions.begin();
    const engine::TableName quarantine = NameOf(read);
    const bool is_taken = writer.Committed(quarantine, mark).value_or(0) >= run.number;
    const bool is_there = writer.Committed(NameOf(run.target), mark).value_or(0) >= run.number;
    const bool is_all = run.rows_written == 0 && run.error_kind.empty();
    if (is_there || (is_taken && is_all)) return true;
    if (is_taken) Undo(session, writer, run, quarantine, version);
    return false;
}

}  // namespace

void SettleRun(engine::Session& session, catalog::Catalog& catalog, catalog::RunRecord run) {
    TableWriter writer(session, catalog);
    const bool is_changeless =
        run.kind == catalog::RunKind::kReplay && run.rows_in == run.rows_quarantined;
    if (IsDone(session, writer, run) || (is_changeless && run.error_kind.empty())) {
        run.state = catalog::RunState::kSucceeded;
        run.error_kind.clear();
        run.error_message.clear();
        if (const table::SnapshotPtr target = writer.Find(NameOf(run.target)))
            run.target_version = target->AtVersion().number;
    } else {
        const bool has_failed =
            !run.error_kind.empty() && run.error_kind != TraitsOf(ErrorKind::kCancelled).name;
        run.state = has_failed ? catalog::RunState::kFailed : catalog::RunState::kCancelled;
        if (run.error_message.empty())
            run.error_message = "the process ended before the run did: its rows wait as before";
        run.rows_in = run.rows_written = run.rows_dropped = 0;
        run.rows_quarantined = run.rows_duplicate = 0;
    }
    catalog.Runs().Finish(run);
}

void SettleFailed(engine::Session& session, catalog::Catalog& catalog,
                  const catalog::RunRecord& run) {
    try {
        SettleRun(session, catalog, run);
    } catch (const Error&) {
        // As of a process that is gone: the next command does.
    }
}

void SettleCutRuns(engine::Session& session, catalog::Catalog& catalog) {
    catalog::RunFilter filter;
    filter.state = catalog::RunState::kRunning;
    for (const catalog::RunRecord& run : catalog.Runs().Runs(filter)) {
        if (run.kind == catalog::RunKind::kReplay || run.kind == catalog::RunKind::kDiscard)
            SettleRun(session, catalog, run);
    }
}

}  // namespace tarn::pipeline
