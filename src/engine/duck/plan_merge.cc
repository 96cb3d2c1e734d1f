// MERGE INTO of the lake: DuckDB matches and evaluates, our sinks take the rows of each action.
#include <algorithm>

#include "duckdb/execution/operator/persistent/physical_merge_into.hpp"
#include "duckdb/execution/physical_plan_generator.hpp"
#include "duckdb/planner/expression/bound_reference_expression.hpp"
#include "duckdb/planner/operator/logical_merge_into.hpp"
#include "engine/duck/catalog.h"
#include "engine/duck/dml.h"
#include "engine/duck/errors.h"
#include "engine/duck/generated_columns.h"

namespace tarn::engine::duck {
namespace {

// One running MERGE, shared by the sinks of its actions. The last action to finish stages the
// change.
struct MergeRun {
    MergeRun(duckdb::ClientContext& client, std::shared_ptr<TableEntry> entry)
        : changes(client, std::move(entry)) {}
    RowChanges changes;
    size_t unfinished = 0;
};

struct MergeShared {
    std::shared_ptr<TableEntry> entry;
    RowChanges::Rule rule;
    std::shared_ptr<MergeRun> current;

    // Every action asks once, before any row comes.
    std::shared_ptr<MergeRun> Join(duckdb::ClientContext& client) {
        if (!current) current = std::make_shared<MergeRun>(client, entry);
        current->unfinished++;
        return current;
    }
};

std::string NameOf(RowAction action) {
    switch (action) {
        case RowAction::kInsert:
            return "INSERT";
        case RowAction::kUpdate:
            return "UPDATE";
        case RowAction::kDelete:
            return "DELETE";
    }
    return "";
}

struct ActionState final : public duckdb::GlobalSinkState {
    explicit ActionState(std::shared_ptr<MergeRun> merge_run) : run(std::move(merge_run)) {}
    std::shared_ptr<MergeRun> run;
};

struct ActionLocalState final : public duckdb::LocalSinkState {
    explicit ActionLocalState(RowChanges::Local changes_local) : local(std::move(changes_local)) {}
    RowChanges::Local local;
    duckdb::DataChunk rows;
};

// The rows of one action. An action that adds rows is given the table's columns first.
class ActionOperator final : public duckdb::PhysicalOperator {
public:
    ActionOperator(duckdb::PhysicalPlan& physical_plan,
                   duckdb::vector<duckdb::LogicalType> result_types,
                   std::shared_ptr<MergeShared> shared, RowAction action,
                   std::optional<duckdb::idx_t> row_id_column)
        : PhysicalOperator(physical_plan, duckdb::PhysicalOperatorType::EXTENSION,
                           std::move(result_types), 1),
          shared_(std::move(shared)),
          action_(action),
          row_id_column_(row_id_column) {}

    std::string GetName() const override { return "TARN_MERGE_" + NameOf(action_); }
    bool IsSink() const override { return true; }
    bool ParallelSink() const override { return true; }

    duckdb::unique_ptr<duckdb::GlobalSinkState> GetGlobalSinkState(
        duckdb::ClientContext& client) const override {
        return Guarded([&] { return duckdb::make_uniq<ActionState>(shared_->Join(client)); });
    }

    // DuckDB's merge keeps our global state to itself, so that the run is reached through what is
    // shared.
    duckdb::unique_ptr<duckdb::LocalSinkState> GetLocalSinkState(
        duckdb::ExecutionContext&) const override {
        auto state =
            duckdb::make_uniq<ActionLocalState>(shared_->current->changes.MakeLocal(action_));
        state->rows.InitializeEmpty(shared_->entry->GetTypes());
        return state;
    }

