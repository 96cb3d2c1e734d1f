// The operator at the end of INSERT and CREATE TABLE AS: rows go to data files, and to change files
// where they must be recorded; once all are durable the change is staged. Answers with the number
// of rows.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "duckdb/execution/physical_operator.hpp"
#include "engine/duck/change_recorder.h"
#include "engine/duck/table_writer.h"

namespace tarn::engine::duck {

struct WrittenRows {
    std::vector<table::DataFile> files;
    uint64_t rows = 0;
    std::vector<table::ChangeDataFile> recorded;
};

class WriteOperator final : public duckdb::PhysicalOperator {
public:
    using OnFinish = std::function<void(duckdb::ClientContext&, WrittenRows)>;

    // `recorded`: the table whose change feed the rows are recorded for; null: for none.
    WriteOperator(duckdb::PhysicalPlan& physical_plan,
                  duckdb::vector<duckdb::LogicalType> result_types, duckdb::idx_t cardinality,
                  std::shared_ptr<const WriteTarget> target,
                  std::shared_ptr<const TableEntry> recorded, OnFinish on_finish, bool is_parallel);

    std::string GetName() const override { return "TARN_WRITE"; }
    bool IsSink() const override { return true; }
    bool ParallelSink() const override { return is_parallel_; }
    bool SinkOrderDependent() const override { return !is_parallel_; }
    bool IsSource() const override { return true; }
    duckdb::unique_ptr<duckdb::GlobalSinkState> GetGlobalSinkState(
        duckdb::ClientContext& client) const override;
    duckdb::unique_ptr<duckdb::LocalSinkState> GetLocalSinkState(
        duckdb::ExecutionContext& execution) const override;
    duckdb::SinkResultType Sink(duckdb::ExecutionContext& execution, duckdb::DataChunk& rows,
                                duckdb::OperatorSinkInput& input) const override;
    duckdb::SinkCombineResultType Combine(duckdb::ExecutionContext& execution,
                                          duckdb::OperatorSinkCombineInput& input) const override;
    duckdb::SinkFinalizeType Finalize(duckdb::Pipeline& pipeline, duckdb::Event& event,
                                      duckdb::ClientContext& client,
                                      duckdb::OperatorSinkFinalizeInput& input) const override;
    duckdb::SourceResultType GetDataInternal(duckdb::ExecutionContext& execution,
                                             duckdb::DataChunk& chunk,
                                             duckdb::OperatorSourceInput& input) const override;

private:
    const std::shared_ptr<const WriteTarget> target_;
    const std::shared_ptr<const TableEntry> recorded_;
    const OnFinish on_finish_;
    const bool is_parallel_;
};

// A sorted input is written in its order, by one thread; any other by all.
bool MayWriteInParallel(duckdb::PhysicalOperator& plan);
// The plan's rows cast to the types; the plan itself when they have them.
duckdb::PhysicalOperator& CastTo(duckdb::ClientContext& client,
                                 duckdb::PhysicalPlanGenerator& planner,
                                 duckdb::PhysicalOperator& plan,
                                 const duckdb::vector<duckdb::LogicalType>& wanted);

}  // namespace tarn::engine::duck
