#include "pipeline/column_lineage.h"

#include <utility>

#include "base/text.h"
#include "pipeline/manifest.h"
#include "pipeline/seed.h"
#include "pipeline/snapshot.h"

namespace tarn::pipeline {

namespace {

using Json = nlohmann::ordered_json;

// What a build adds to the rows of a model's SELECT.
void AddOwnColumns(const Node& node, std::vector<engine::ColumnInfo>& columns) {
    if (!node.model->expectations.empty()) {
        columns.push_back({"dq_passed", "BOOLEAN"});
        columns.push_back({"dq_failure_reason", "VARCHAR"});
    }
    if (node.config.watermark) {
        columns.push_back({"is_late_arrival", "BOOLEAN"});
        columns.push_back({"ingestion_lag_secs", "BIGINT"});
    }
}

}  // namespace

std::string ColumnLineage::SelectOf(const Item& item,
                                    const std::map<std::string, std::string>& compiled) {
    const Node& node = loaded_.graph().Nodes()[*item.node];
    if (item.type == "seed") {
        if (catalog_.Find({node.model->schema, node.model->name})) return "";
        return ReadSeed(session_, catalog_.Config().root, *node.model).sql.text;
    }
    const auto known = compiled.find(item.unique_id);
    const std::string select =
        known != compiled.end() ? known->second : loaded_.compiler().Compile(node, false, {}).text;
    if (!node.config.snapshot) return select;
    SnapshotRun run{*node.config.snapshot, select, {}, "2000-01-01 00:00:00", "TIMESTAMP"};
    const auto lineage = session_.LineageOf(select, assumed_);
    if (lineage == nullptr) return select;
    for (const engine::ColumnInfo& column : lineage->columns) run.columns.push_back(column.name);
    return FirstSnapshot(run);
}

void ColumnLineage::Assume(const Item& item, const engine::StatementLineage& lineage) {
    const Node& node = loaded_.graph().Nodes()[*item.node];
    engine::AssumedTables::Table table;
    table.name = {node.model->schema, node.model->name};
    table.columns = lineage.columns;
    table.is_view = node.config.materialized == Materialized::kView;
    AddOwnColumns(node, table.columns);
    assumed_.Add(std::move(table));
}

Json ColumnLineage::Shown(const engine::StatementLineage& lineage) const {
    std::vector<std::string> ids;
    for (const engine::LineageDataset& input : lineage.inputs) {
        const auto known = ids_.find(AsciiLower(input.Title()));
        ids.push_back(known == ids_.end() ? input.Title() : known->second);
    }
    Json shown{{"columns", Json::object()}, {"rows", Json::array()}};
    for (const engine::ColumnInfo& column : lineage.columns)
        shown["columns"][column.name] = Json::array();
    for (const engine::LineageEdge& edge : lineage.edges) {
        Json& edges = edge.output.empty() ? shown["rows"] : shown["columns"][edge.output];
        edges.push_back({{"id", ids[edge.input]},
                         {"column", edge.column},
                         {"effect", engine::NameOf(edge.effect)},
                         {"masking", edge.masking}});
    }
    return shown;
}

Json ColumnLineage::Read(const std::map<std::string, std::string>& compiled) {
    for (const Item& item : loaded_.inventory().Items()) {
        if (const auto name = TableOf(loaded_, item))
            ids_.emplace(AsciiLower(name->ToString()), item.unique_id);
    }
    Json all = Json::object();
    for (const Item& item : loaded_.inventory().Items()) {
        const bool has_rows =
            item.type == "model" || item.type == "seed" || item.type == "snapshot";
        if (!has_rows || !item.node) continue;
        const Node& node = loaded_.graph().Nodes()[*item.node];
        if (node.config.materialized == Materialized::kEphemeral) continue;
        try {
            const std::string select = SelectOf(item, compiled);
            if (select.empty()) continue;
            const auto lineage = session_.LineageOf(select, assumed_);
            if (lineage == nullptr) continue;
            if (node.config.materialized != Materialized::kAutoCdc &&
                node.config.materialized != Materialized::kHistory)
                Assume(item, *lineage);
            if (item.type != "seed") all[item.unique_id] = Shown(*lineage);
        } catch (const Error& error) {
            all[item.unique_id] = {
                {"columns", Json::object()}, {"rows", Json::array()}, {"missing", error.message()}};
        }
    }
    return all;
}

}  // namespace tarn::pipeline