    duckdb::SinkResultType Sink(duckdb::ExecutionContext& execution, duckdb::DataChunk& chunk,
                                duckdb::OperatorSinkInput& input) const override {
        auto& changes = input.global_state.Cast<ActionState>().run->changes;
        auto& state = input.local_state.Cast<ActionLocalState>();
        if (action_ == RowAction::kDelete) {
            changes.DeleteRows(state.local, chunk.data[*row_id_column_], chunk.size());
            return duckdb::SinkResultType::NEED_MORE_INPUT;
        }
        for (size_t i = 0; i < state.rows.ColumnCount(); i++)
            state.rows.data[i].Reference(chunk.data[i]);
        state.rows.SetCardinality(chunk.size());
        if (action_ == RowAction::kInsert) {
            changes.InsertRows(execution, state.local, state.rows);
        } else {
            const duckdb::idx_t next = *row_id_column_ + 1;
            changes.UpdateRows(execution, state.local, state.rows, chunk.data[*row_id_column_],
                               next < chunk.ColumnCount() ? &chunk.data[next] : nullptr);
        }
        return duckdb::SinkResultType::NEED_MORE_INPUT;
    }

    duckdb::SinkCombineResultType Combine(duckdb::ExecutionContext& execution,
                                          duckdb::OperatorSinkCombineInput& input) const override {
        input.global_state.Cast<ActionState>().run->changes.Combine(
            execution, input.local_state.Cast<ActionLocalState>().local);
        return duckdb::SinkCombineResultType::FINISHED;
    }

