#include "engine/duck/statement_lineage.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "duckdb/optimizer/optimizer_extension.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "duckdb/planner/operator/list.hpp"
#include "duckdb/planner/parsed_data/bound_create_table_info.hpp"
#include "engine/duck/client_state.h"
#include "engine/duck/scan_dataset.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;

bool Writes(LogicalOperatorType type) {
    return type == LogicalOperatorType::LOGICAL_INSERT ||
           type == LogicalOperatorType::LOGICAL_UPDATE ||
           type == LogicalOperatorType::LOGICAL_DELETE ||
           type == LogicalOperatorType::LOGICAL_MERGE_INTO ||
           type == LogicalOperatorType::LOGICAL_CREATE_TABLE ||
           type == LogicalOperatorType::LOGICAL_COPY_TO_FILE;
}

bool IsSame(const LineageDataset& one, const LineageDataset& other) {
    if (one.kind != other.kind) return false;
    if (!one.id.empty() && !other.id.empty()) return one.id == other.id;
    return EqualsIgnoreCase(one.Title(), other.Title());
}

void PreOptimize(duckdb::OptimizerExtensionInput& input,
                 duckdb::unique_ptr<LogicalOperator>& plan) {
    ClientState* const state = ClientState::TryOf(input.context);
    if (state == nullptr || state->lineage == nullptr) return;
    try {
        state->lineage->Read(*plan);
    } catch (const std::exception&) {
        // What cannot be followed fails no statement.
        state->lineage->Forget();
    }
}

}  // namespace

std::vector<ColumnInfo> ColumnInfosOf(const duckdb::vector<std::string>& names,
                                      const duckdb::vector<duckdb::LogicalType>& types) {
    std::vector<ColumnInfo> columns;
    for (size_t i = 0; i < names.size(); i++) columns.push_back({names[i], types[i].ToString()});
    return columns;
}

// WITH and RETURNING stand above what writes.
void LineageCapture::Read(LogicalOperator& plan) {
    if (has_read_) return;
    has_read_ = true;
    LogicalOperator* at = &plan;
    while (!duck::Writes(at->type)) {
        if (at->type == LogicalOperatorType::LOGICAL_MATERIALIZED_CTE) {
            origins_.VisitDefinition(*at);
            at = at->children[1].get();
        } else if (at->children.size() == 1 &&
                   (at->type == LogicalOperatorType::LOGICAL_PROJECTION ||
                    at->type == LogicalOperatorType::LOGICAL_EXPLAIN)) {
            at = at->children[0].get();
        } else {
            break;
        }
    }
    if (duck::Writes(at->type)) return ReadWrite(*at);
    found_.rows = origins_.Visit(plan);
    found_.columns = origins_.ColumnsOf(plan);
}

void LineageCapture::ReadView(LogicalOperator& query, LineageDataset view,
                              std::vector<ColumnInfo> columns) {
    has_read_ = true;
    found_.rows = origins_.Visit(query);
    found_.columns = origins_.ColumnsOf(query);
    output_ = std::move(view);
    columns_ = std::move(columns);
}

void LineageCapture::ReadWrite(LogicalOperator& writer) {
    switch (writer.type) {
        case LogicalOperatorType::LOGICAL_INSERT:
            return ReadInsert(writer);
        case LogicalOperatorType::LOGICAL_UPDATE:
            return ReadUpdate(writer);
        case LogicalOperatorType::LOGICAL_DELETE:
            return ReadDelete(writer);
        case LogicalOperatorType::LOGICAL_MERGE_INTO:
            return ReadMerge(writer);
        case LogicalOperatorType::LOGICAL_CREATE_TABLE:
            return ReadCreate(writer);
        default:
            return ReadCopy(writer);
    }
}

void LineageCapture::Writes(duckdb::TableCatalogEntry& table) {
    output_ = WrittenDataset(table);
    if (table.temporary) temporary_ = table.name;
    for (const auto& column : table.GetColumns().Physical())
        columns_.push_back({column.Name(), column.Type().ToString()});
    found_.columns.resize(columns_.size());
}

void LineageCapture::ReadInsert(LogicalOperator& plan) {
    auto& insert = plan.Cast<duckdb::LogicalInsert>();
    Writes(insert.table);
    if (plan.children.empty()) return;
    found_.rows = origins_.Visit(*plan.children[0]);
    const std::vector<Origins> given = origins_.ColumnsOf(*plan.children[0]);
    for (size_t i = 0; i < found_.columns.size(); i++) {
        const size_t from =
            insert.column_index_map.empty() ? i : insert.column_index_map[duckdb::PhysicalIndex(i)];
        if (from < given.size()) found_.columns[i] = given[from];
    }
}

void LineageCapture::ReadUpdate(LogicalOperator& plan) {
    auto& update = plan.Cast<duckdb::LogicalUpdate>();
    Writes(update.table);
    found_.rows = origins_.Visit(*plan.children[0]);
    for (size_t i = 0; i < update.columns.size() && i < plan.expressions.size(); i++)
        found_.columns[update.columns[i].index] = origins_.Of(*plan.expressions[i]);
}

