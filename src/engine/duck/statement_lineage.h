// The lineage of the running statement, read from its bound plan on the plan's way to the optimizer
// (PlanOrigins). Not thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "duckdb/main/client_context.hpp"
#include "duckdb/main/config.hpp"
#include "duckdb/planner/logical_operator.hpp"
#include "engine/duck/origins.h"
#include "engine/duck/plan_origins.h"
#include "engine/duck/temp_lineage.h"

namespace tarn::engine::duck {

// What the columns of an answer are called, of what type they are.
std::vector<ColumnInfo> ColumnInfosOf(const duckdb::vector<std::string>& names,
                                      const duckdb::vector<duckdb::LogicalType>& types);

class LineageCapture {
public:
    // `temps` outlives the object; what the statement does to a temporary table is told to it.
    explicit LineageCapture(TempLineage& temps) : temps_(temps) {}

    // The first plan that it is given is the statement's, others are passed by.
    void Read(duckdb::LogicalOperator& plan);
    // Of the statement nothing is told.
    void Forget() { has_read_ = false; }
    // The plan of a view's query.
    void ReadView(duckdb::LogicalOperator& query, LineageDataset view,
                  std::vector<ColumnInfo> columns);
    // The statement has succeeded. `answer`: what the columns of its answer are, where it writes
    // nothing; `views`: those that it read. Null: nothing was planned, or it writes a temporary
    // table.
    std::shared_ptr<StatementLineage> Finish(std::vector<ColumnInfo> answer,
                                             const std::vector<LineageDataset>& views);

private:
    void ReadWrite(duckdb::LogicalOperator& writer);
    void ReadInsert(duckdb::LogicalOperator& plan);
    void ReadUpdate(duckdb::LogicalOperator& plan);
    void ReadDelete(duckdb::LogicalOperator& plan);
    void ReadMerge(duckdb::LogicalOperator& plan);
    void ReadCreate(duckdb::LogicalOperator& plan);
    void ReadCopy(duckdb::LogicalOperator& plan);
    void Writes(duckdb::TableCatalogEntry& table);
    void AddEdges(const Origins& origins, const std::string& output, StatementLineage& lineage);

    TempLineage& temps_;
    LineageSources sources_;
    PlanOrigins origins_{sources_, &temps_};
    OutputOrigins found_;
    bool has_read_ = false;
    std::optional<LineageDataset> output_;
    std::vector<ColumnInfo> columns_;  // of what is written
    std::string temporary_;            // the table that is written, when it is one
    bool makes_ = false;               // the table that is written
};

// From now on every statement's plan is shown to the capture of its client, if that has one.
void RegisterLineage(duckdb::DBConfig& config);

}  // namespace tarn::engine::duck
