// DELETE and UPDATE of the lake.
#include <optional>

#include "duckdb/execution/physical_plan_generator.hpp"
#include "duckdb/planner/expression/bound_reference_expression.hpp"
#include "duckdb/planner/operator/logical_delete.hpp"
#include "duckdb/planner/operator/logical_update.hpp"
#include "engine/duck/catalog.h"
#include "engine/duck/dml.h"
#include "engine/duck/errors.h"

namespace tarn::engine::duck {
namespace {

struct ChangeState final : public duckdb::GlobalSinkState {
    ChangeState(duckdb::ClientContext& client, std::shared_ptr<TableEntry> entry)
        : changes(client, std::move(entry)) {}
    RowChanges changes;
};

struct ChangeLocalState final : public duckdb::LocalSinkState {
    explicit ChangeLocalState(RowChanges::Local changes_local) : local(std::move(changes_local)) {}
    RowChanges::Local local;
    duckdb::DataChunk rows;
};

// Where the new row's columns come from; nothing: NULL. Empty for DELETE.
using ColumnSources = std::vector<std::optional<duckdb::idx_t>>;

class ChangeOperator final : public duckdb::PhysicalOperator {
public:
    ChangeOperator(duckdb::PhysicalPlan& physical_plan,
                   duckdb::vector<duckdb::LogicalType> result_types, duckdb::idx_t cardinality,
                   std::shared_ptr<TableEntry> entry, ColumnSources sources,
                   duckdb::idx_t row_id_column, RowChanges::Rule rule)
        : PhysicalOperator(physical_plan, duckdb::PhysicalOperatorType::EXTENSION,
                           std::move(result_types), cardinality),
          entry_(std::move(entry)),
          sources_(std::move(sources)),
          row_id_column_(row_id_column),
          rule_(std::move(rule)) {}

    std::string GetName() const override { return "TARN_" + rule_.operation; }
    bool IsSink() const override { return true; }
    bool ParallelSink() const override { return true; }
    bool IsSource() const override { return true; }

    duckdb::unique_ptr<duckdb::GlobalSinkState> GetGlobalSinkState(
        duckdb::ClientContext& client) const override {
        return Guarded([&] { return duckdb::make_uniq<ChangeState>(client, entry_); });
    }

    duckdb::unique_ptr<duckdb::LocalSinkState> GetLocalSinkState(
        duckdb::ExecutionContext&) const override {
        auto state =
            duckdb::make_uniq<ChangeLocalState>(sink_state->Cast<ChangeState>().changes.MakeLocal(
                sources_.empty() ? RowAction::kDelete : RowAction::kUpdate));
        if (!sources_.empty()) state->rows.InitializeEmpty(entry_->GetTypes());
        return state;
    }

    duckdb::SinkResultType Sink(duckdb::ExecutionContext& execution, duckdb::DataChunk& chunk,
                                duckdb::OperatorSinkInput& input) const override {
        auto& state = input.local_state.Cast<ChangeLocalState>();
        auto& changes = input.global_state.Cast<ChangeState>().changes;
        duckdb::Vector& row_ids = chunk.data[row_id_column_];
        if (sources_.empty()) {
            changes.DeleteRows(state.local, row_ids, chunk.size());
            return duckdb::SinkResultType::NEED_MORE_INPUT;
        }
        for (size_t i = 0; i < sources_.size(); i++) {
            if (sources_[i]) {
                state.rows.data[i].Reference(chunk.data[*sources_[i]]);
            } else {
                state.rows.data[i].Reference(
                    duckdb::Value(entry_->GetColumns().GetColumn(duckdb::PhysicalIndex(i)).Type()));
            }
        }
        state.rows.SetCardinality(chunk.size());
        const duckdb::idx_t next = row_id_column_ + 1;
        changes.UpdateRows(execution, state.local, state.rows, row_ids,
                           next < chunk.ColumnCount() ? &chunk.data[next] : nullptr);
        return duckdb::SinkResultType::NEED_MORE_INPUT;
    }