void LineageCapture::ReadDelete(LogicalOperator& plan) {
    Writes(plan.Cast<duckdb::LogicalDelete>().table);
    found_.rows = origins_.Visit(*plan.children[0]);
}

void LineageCapture::ReadMerge(LogicalOperator& plan) {
    auto& merge = plan.Cast<duckdb::LogicalMergeInto>();
    Writes(merge.table);
    found_.rows = origins_.Visit(*plan.children[0]);
    for (const auto& [when, actions] : merge.actions) {
        for (const auto& action : actions) {
            if (action->condition)
                found_.rows.Add(origins_.Of(*action->condition, LineageEffect::kFilter));
            if (action->action_type == duckdb::MergeActionType::MERGE_UPDATE) {
                for (size_t i = 0; i < action->columns.size(); i++) {
                    found_.columns[action->columns[i].index].Add(
                        origins_.Of(*action->expressions[i]));
                }
            }
            if (action->action_type != duckdb::MergeActionType::MERGE_INSERT) continue;
            for (size_t i = 0; i < found_.columns.size(); i++) {
                const size_t from = action->column_index_map.empty()
                                        ? i
                                        : action->column_index_map[duckdb::PhysicalIndex(i)];
                if (from < action->expressions.size())
                    found_.columns[i].Add(origins_.Of(*action->expressions[from]));
            }
        }
    }
}

void LineageCapture::ReadCreate(LogicalOperator& plan) {
    const auto& create = plan.Cast<duckdb::LogicalCreateTable>();
    const auto& info = create.info->Base();
    LineageDataset table;
    table.name = {create.schema.name, info.table};
    makes_ = true;
    if (info.temporary || create.schema.ParentCatalog().IsTemporaryCatalog())
        temporary_ = info.table;
    output_ = std::move(table);
    for (const auto& column : info.columns.Physical())
        columns_.push_back({column.Name(), column.Type().ToString()});
    found_.columns.resize(columns_.size());
    if (plan.children.empty()) return;
    found_.rows = origins_.Visit(*plan.children[0]);
    found_.columns = origins_.ColumnsOf(*plan.children[0]);
}

void LineageCapture::ReadCopy(LogicalOperator& plan) {
    const auto& copy = plan.Cast<duckdb::LogicalCopyToFile>();
    found_.rows = origins_.Visit(*plan.children[0]);
    found_.columns = origins_.ColumnsOf(*plan.children[0]);
    LineageDataset files;
    files.kind = DatasetKind::kFiles;
    files.location = copy.file_path;
    files.format = copy.function.name;
    output_ = std::move(files);
    columns_ = ColumnInfosOf(copy.names, copy.expected_types);
}

void LineageCapture::AddEdges(const Origins& origins, const std::string& output,
                              StatementLineage& lineage) {
    for (size_t i = 0; i < origins.size(); i++) {
        const Origin origin = origins.At(i);
        const auto& [dataset, column] = sources_.At(origin.source);
        // A column that stays as it is comes from nowhere.
        const bool stays = origin.effect == LineageEffect::kIdentity && lineage.output &&
                           EqualsIgnoreCase(column, output) &&
                           IsSame(lineage.inputs[dataset], *lineage.output);
        if (stays) continue;
        if (lineage.edges.size() == StatementLineage::kMostEdges) {
            lineage.is_cut = true;
            return;
        }
        lineage.edges.push_back({dataset, column, output, origin.effect, origin.masking});
    }
}

std::shared_ptr<StatementLineage> LineageCapture::Finish(std::vector<ColumnInfo> answer,
                                                         const std::vector<LineageDataset>& views) {
    if (!has_read_) return nullptr;
    auto lineage = std::make_shared<StatementLineage>();
    lineage->output = output_;
    lineage->columns = output_ ? std::move(columns_) : std::move(answer);
    lineage->inputs = sources_.datasets();
    lineage->is_cut = origins_.is_cut();
    const size_t columns = std::min(lineage->columns.size(), found_.columns.size());
    for (size_t i = 0; i < columns; i++)
        AddEdges(found_.columns[i], lineage->columns[i].name, *lineage);
    AddEdges(found_.rows, "", *lineage);
    for (const LineageDataset& view : views) {
        const bool is_known = std::any_of(lineage->inputs.begin(), lineage->inputs.end(),
                                          [&](const auto& input) { return IsSame(input, view); });
        if (!is_known && !(output_ && IsSame(view, *output_))) lineage->inputs.push_back(view);
    }
    if (!temporary_.empty()) {
        makes_ ? temps_.Made(temporary_, *lineage) : temps_.Added(temporary_, *lineage);
        return nullptr;
    }
    // A table whose own rows are only found to be changed is no input of its own.
    if (lineage->edges.empty() && output_ && lineage->inputs.size() == 1 &&
        IsSame(lineage->inputs[0], *output_))
        lineage->inputs.clear();
    return lineage;
}

void RegisterLineage(duckdb::DBConfig& config) {
    duckdb::OptimizerExtension extension;
    extension.pre_optimize_function = PreOptimize;
    duckdb::OptimizerExtension::Register(config, std::move(extension));
}

}  // namespace tarn::engine::duck
