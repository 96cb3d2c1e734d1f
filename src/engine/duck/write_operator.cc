#include "engine/duck/write_operator.h"

#include "duckdb/execution/operator/projection/physical_projection.hpp"
#include "duckdb/execution/physical_plan_generator.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"
#include "duckdb/planner/expression/bound_reference_expression.hpp"
#include "engine/duck/errors.h"

namespace tarn::engine::duck {
namespace {

struct WriteState final : public duckdb::GlobalSinkState {
    WriteState(duckdb::ClientContext& client, std::shared_ptr<const WriteTarget> target,
               const TableEntry* recorded)
        : writer(client, std::move(target), LimitsOfWriter(recorded != nullptr)) {
        if (recorded != nullptr) recorder.emplace(client, *recorded);
    }
    TableWriter writer;
    std::optional<ChangeRecorder> recorder;
};

struct WriteLocalState final : public duckdb::LocalSinkState {
    explicit WriteLocalState(const WriteState& state) : local(state.writer.MakeLocal()) {
        if (state.recorder) recorded = state.recorder->MakeLocal();
    }
    std::unique_ptr<TableWriter::Local> local;
    std::unique_ptr<TableWriter::Local> recorded;
};

}  // namespace

WriteOperator::WriteOperator(duckdb::PhysicalPlan& physical_plan,
                             duckdb::vector<duckdb::LogicalType> result_types,
                             duckdb::idx_t cardinality, std::shared_ptr<const WriteTarget> target,
                             std::shared_ptr<const TableEntry> recorded, OnFinish on_finish,
                             bool is_parallel)
    : PhysicalOperator(physical_plan, duckdb::PhysicalOperatorType::EXTENSION,
                       std::move(result_types), cardinality),
      target_(std::move(target)),
      recorded_(std::move(recorded)),
      on_finish_(std::move(on_finish)),
      is_parallel_(is_parallel) {}

duckdb::unique_ptr<duckdb::GlobalSinkState> WriteOperator::GetGlobalSinkState(
    duckdb::ClientContext& client) const {
    return Guarded([&] { return duckdb::make_uniq<WriteState>(client, target_, recorded_.get()); });
}

// The global state exists before any local one.
duckdb::unique_ptr<duckdb::LocalSinkState> WriteOperator::GetLocalSinkState(
    duckdb::ExecutionContext&) const {
    return duckdb::make_uniq<WriteLocalState>(sink_state->Cast<WriteState>());
}

duckdb::SinkResultType WriteOperator::Sink(duckdb::ExecutionContext& execution,
                                           duckdb::DataChunk& rows,
                                           duckdb::OperatorSinkInput& input) const {
    auto& state = input.global_state.Cast<WriteState>();
    auto& local = input.local_state.Cast<WriteLocalState>();
    state.writer.Sink(execution, *local.local, rows);
    if (state.recorder) state.recorder->Record(execution, *local.recorded, rows, kInserted);
    return duckdb::SinkResultType::NEED_MORE_INPUT;
}

duckdb::SinkCombineResultType WriteOperator::Combine(
    duckdb::ExecutionContext& execution, duckdb::OperatorSinkCombineInput& input) const {
    auto& state = input.global_state.Cast<WriteState>();
    auto& local = input.local_state.Cast<WriteLocalState>();
    state.writer.Combine(execution, *local.local);
    if (state.recorder) state.recorder->Combine(execution, *local.recorded);
    return duckdb::SinkCombineResultType::FINISHED;
}

duckdb::SinkFinalizeType WriteOperator::Finalize(duckdb::Pipeline&, duckdb::Event&,
                                                 duckdb::ClientContext& client,
                                                 duckdb::OperatorSinkFinalizeInput& input) const {
    auto& state = input.global_state.Cast<WriteState>();
    Guarded([&] {
        WrittenRows written{state.writer.Finish(client), state.writer.RowsWritten(), {}};
        if (state.recorder) written.recorded = state.recorder->Finish(client);
        on_finish_(client, std::move(written));
    });
    return duckdb::SinkFinalizeType::READY;
}

duckdb::SourceResultType WriteOperator::GetDataInternal(duckdb::ExecutionContext&,
                                                        duckdb::DataChunk& chunk,
                                                        duckdb::OperatorSourceInput&) const {
    chunk.SetCardinality(1);
    const auto rows = static_cast<int64_t>(sink_state->Cast<WriteState>().writer.RowsWritten());
    chunk.SetValue(0, 0, duckdb::Value::BIGINT(rows));
    return duckdb::SourceResultType::FINISHED;
}

bool MayWriteInParallel(duckdb::PhysicalOperator& plan) {
    return duckdb::PhysicalPlanGenerator::OrderPreservationRecursive(plan) !=
           duckdb::OrderPreservationType::FIXED_ORDER;
}

duckdb::PhysicalOperator& CastTo(duckdb::ClientContext& client,
                                 duckdb::PhysicalPlanGenerator& planner,
                                 duckdb::PhysicalOperator& plan,
                                 const duckdb::vector<duckdb::LogicalType>& wanted) {
    if (plan.types == wanted) return plan;
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> columns;
    for (size_t i = 0; i < wanted.size(); i++) {
        auto column = duckdb::make_uniq<duckdb::BoundReferenceExpression>(plan.types[i], i);
        columns.push_back(
            duckdb::BoundCastExpression::AddCastToType(client, std::move(column), wanted[i]));
    }
    auto& projection = planner.Make<duckdb::PhysicalProjection>(wanted, std::move(columns),
                                                                plan.estimated_cardinality);
    projection.children.push_back(plan);
    return projection;
}

}  // namespace tarn::engine::duck
