// Reads the shape of a SELECT (QueryShape) from its bound plan, before the optimizer has seen it:
// subqueries are joins there already, views and macros are what they stand for. What is not known
// to be one of the shapes is none. Reads the plan, changes nothing. Not thread-safe; for one plan.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "duckdb/planner/expression.hpp"
#include "duckdb/planner/logical_operator.hpp"
#include "engine/query_shape.h"

namespace duckdb {
class LogicalAggregate;
class LogicalGet;
}  // namespace duckdb

namespace tarn::engine::duck {

class PlanShape {
public:
    QueryShape Read(duckdb::LogicalOperator& plan, std::vector<ColumnInfo> columns);

private:
    enum class Part { kRows, kGroups };
    // A column above an aggregation: its role, of a key which one.
    struct Column {
        ColumnRole role = ColumnRole::kOther;
        size_t key = 0;
    };

    // Unsupported, with what is in the way as its message.
    Part Visit(duckdb::LogicalOperator& plan);
    void VisitRows(duckdb::LogicalOperator& plan, const char* otherwise);
    Part VisitProjection(duckdb::LogicalOperator& plan);
    void VisitScan(duckdb::LogicalGet& get);
    void VisitJoin(duckdb::LogicalOperator& plan);
    Part VisitAggregate(duckdb::LogicalAggregate& aggregate);
    Part VisitDistinct(duckdb::LogicalOperator& plan);
    Part VisitReference(duckdb::LogicalOperator& plan);
    void ReadRoles(duckdb::LogicalOperator& plan);

    // Adds the expressions to what the plan says. Unsupported for those that do not always give the
    // same of the same row.
    void Describe(duckdb::LogicalOperator& plan);
    void CheckExpression(const duckdb::Expression& expression) const;
    Column At(const duckdb::ColumnBinding& binding) const;
    Column Of(const duckdb::Expression& expression) const;

    QueryShape shape_;
    size_t keys_ = 0;
    std::unordered_map<duckdb::idx_t, std::vector<Column>> columns_;  // by table index
    // Columns that are none of the table's: where a row lies.
    std::vector<duckdb::ColumnBinding> hidden_;
    std::unordered_map<duckdb::idx_t, duckdb::LogicalOperator*> definitions_;  // of each WITH
};

}  // namespace tarn::engine::duck