    duckdb::SinkFinalizeType Finalize(duckdb::Pipeline& pipeline, duckdb::Event& event,
                                      duckdb::ClientContext&,
                                      duckdb::OperatorSinkFinalizeInput& input) const override {
        MergeRun& run = *input.global_state.Cast<ActionState>().run;
        if (--run.unfinished > 0) return duckdb::SinkFinalizeType::READY;
        Guarded([&] { run.changes.Finish(pipeline, event, *this, shared_->rule); });
        shared_->current.reset();
        return duckdb::SinkFinalizeType::READY;
    }

private:
    const std::shared_ptr<MergeShared> shared_;
    const RowAction action_;
    const std::optional<duckdb::idx_t> row_id_column_;
};

// The new row by the table's columns: what UPDATE SET gives, the old value elsewhere; at the end
// the row id with what belongs to it.
RowExpressions UpdatedRow(const duckdb::LogicalMergeInto& op, duckdb::BoundMergeIntoAction& action,
                          size_t columns, size_t row_id_columns) {
    RowExpressions row(columns);
    for (size_t i = 0; i < action.columns.size(); i++)
        row[action.columns[i].index] = std::move(action.expressions[i]);
    for (size_t i = 0; i < columns; i++) {
        const bool is_default =
            row[i] && row[i]->GetExpressionType() == duckdb::ExpressionType::VALUE_DEFAULT;
        if (!row[i] || is_default) row[i] = op.bound_defaults[i]->Copy();
    }
    for (size_t i = 0; i < row_id_columns; i++) {
        row.push_back(duckdb::make_uniq<duckdb::BoundReferenceExpression>(
            duckdb::LogicalType::BIGINT, op.row_id_start + i));
    }
    return row;
}

RowExpressions InsertedRow(duckdb::ClientContext& client, const TableEntry& entry,
                           const duckdb::LogicalMergeInto& op,
                           duckdb::BoundMergeIntoAction& action) {
    RowExpressions row;
    for (const auto& column : entry.GetColumns().Physical()) {
        const auto index = column.StorageOid();
        const auto from =
            action.column_index_map.empty() ? index : action.column_index_map[column.Physical()];
        const table::ColumnRules& rules = entry.metadata().schema.fields[index].rules;
        if (from == duckdb::DConstants::INVALID_INDEX) {
            row.push_back(rules.generated_as ? nullptr : op.bound_defaults[index]->Copy());
            continue;
        }
        RefuseGivenIdentity(entry, index);
        row.push_back(std::move(action.expressions[from]));
    }
    ComputeGenerated(client, entry, row);
    return row;
}

duckdb::unique_ptr<duckdb::MergeIntoOperator> PlanAction(
    duckdb::ClientContext& client, duckdb::PhysicalPlanGenerator& planner,
    const duckdb::LogicalMergeInto& op, duckdb::BoundMergeIntoAction& action,
    const std::shared_ptr<MergeShared>& shared) {
    auto planned = duckdb::make_uniq<duckdb::MergeIntoOperator>();
    planned->action_type = action.action_type;
    planned->condition = std::move(action.condition);
    const auto& columns = shared->entry->GetColumns();
    switch (action.action_type) {
        case duckdb::MergeActionType::MERGE_UPDATE:
            planned->expressions = UpdatedRow(op, action, columns.PhysicalColumnCount(),
                                              shared->entry->GetRowIdColumns().size());
            planned->op = planner.Make<ActionOperator>(
                op.types, shared, RowAction::kUpdate,
                std::optional<duckdb::idx_t>(columns.PhysicalColumnCount()));
            break;
        case duckdb::MergeActionType::MERGE_DELETE:
            planned->op =
                planner.Make<ActionOperator>(op.types, shared, RowAction::kDelete,
                                             std::optional<duckdb::idx_t>(op.row_id_start));
            break;
        case duckdb::MergeActionType::MERGE_INSERT:
            planned->expressions = InsertedRow(client, *shared->entry, op, action);
            planned->op = planner.Make<ActionOperator>(op.types, shared, RowAction::kInsert,
                                                       std::optional<duckdb::idx_t>());
            break;
        default:
            planned->expressions = std::move(action.expressions);
    }
    return planned;
}

// Rows that are only deleted, whatever else their source rows say, may be matched by several.
bool OnlyDeletes(const duckdb::LogicalMergeInto& op) {
    const auto matched = op.actions.find(duckdb::MergeActionCondition::WHEN_MATCHED);
    if (matched == op.actions.end() || matched->second.size() != 1) return false;
    const duckdb::BoundMergeIntoAction& action = *matched->second.front();
    return action.action_type == duckdb::MergeActionType::MERGE_DELETE && !action.condition;
}

// A row that matches and stays keeps its source row from being inserted; one that is missed by the
// source stands for the whole table.
bool OnlyGoersDecide(const duckdb::LogicalMergeInto& op) {
    const auto has = [&](duckdb::MergeActionCondition when) { return op.actions.contains(when); };
    if (has(duckdb::MergeActionCondition::WHEN_NOT_MATCHED_BY_SOURCE)) return false;
    if (!has(duckdb::MergeActionCondition::WHEN_NOT_MATCHED_BY_TARGET)) return true;
    const auto matched = op.actions.find(duckdb::MergeActionCondition::WHEN_MATCHED);
    if (matched == op.actions.end() || matched->second.empty()) return false;
    const duckdb::BoundMergeIntoAction& last = *matched->second.back();
    const bool goes = last.action_type == duckdb::MergeActionType::MERGE_UPDATE ||
                      last.action_type == duckdb::MergeActionType::MERGE_DELETE;
    const auto stays = [](const auto& action) {
        return action->action_type == duckdb::MergeActionType::MERGE_DO_NOTHING;
    };
    return goes && !last.condition &&
           std::none_of(matched->second.begin(), matched->second.end(), stays);
}

}  // namespace

duckdb::PhysicalOperator& LakeCatalog::PlanMergeInto(duckdb::ClientContext& client,
                                                     duckdb::PhysicalPlanGenerator& planner,
                                                     duckdb::LogicalMergeInto& op,
                                                     duckdb::PhysicalOperator& plan) {
    return Guarded([&]() -> duckdb::PhysicalOperator& {
        auto shared = std::make_shared<MergeShared>();
        // Whether a row that is there matches, the commit sees.
        shared->entry = EntryToWriteRows(client, op.table, table::RowsThere::kStay);
        shared->rule = {"MERGE", OnlyDeletes(op), OnlyGoersDecide(op)};
        if (op.return_chunk)
            throw Error(ErrorKind::kUnsupported, "MERGE ... RETURNING is not there yet");
        std::map<duckdb::MergeActionCondition,
                 duckdb::vector<duckdb::unique_ptr<duckdb::MergeIntoOperator>>>
            actions;
        for (auto& [condition, bound] : op.actions) {
            auto& planned = actions[condition];
            for (auto& action : bound)
                planned.push_back(PlanAction(client, planner, op, *action, shared));
        }
        constexpr bool kIsParallel = true;
        auto& merge =
            planner.Make<duckdb::PhysicalMergeInto>(op.types, std::move(actions), op.row_id_start,
                                                    op.source_marker, kIsParallel, op.return_chunk);
        merge.children.push_back(plan);
        return merge;
    });
}

}  // namespace tarn::engine::duck
