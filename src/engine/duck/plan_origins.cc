#include "engine/duck/plan_origins.h"

#include <algorithm>
#include <utility>

#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/operator/list.hpp"
#include "engine/duck/scan_dataset.h"

namespace tarn::engine::duck {
namespace {

using duckdb::JoinType;
using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;

// Exactly one row comes out, whatever there is: it decides on no rows but its own.
bool GivesOneRow(const LogicalOperator& plan) {
    switch (plan.type) {
        case LogicalOperatorType::LOGICAL_PROJECTION:
            return GivesOneRow(*plan.children[0]);
        case LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY: {
            const auto& aggregate = plan.Cast<duckdb::LogicalAggregate>();
            return aggregate.groups.empty() && aggregate.grouping_sets.size() <= 1;
        }
        case LogicalOperatorType::LOGICAL_DUMMY_SCAN:
            return true;
        default:
            return false;
    }
}

Origins Together(const std::vector<Origins>& columns, LineageEffect effect) {
    Origins::Pile pile;
    for (const Origins& column : columns) pile.Add(column, effect, false);
    return pile.Sorted();
}

}  // namespace

const Origins& PlanOrigins::At(const duckdb::ColumnBinding& binding) const {
    static const Origins none;
    const auto found = columns_.find(binding.table_index);
    if (found == columns_.end() || binding.column_index >= found->second.size()) return none;
    return found->second[binding.column_index];
}

std::vector<Origins> PlanOrigins::ColumnsOf(LogicalOperator& plan) {
    Columns columns;
    for (const duckdb::ColumnBinding& binding : plan.GetColumnBindings())
        columns.push_back(At(binding));
    return columns;
}

void PlanOrigins::AddToColumns(LogicalOperator& plan, const Origins& more) {
    if (more.empty()) return;
    for (const duckdb::ColumnBinding& binding : plan.GetColumnBindings()) {
        const auto found = columns_.find(binding.table_index);
        if (found == columns_.end() || binding.column_index >= found->second.size()) continue;
        spent_ += more.size();
        if (spent_ > kMostOrigins) {
            is_cut_ = true;
            return;
        }
        found->second[binding.column_index].Add(more);
    }
}

Origins PlanOrigins::VisitChildren(LogicalOperator& plan) {
    Origins rows;
    for (auto& child : plan.children) rows.Add(Visit(*child));
    return rows;
}

Origins PlanOrigins::Visit(LogicalOperator& plan) {
    switch (plan.type) {
        case LogicalOperatorType::LOGICAL_GET:
            return VisitScan(plan.Cast<duckdb::LogicalGet>());
        case LogicalOperatorType::LOGICAL_PROJECTION: {
            Origins rows = VisitChildren(plan);
            columns_[plan.Cast<duckdb::LogicalProjection>().table_index] = OfEach(plan.expressions);
            return rows;
        }
        case LogicalOperatorType::LOGICAL_WINDOW: {
            Origins rows = VisitChildren(plan);
            columns_[plan.Cast<duckdb::LogicalWindow>().window_index] = OfEach(plan.expressions);
            return rows;
        }
        case LogicalOperatorType::LOGICAL_UNNEST: {
            Origins rows = VisitChildren(plan);
            columns_[plan.Cast<duckdb::LogicalUnnest>().unnest_index] = OfEach(plan.expressions);
            return rows;
        }
        case LogicalOperatorType::LOGICAL_FILTER: {
            Origins rows = VisitChildren(plan);
            for (const auto& condition : plan.expressions)
                rows.Add(Of(*condition, LineageEffect::kFilter));
            return rows;
        }
        case LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY:
            return VisitAggregate(plan);
        case LogicalOperatorType::LOGICAL_COMPARISON_JOIN:
        case LogicalOperatorType::LOGICAL_DELIM_JOIN:
        case LogicalOperatorType::LOGICAL_ASOF_JOIN:
        case LogicalOperatorType::LOGICAL_ANY_JOIN:
            return VisitJoin(static_cast<duckdb::LogicalJoin&>(plan));
        case LogicalOperatorType::LOGICAL_CROSS_PRODUCT:
            return VisitCross(plan);
        case LogicalOperatorType::LOGICAL_UNION:
        case LogicalOperatorType::LOGICAL_EXCEPT:
        case LogicalOperatorType::LOGICAL_INTERSECT:
            return VisitSetOperation(plan);
        case LogicalOperatorType::LOGICAL_MATERIALIZED_CTE:
            VisitDefinition(plan);
            return Visit(*plan.children[1]);
        case LogicalOperatorType::LOGICAL_RECURSIVE_CTE:
            return VisitRecursion(plan);
        case LogicalOperatorType::LOGICAL_CTE_REF:
        case LogicalOperatorType::LOGICAL_DELIM_GET:
            return VisitReference(plan);
        case LogicalOperatorType::LOGICAL_ORDER_BY:
        case LogicalOperatorType::LOGICAL_LIMIT:
            return VisitOrder(plan);
        case LogicalOperatorType::LOGICAL_DISTINCT:
            return VisitDistinct(plan);
        case LogicalOperatorType::LOGICAL_PIVOT:
            return VisitPivot(plan);
        case LogicalOperatorType::LOGICAL_EXPRESSION_GET:
            return VisitValues(plan);
        default:
            return VisitChildren(plan);
    }
}

// A function that reads rows makes each of its columns of all that it was given.
Origins PlanOrigins::VisitScan(duckdb::LogicalGet& get) {
    Origins rows = VisitChildren(get);
    Origins given;
    for (auto& child : get.children)
        given.Add(Together(ColumnsOf(*child), LineageEffect::kTransformation));
    Columns columns(get.GetColumnIds().size(), given);
    columns_[get.table_index] = std::move(columns);
    if (const auto temporary = TemporaryTable(get)) {
        const auto* table = temps_ == nullptr ? nullptr : temps_->Find(*temporary);
        if (table != nullptr) VisitTemporary(*table, get, rows);
        return rows;
    }
    const auto dataset = DatasetOf(get);
    if (!dataset) return rows;
    const size_t number = sources_.Dataset(*dataset);
    Columns& scanned = columns_[get.table_index];
    for (size_t i = 0; i < scanned.size(); i++) {
        if (const auto name = NameOfColumn(get, i))
            scanned[i] = Origins(Origin{sources_.Number(number, *name)});
    }
    return rows;
}

void PlanOrigins::VisitTemporary(const TempLineage::Table& table, const duckdb::LogicalGet& get,
                                 Origins& rows) {
    std::vector<size_t> numbers;
    for (const LineageDataset& dataset : table.datasets)
        numbers.push_back(sources_.Dataset(dataset));
    const auto origins_of = [&](const std::vector<TempLineage::Edge>& edges) {
        Origins origins;
        for (const TempLineage::Edge& edge : edges) {
            if (edge.column.empty()) continue;
            origins.Add(Origins(Origin{sources_.Number(numbers[edge.dataset], edge.column),
                                       edge.effect, edge.masking}));
        }
        return origins;
    };
    Columns& scanned = columns_[get.table_index];
    for (size_t i = 0; i < scanned.size(); i++) {
        const auto name = NameOfColumn(get, i);
        if (!name) continue;
        const auto found = table.columns.find(duckdb::StringUtil::Lower(*name));
        if (found != table.columns.end()) scanned[i] = origins_of(found->second);
    }
    rows.Add(origins_of(table.rows));
}

// A subquery that was flattened is grouped by what it was given of the row that it is made for.
bool PlanOrigins::IsGiven(const duckdb::Expression& group) const {
    return group.GetExpressionClass() == duckdb::ExpressionClass::BOUND_COLUMN_REF &&
           given_.contains(group.Cast<duckdb::BoundColumnRefExpression>().binding.table_index);
}

Origins PlanOrigins::VisitAggregate(LogicalOperator& plan) {
    Origins rows = VisitChildren(plan);
    const auto& aggregate = plan.Cast<duckdb::LogicalAggregate>();
    Columns groups = OfEach(aggregate.groups);
    Origins grouped;
    for (size_t i = 0; i < groups.size(); i++) {
        if (!IsGiven(*aggregate.groups[i])) grouped.Add(groups[i].Through(LineageEffect::kGroupBy));
    }
    columns_[aggregate.aggregate_index] = OfEach(aggregate.expressions);
    columns_[aggregate.groupings_index] = Columns(aggregate.grouping_functions.size(), grouped);
    columns_[aggregate.group_index] = std::move(groups);
    rows.Add(grouped);
    return rows;
}

Origins PlanOrigins::ConditionOf(duckdb::LogicalJoin& join, LineageEffect effect) {
    Origins::Pile pile;
    const Place place{effect, false};
    if (join.type == LogicalOperatorType::LOGICAL_ANY_JOIN) {
        Collect(*join.Cast<duckdb::LogicalAnyJoin>().condition, place, pile);
        return pile.Sorted();
    }
    const auto& comparison = static_cast<duckdb::LogicalComparisonJoin&>(join);
    for (const auto& condition : comparison.conditions) {
        // A subquery's rows go back to the row that they were made for.
        const bool is_made = join.type == LogicalOperatorType::LOGICAL_DELIM_JOIN ||
                             IsGiven(*condition.left) || IsGiven(*condition.right);
        if (is_made && condition.comparison == duckdb::ExpressionType::COMPARE_NOT_DISTINCT_FROM &&
            Of(*condition.left) == Of(*condition.right))
            continue;
        Collect(*condition.left, place, pile);
        Collect(*condition.right, place, pile);
    }
    if (comparison.predicate) Collect(*comparison.predicate, place, pile);
    return pile.Sorted();
}

// A subquery is a join that leaves the rows of its left side as they are (SINGLE, MARK): what
// decides on the right side's rows decides on the right side's values alone.
Origins PlanOrigins::VisitJoin(duckdb::LogicalJoin& join) {
    Origins rows = Visit(*join.children[0]);
    const bool is_delim = join.type == LogicalOperatorType::LOGICAL_DELIM_JOIN;
    if (is_delim) {
        distinct_.push_back(
            OfEach(static_cast<duckdb::LogicalComparisonJoin&>(join).duplicate_eliminated_columns));
    }
    Origins right = Visit(*join.children[1]);
    if (is_delim) distinct_.pop_back();
    if (join.join_type == JoinType::MARK) {
        Origins mark = ConditionOf(join, LineageEffect::kTransformation);
        mark.Add(right);
        columns_[join.mark_index] = {std::move(mark)};
        return rows;
    }
    const Origins condition = ConditionOf(join, LineageEffect::kJoin);
    right.Add(condition);
    if (join.join_type == JoinType::SINGLE) {
        AddToColumns(*join.children[1], right);
        return rows;
    }
    rows.Add(right);
    return rows;
}

Origins PlanOrigins::VisitCross(LogicalOperator& plan) {
    Origins rows = Visit(*plan.children[0]);
    const Origins right = Visit(*plan.children[1]);
    if (GivesOneRow(*plan.children[1])) {
        AddToColumns(*plan.children[1], right);
    } else {
        rows.Add(right);
    }
    return rows;
}

// Of EXCEPT and INTERSECT the right side only decides which of the left side's rows stay.
Origins PlanOrigins::VisitSetOperation(LogicalOperator& plan) {
    Origins rows = VisitChildren(plan);
    const auto& operation = plan.Cast<duckdb::LogicalSetOperation>();
    Columns columns(operation.column_count);
    const bool is_union = plan.type == LogicalOperatorType::LOGICAL_UNION;
    for (size_t i = 0; i < plan.children.size(); i++) {
        const Columns given = ColumnsOf(*plan.children[i]);
        if (i > 0 && !is_union) {
            rows.Add(Together(given, LineageEffect::kFilter));
            continue;
        }
        for (size_t c = 0; c < columns.size() && c < given.size(); c++) columns[c].Add(given[c]);
    }
    columns_[operation.table_index] = std::move(columns);
    return rows;
}

void PlanOrigins::VisitDefinition(LogicalOperator& with) {
    Origins rows = Visit(*with.children[0]);
    shared_[with.Cast<duckdb::LogicalMaterializedCTE>().table_index] = {
        ColumnsOf(*with.children[0]), std::move(rows)};
}

Origins PlanOrigins::VisitReference(LogicalOperator& plan) {
    if (plan.type == LogicalOperatorType::LOGICAL_DELIM_GET) {
        const duckdb::idx_t index = plan.Cast<duckdb::LogicalDelimGet>().table_index;
        given_.insert(index);
        columns_[index] = distinct_.empty() ? Columns() : distinct_.back();
        return {};
    }
    const auto& reference = plan.Cast<duckdb::LogicalCTERef>();
    const auto found = shared_.find(reference.cte_index);
    if (found == shared_.end()) return {};
    columns_[reference.table_index] = found->second.columns;
    return found->second.rows;
}

// Each round may bring columns of the round before further along, until none brings more.
Origins PlanOrigins::VisitRecursion(LogicalOperator& plan) {
    const auto& recursion = plan.Cast<duckdb::LogicalRecursiveCTE>();
    Shared known;
    known.rows = Visit(*plan.children[0]);
    known.columns = ColumnsOf(*plan.children[0]);
    known.columns.resize(recursion.column_count);
    bool has_grown = true;
    while (has_grown && !is_cut_) {
        shared_[recursion.table_index] = known;
        Shared next = known;
        next.rows.Add(Visit(*plan.children[1]));
        const Columns given = ColumnsOf(*plan.children[1]);
        for (size_t c = 0; c < next.columns.size() && c < given.size(); c++) {
            spent_ += given[c].size();
            next.columns[c].Add(given[c]);
        }
        is_cut_ = is_cut_ || spent_ > kMostOrigins;
        has_grown = next.columns != known.columns || !(next.rows == known.rows);
        known = std::move(next);
    }
    columns_[recursion.table_index] = known.columns;
    return known.rows;
}

Origins PlanOrigins::VisitOrder(LogicalOperator& plan) {
    Origins rows = VisitChildren(plan);
    if (plan.type == LogicalOperatorType::LOGICAL_ORDER_BY) {
        for (const auto& order : plan.Cast<duckdb::LogicalOrder>().orders)
            rows.Add(Of(*order.expression, LineageEffect::kSort));
        return rows;
    }
    auto& limit = plan.Cast<duckdb::LogicalLimit>();
    for (auto* value : {&limit.limit_val, &limit.offset_val}) {
        if (const auto& expression = value->GetExpression())
            rows.Add(Of(*expression, LineageEffect::kFilter));
    }
    return rows;
}

Origins PlanOrigins::VisitDistinct(LogicalOperator& plan) {
    Origins rows = VisitChildren(plan);
    const auto& distinct = plan.Cast<duckdb::LogicalDistinct>();
    for (const auto& target : distinct.distinct_targets)
        rows.Add(Of(*target, LineageEffect::kGroupBy));
    if (!distinct.order_by) return rows;
    for (const auto& order : distinct.order_by->orders)
        rows.Add(Of(*order.expression, LineageEffect::kSort));
    return rows;
}

// Below it stand the groups, a list of each aggregate's values, and the list of what they are of.
Origins PlanOrigins::VisitPivot(LogicalOperator& plan) {
    Origins rows = VisitChildren(plan);
    const auto& pivot = plan.Cast<duckdb::LogicalPivot>();
    const Columns below = ColumnsOf(*plan.children[0]);
    const size_t groups = pivot.bound_pivot.group_count;
    const size_t aggregates = std::max<size_t>(pivot.bound_pivot.aggregates.size(), 1);
    const Origins chosen = below.empty() ? Origins() : below.back().Through(LineageEffect::kFilter);
    Columns columns;
    for (size_t i = 0; i < pivot.bound_pivot.types.size(); i++) {
        const size_t from = i < groups ? i : groups + (i - groups) % aggregates;
        columns.push_back(from < below.size() ? below[from] : Origins());
        if (i >= groups) columns.back().Add(chosen);
    }
    columns_[pivot.pivot_index] = std::move(columns);
    return rows;
}

Origins PlanOrigins::VisitValues(LogicalOperator& plan) {
    Origins rows = VisitChildren(plan);
    const auto& values = plan.Cast<duckdb::LogicalExpressionGet>();
    Columns columns(values.expr_types.size());
    for (const auto& row : values.expressions) {
        for (size_t c = 0; c < row.size() && c < columns.size(); c++) columns[c].Add(Of(*row[c]));
    }
    columns_[values.table_index] = std::move(columns);
    return rows;
}

}  // namespace tarn::engine::duck
