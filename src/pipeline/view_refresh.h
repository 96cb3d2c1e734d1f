// Brings the table of a materialized view up to date: from what changed in its sources, where its
// SELECT is of a shape for that and so few changed that it pays, else by making it again; and says
// which and why. Both give the same rows, as SQL compares them. Either way it is one commit: rows,
// the versions of the sources that they are of, and what the view was made by; so that a run that
// was cut has done all or nothing. Not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/query_shape.h"
#include "pipeline/node_compiler.h"
#include "pipeline/table_writer.h"

namespace tarn::pipeline {

struct RefreshTask {
    const Node& node;
    // What the table is made by, but for its SELECT: a run's marks among it.
    const TableWrite& write;
    const ReadVersions& versions;  // `after`: those of the sources that the table's commits tell
    const CompiledSql& sql;
    // Why it is made again, as its node asks; empty: nothing asks.
    std::string wish = {};
    // What it does to rows that changes alone cannot tell; empty: nothing.
    std::string obstacle = {};
};

struct Refreshed {
    WriteOutcome written;
    std::string how;  // "incremental: ..." or "full: ..."
};

class ViewRefresh {
public:
    // Both outlive it.
    ViewRefresh(engine::Session& session, NodeCompiler& compiler, TableWriter& writer)
        : session_(session), compiler_(compiler), writer_(writer) {}

    // InvalidInput: the view is to be brought up to date by changes alone (`refresh: incremental`),
    // and cannot be.
    Refreshed Run(const RefreshTask& task);

private:
    engine::QueryShape ShapeOf(const std::string& select);
    std::string ColumnsBehind(const engine::QueryShape& shape);
    // What the view is made by: a hash.
    std::string DefinitionOf(const RefreshTask& task, const engine::QueryShape& shape);
    // Why changes do not do; empty: they may.
    std::string WhyAnew(const RefreshTask& task, const std::string& definition);
    std::string WhyNot(const RefreshTask& task, const engine::QueryShape& shape);
    // Has somebody else changed the table's rows since the version.
    bool IsTouched(const engine::TableName& table, int64_t since);
    std::optional<WriteOutcome> Try(const RefreshTask& task, const TableWrite& write,
                                    const engine::QueryShape& shape, std::string& how);
    // About so many rows have all of them.
    int64_t RowsOf(const std::vector<engine::TableName>& tables);

    engine::Session& session_;
    NodeCompiler& compiler_;
    TableWriter& writer_;
};

}  // namespace tarn::pipeline
