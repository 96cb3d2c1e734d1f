#include "catalog/lineage_log.h"

#include <set>
#include <utility>

#include "base/hash.h"
#include "base/text.h"
#include "catalog/ops_rows.h"
#include "catalog/store.h"

namespace tarn::catalog {

namespace {

using engine::LineageDataset;
using engine::LineageEdge;
using engine::StatementLineage;

constexpr int64_t kRowsBetweenCleanings = 20'000;
constexpr size_t kMostSeen = 10'000;

// Without what another run of the same statement has otherwise.
std::string ShapeOf(const LineageUse& use) {
    std::string text = use.node;
    const auto add = [&](std::string_view part) {
        text += '\x1f';
        text += part;
    };
    const auto add_dataset = [&](const LineageDataset& dataset) {
        add(NameOf(dataset.kind));
        add(AsciiLower(dataset.Title()));
    };
    if (use.lineage.output) add_dataset(*use.lineage.output);
    for (const LineageDataset& input : use.lineage.inputs) {
        text += '\x1e';
        add_dataset(input);
    }
    for (const LineageEdge& edge : use.lineage.edges) {
        text += '\x1e';
        add(std::to_string(edge.input));
        add(edge.column);
        add(edge.output);
        add(engine::NameOf(edge.effect));
        if (edge.masking) add("masking");
    }
    return Hash128Hex(text);
}

Cell VersionCell(const std::optional<int64_t>& version) {
    return version ? Cell(*version) : Cell();
}

Cells DatasetCells(const LineageDataset& dataset) {
    return {std::string(NameOf(dataset.kind)), dataset.id, dataset.Title(),
            VersionCell(dataset.version)};
}

std::string OptionalText(const Cell& cell) {
    const auto* text = std::get_if<std::string>(&cell);
    return text == nullptr ? "" : *text;
}

}  // namespace

LineageLog::LineageLog(Store& store, Clock& clock, int keep_days)
    : store_(store), clock_(clock), keep_(std::chrono::hours(24) * keep_days) {}

void LineageLog::Write(Connection& connection, const LineageUse& use) {
    if (use.lineage.inputs.empty()) return;
    const std::lock_guard lock(mutex_);
    if (!was_cleaned_ || written_since_cleaning_ >= kRowsBetweenCleanings) Clean(connection);
    const std::string shape = ShapeOf(use);
    if (!use.lineage.output) {
        const auto seen = seen_.find(shape);
        if (seen != seen_.end() && clock_.Now() - seen->second < kSeenAgainAfter) return;
        if (seen_.size() >= kMostSeen) seen_.clear();
        seen_[shape] = clock_.Now();
    }
    const auto known =
        connection.Query("SELECT number FROM lineage_statements WHERE shape = ?1", {shape});
    if (known.empty()) {
        Insert(connection, use, shape);
    } else {
        SeeAgain(connection, use, IntOf(known.front().front()));
    }
}

void LineageLog::Insert(Connection& connection, const LineageUse& use, const std::string& shape) {
    const StatementLineage& lineage = use.lineage;
    const int64_t now = ToUnixUs(clock_.Now());
    Cells cells{shape, use.node, use.run_id, use.query_id};
    const Cells output = lineage.output ? DatasetCells(*lineage.output)
                                        : Cells{std::string(), std::string(), std::string(), {}};
    cells.insert(cells.end(), output.begin(), output.end());
    std::set<size_t> alone;
    for (size_t i = 0; i < lineage.inputs.size(); ++i) alone.insert(i);
    for (const LineageEdge& edge : lineage.edges) alone.erase(edge.input);
    const auto edges = static_cast<int64_t>(lineage.edges.size() + alone.size());
    for (Cell cell : std::initializer_list<Cell>{int64_t{lineage.is_cut}, edges, now, now})
        cells.push_back(std::move(cell));
    connection.Execute(
        "INSERT INTO lineage_statements (shape, node, run_id, query_id, output_kind, output_id, "
        "output, output_version, is_cut, edges, first_seen_us, last_seen_us) VALUES (?1, ?2, ?3, "
        "?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        cells);
    const int64_t statement = connection.LastInsertKey();
    for (size_t i = 0; i < lineage.inputs.size(); ++i) {
        Cells input = DatasetCells(lineage.inputs[i]);
        input.emplace_back(statement);
        input.emplace_back(static_cast<int64_t>(i));
        connection.Execute(
            "INSERT INTO lineage_inputs (kind, id, input, version, statement, place) VALUES (?1, "
            "?2, ?3, ?4, ?5, ?6)",
            input);
    }
    const auto insert = [&](size_t input, const std::string& column, const std::string& to,
                            std::string_view effect, bool masking) {
        connection.Execute(
            "INSERT INTO lineage_edges (statement, place, input_column, output_column, effect, "
            "masking) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            {statement, static_cast<int64_t>(input), column, to, std::string(effect),
             int64_t{masking}});
    };
    for (const LineageEdge& edge : lineage.edges)
        insert(edge.input, edge.column, edge.output, engine::NameOf(edge.effect), edge.masking);
    for (const size_t input : alone) insert(input, "", "", "", false);
    written_since_cleaning_ += edges;
}

void LineageLog::SeeAgain(Connection& connection, const LineageUse& use, int64_t statement) {
    const auto& output = use.lineage.output;
    connection.Execute(
        "UPDATE lineage_statements SET run_id = ?1, query_id = ?2, output_id = ?3, output_version "
        "= ?4, last_seen_us = ?5 WHERE number = ?6",
        {use.run_id, use.query_id, output ? output->id : "",
         output ? VersionCell(output->version) : Cell(), ToUnixUs(clock_.Now()), statement});
    for (size_t i = 0; i < use.lineage.inputs.size(); ++i) {
        const LineageDataset& input = use.lineage.inputs[i];
        connection.Execute(
            "UPDATE lineage_inputs SET id = ?1, version = ?2 WHERE statement = ?3 AND place = ?4",
            {input.id, VersionCell(input.version), statement, static_cast<int64_t>(i)});
    }
}

void LineageLog::Clean(Connection& connection) {
    was_cleaned_ = true;
    written_since_cleaning_ = 0;
    const auto forget = [&](const Cell& statement) {
        for (const char* sql : {"DELETE FROM lineage_edges WHERE statement = ?1",
                                "DELETE FROM lineage_inputs WHERE statement = ?1",
                                "DELETE FROM lineage_statements WHERE number = ?1"})
            connection.Execute(sql, {statement});
    };
    const Cells oldest{ToUnixUs(clock_.Now() - keep_)};
    for (const Cells& row :
         connection.Query("SELECT number FROM lineage_statements WHERE last_seen_us < ?1", oldest))
        forget(row.at(0));
    // Numbers are given once: there are no more rows than lie between the first and the last.
    const auto span =
        connection.Query("SELECT coalesce(max(number) - min(number) + 1, 0) FROM lineage_edges");
    if (IntOf(span.at(0).at(0)) <= kMostRows) return;
    int64_t kept = 0;
    for (const Cells& row : connection.Query(
             "SELECT number, edges FROM lineage_statements ORDER BY last_seen_us DESC")) {
        kept += IntOf(row.at(1));
        if (kept > kMostRows) forget(row.at(0));
    }
}

// A node's older statements are what it did before it was changed; those of one run belong
// together.
std::vector<LineageRow> LineageLog::Edges() {
    std::vector<LineageRow> edges;
    store_.Read([&](Connection& connection) {
        std::map<std::pair<std::string, std::string>, std::pair<std::string, int64_t>> newest;
        std::set<int64_t> outdated;
        for (const Cells& row : connection.Query(
                 "SELECT number, node, output, run_id, last_seen_us FROM lineage_statements WHERE "
                 "node <> '' ORDER BY last_seen_us DESC, number DESC")) {
            const auto [first, is_new] =
                newest.emplace(std::pair(TextOf(row.at(1)), TextOf(row.at(2))),
                               std::pair(TextOf(row.at(3)), IntOf(row.at(0))));
            const auto& [run, number] = first->second;
            const bool is_of_run = !run.empty() && run == TextOf(row.at(3));
            if (!is_new && !is_of_run) outdated.insert(IntOf(row.at(0)));
        }
        for (const Cells& row : connection.Query(
                 "SELECT statement, node, run_id, output_table, output_kind, output_column, "
                 "input_table, input_kind, input_column, effect, masking, last_seen_us FROM "
                 "lineage ORDER BY number LIMIT ?1",
                 {kMostRows})) {
            if (outdated.contains(IntOf(row.at(0)))) continue;
            LineageRow edge;
            edge.node = OptionalText(row.at(1));
            edge.run_id = OptionalText(row.at(2));
            edge.output = OptionalText(row.at(3));
            edge.output_kind = OptionalText(row.at(4));
            edge.output_column = OptionalText(row.at(5));
            edge.input = OptionalText(row.at(6));
            edge.input_kind = OptionalText(row.at(7));
            edge.input_column = OptionalText(row.at(8));
            edge.effect = engine::LineageEffectNamed(OptionalText(row.at(9)));
            edge.masking = IntOf(row.at(10)) != 0;
            edge.last_seen_us = IntOf(row.at(11));
            edges.push_back(std::move(edge));
        }
    });
    return edges;
}

std::unique_ptr<table::RowSource> LineageLog::OpenLineage() { return OpenLineageRows(store_); }

}  // namespace tarn::catalog