    duckdb::SinkCombineResultType Combine(duckdb::ExecutionContext& execution,
                                          duckdb::OperatorSinkCombineInput& input) const override {
        input.global_state.Cast<ChangeState>().changes.Combine(
            execution, input.local_state.Cast<ChangeLocalState>().local);
        return duckdb::SinkCombineResultType::FINISHED;
    }

    duckdb::SinkFinalizeType Finalize(duckdb::Pipeline& pipeline, duckdb::Event& event,
                                      duckdb::ClientContext&,
                                      duckdb::OperatorSinkFinalizeInput& input) const override {
        auto& state = input.global_state.Cast<ChangeState>();
        Guarded([&] { state.changes.Finish(pipeline, event, *this, rule_); });
        return duckdb::SinkFinalizeType::READY;
    }

    duckdb::SourceResultType GetDataInternal(duckdb::ExecutionContext&, duckdb::DataChunk& chunk,
                                             duckdb::OperatorSourceInput&) const override {
        chunk.SetCardinality(1);
        chunk.SetValue(0, 0,
                       duckdb::Value::BIGINT(static_cast<int64_t>(
                           sink_state->Cast<ChangeState>().changes.RowsGone())));
        return duckdb::SourceResultType::FINISHED;
    }

private:
    const std::shared_ptr<TableEntry> entry_;
    const ColumnSources sources_;
    const duckdb::idx_t row_id_column_;
    const RowChanges::Rule rule_;
};

}  // namespace

duckdb::PhysicalOperator& LakeCatalog::PlanDelete(duckdb::ClientContext& client,
                                                  duckdb::PhysicalPlanGenerator& planner,
                                                  duckdb::LogicalDelete& op,
                                                  duckdb::PhysicalOperator& plan) {
    return Guarded([&]() -> duckdb::PhysicalOperator& {
        auto entry = EntryToWriteRows(client, op.table, table::RowsThere::kChange);
        if (op.return_chunk)
            throw Error(ErrorKind::kUnsupported, "DELETE ... RETURNING is not there yet");
        const auto row_id = op.expressions[0]->Cast<duckdb::BoundReferenceExpression>().index;
        auto& change = planner.Make<ChangeOperator>(op.types, op.estimated_cardinality,
                                                    std::move(entry), ColumnSources{}, row_id,
                                                    RowChanges::Rule{"DELETE", true, true});
        change.children.push_back(plan);
        return change;
    });
}

// The input has the new values of op.columns, as op.expressions says where, and at the end the
// row id with what belongs to it (TableEntry::GetRowIdColumns).
duckdb::PhysicalOperator& LakeCatalog::PlanUpdate(duckdb::ClientContext& client,
                                                  duckdb::PhysicalPlanGenerator& planner,
                                                  duckdb::LogicalUpdate& op,
                                                  duckdb::PhysicalOperator& plan) {
    return Guarded([&]() -> duckdb::PhysicalOperator& {
        auto entry = EntryToWriteRows(client, op.table, table::RowsThere::kChange);
        if (op.return_chunk)
            throw Error(ErrorKind::kUnsupported, "UPDATE ... RETURNING is not there yet");
        ColumnSources sources(entry->metadata().schema.fields.size());
        const duckdb::idx_t row_id_columns = entry->GetRowIdColumns().size();
        for (size_t i = 0; i < op.columns.size(); i++) {
            if (op.expressions[i]->GetExpressionType() == duckdb::ExpressionType::VALUE_DEFAULT)
                continue;
            sources[op.columns[i].index] =
                op.expressions[i]->Cast<duckdb::BoundReferenceExpression>().index;
        }
        auto& change = planner.Make<ChangeOperator>(
            op.types, op.estimated_cardinality, std::move(entry), std::move(sources),
            plan.types.size() - row_id_columns, RowChanges::Rule{"UPDATE", false, true});
        change.children.push_back(plan);
        return change;
    });
}

}  // namespace tarn::engine::duck
