// Follows the columns of a bound plan to the tables they come from, before the optimizer has seen
// it: subqueries are joins there already, views are what they stand for. Reads the plan, changes
// nothing. Not thread-safe.
#pragma once

#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "duckdb/planner/expression.hpp"
#include "duckdb/planner/logical_operator.hpp"
#include "engine/duck/origins.h"
#include "engine/duck/temp_lineage.h"

namespace duckdb {
class BoundAggregateExpression;
class BoundWindowExpression;
class LogicalComparisonJoin;
class LogicalGet;
class LogicalJoin;
}  // namespace duckdb

namespace tarn::engine::duck {

class PlanOrigins {
public:
    // So many origins are put together of one plan; what is beyond is left out.
    static constexpr size_t kMostOrigins = 4'000'000;

    // Both outlive the object. `temps`: what temporary tables were made of; null: nobody knows.
    PlanOrigins(LineageSources& sources, const TempLineage* temps)
        : sources_(sources), temps_(temps) {}

    // Learns the columns of the plan and of what is below it; gives what decides on its rows.
    Origins Visit(duckdb::LogicalOperator& plan);
    // Learns what a WITH stands for, whose query is visited later.
    void VisitDefinition(duckdb::LogicalOperator& with);
    // Of columns that were visited.
    Origins Of(const duckdb::Expression& expression,
               LineageEffect effect = LineageEffect::kIdentity);
    std::vector<Origins> ColumnsOf(duckdb::LogicalOperator& plan);
    bool is_cut() const { return is_cut_; }

private:
    using Columns = std::vector<Origins>;
    struct Shared {  // what a WITH stands for
        Columns columns;
        Origins rows;
    };
    // Where an expression stands: what is around it.
    struct Place {
        LineageEffect effect;
        bool masking;
        Place Within(LineageEffect inner, bool masks = false) const {
            return {Compose(effect, inner), masking || masks};
        }
    };

    void Collect(const duckdb::Expression& expression, Place place, Origins::Pile& pile);
    void CollectFunction(const duckdb::Expression& expression, Place place, Origins::Pile& pile);
    void CollectAggregate(const duckdb::BoundAggregateExpression& call, Place place,
                          Origins::Pile& pile);
    void CollectWindow(const duckdb::BoundWindowExpression& call, Place place, Origins::Pile& pile);
    Columns OfEach(const duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& expressions);
    const Origins& At(const duckdb::ColumnBinding& binding) const;
    // What each column of the plan is, with this beside it.
    void AddToColumns(duckdb::LogicalOperator& plan, const Origins& more);

    Origins VisitChildren(duckdb::LogicalOperator& plan);
    Origins VisitScan(duckdb::LogicalGet& get);
    void VisitTemporary(const TempLineage::Table& table, const duckdb::LogicalGet& get,
                        Origins& rows);
    bool IsGiven(const duckdb::Expression& group) const;
    Origins VisitAggregate(duckdb::LogicalOperator& plan);
    Origins VisitJoin(duckdb::LogicalJoin& join);
    Origins ConditionOf(duckdb::LogicalJoin& join, LineageEffect effect);
    Origins VisitCross(duckdb::LogicalOperator& plan);
    Origins VisitSetOperation(duckdb::LogicalOperator& plan);
    Origins VisitReference(duckdb::LogicalOperator& plan);
    Origins VisitRecursion(duckdb::LogicalOperator& plan);
    Origins VisitOrder(duckdb::LogicalOperator& plan);
    Origins VisitDistinct(duckdb::LogicalOperator& plan);
    Origins VisitPivot(duckdb::LogicalOperator& plan);
    Origins VisitValues(duckdb::LogicalOperator& plan);

    LineageSources& sources_;
    const TempLineage* const temps_;
    std::unordered_map<duckdb::idx_t, Columns> columns_;  // by table index
    std::unordered_map<duckdb::idx_t, Shared> shared_;    // by index of the WITH
    std::vector<Columns> distinct_;  // of the joins around: what their other side is given
    std::unordered_set<duckdb::idx_t> given_;  // tables that stand for it
    size_t spent_ = 0;
    bool is_cut_ = false;
};

}  // namespace tarn::engine::duck
