#include "engine/duck/plan_shape.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "base/error.h"
#include "duckdb/planner/expression/list.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "duckdb/planner/logical_operator_visitor.hpp"
#include "duckdb/planner/operator/list.hpp"
#include "engine/duck/scan_dataset.h"

namespace tarn::engine::duck {
namespace {

using duckdb::Expression;
using duckdb::ExpressionClass;
using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;

template <typename... Args>
[[noreturn]] void Refuse(fmt::format_string<Args...> words, Args&&... args) {
    throw Error(ErrorKind::kUnsupported, words, std::forward<Args>(args)...);
}

// Of a group's rows in any order they give the same, sorted.
constexpr std::array<std::string_view, 22> kOrderless{
    "avg",   "bit_and",       "bit_or",        "bit_xor", "bool_and",   "bool_or",
    "count", "count_if",      "count_star",    "max",     "mean",       "median",
    "min",   "quantile_cont", "quantile_disc", "stddev",  "stddev_pop", "stddev_samp",
    "sum",   "var_pop",       "var_samp",      "variance"};

ColumnRole RoleOf(const duckdb::BoundAggregateExpression& call) {
    const std::string& name = call.function.name;
    if (call.IsDistinct()) return ColumnRole::kOther;
    if (name == "count" || name == "count_star" || name == "count_if") return ColumnRole::kCount;
    const auto& type = call.return_type;
    const bool is_exact = type.IsIntegral() || type.id() == duckdb::LogicalTypeId::DECIMAL;
    if (name == "sum" && is_exact) return ColumnRole::kSum;
    if (call.children.size() != 1) return ColumnRole::kOther;
    if (name == "min") return ColumnRole::kLeast;
    if (name == "max") return ColumnRole::kGreatest;
    return ColumnRole::kOther;
}

// Of a whole number nothing is lost, or the cast fails.
bool KeepsWholeNumbers(const duckdb::BoundCastExpression& cast) {
    return !cast.try_cast && cast.child->return_type.IsIntegral() && cast.return_type.IsIntegral();
}

const char* NameOf(const LogicalOperator& plan) {
    switch (plan.type) {
        case LogicalOperatorType::LOGICAL_WINDOW:
            return "a window function";
        case LogicalOperatorType::LOGICAL_LIMIT:
            return "LIMIT";
        case LogicalOperatorType::LOGICAL_SAMPLE:
            return "a sample";
        case LogicalOperatorType::LOGICAL_UNION:
            return "UNION";
        case LogicalOperatorType::LOGICAL_EXCEPT:
            return "EXCEPT";
        case LogicalOperatorType::LOGICAL_INTERSECT:
            return "INTERSECT";
        case LogicalOperatorType::LOGICAL_RECURSIVE_CTE:
            return "WITH RECURSIVE";
        case LogicalOperatorType::LOGICAL_DELIM_JOIN:
        case LogicalOperatorType::LOGICAL_DEPENDENT_JOIN:
            return "a correlated subquery";
        case LogicalOperatorType::LOGICAL_ASOF_JOIN:
            return "ASOF JOIN";
        case LogicalOperatorType::LOGICAL_POSITIONAL_JOIN:
            return "POSITIONAL JOIN";
        case LogicalOperatorType::LOGICAL_UNNEST:
            return "UNNEST";
        case LogicalOperatorType::LOGICAL_PIVOT:
            return "PIVOT";
        default:
            return nullptr;
    }
}

const char* NameOf(duckdb::JoinType type) {
    switch (type) {
        case duckdb::JoinType::LEFT:
        case duckdb::JoinType::RIGHT:
        case duckdb::JoinType::OUTER:
            return "an outer join";
        case duckdb::JoinType::SEMI:
        case duckdb::JoinType::ANTI:
            return "a semi or anti join";
        default:
            return "a subquery";
    }
}

}  // namespace

QueryShape PlanShape::Read(LogicalOperator& plan, std::vector<ColumnInfo> columns) {
    shape_.columns = std::move(columns);
    try {
        if (Visit(plan) == Part::kGroups) {
            ReadRoles(plan);
            shape_.kind = ShapeKind::kGroups;
        } else {
            shape_.kind = ShapeKind::kRows;
        }
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::kUnsupported) throw;
        shape_.obstacle = error.message();
        shape_.roles.clear();
    }
    return std::move(shape_);
}

void PlanShape::ReadRoles(LogicalOperator& plan) {
    std::set<size_t> shown;
    for (const duckdb::ColumnBinding& binding : plan.GetColumnBindings()) {
        const Column column = At(binding);
        if (column.role == ColumnRole::kKey) shown.insert(column.key);
        shape_.roles.push_back(column.role);
    }
    if (shown.size() < keys_) Refuse("GROUP BY something that is no column of the result");
}

PlanShape::Part PlanShape::Visit(LogicalOperator& plan) {
    switch (plan.type) {
        case LogicalOperatorType::LOGICAL_GET:
            VisitScan(plan.Cast<duckdb::LogicalGet>());
            return Part::kRows;
        case LogicalOperatorType::LOGICAL_DUMMY_SCAN:
            return Part::kRows;
        case LogicalOperatorType::LOGICAL_EXPRESSION_GET:
            Describe(plan);
            VisitRows(*plan.children[0], "VALUES over groups");
            return Part::kRows;
        case LogicalOperatorType::LOGICAL_PROJECTION:
            return VisitProjection(plan);
        case LogicalOperatorType::LOGICAL_FILTER:
            VisitRows(*plan.children[0], "a condition on groups (HAVING)");
            Describe(plan);
            return Part::kRows;
        case LogicalOperatorType::LOGICAL_ORDER_BY:
            return Visit(*plan.children[0]);
        case LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY:
            return VisitAggregate(plan.Cast<duckdb::LogicalAggregate>());
        case LogicalOperatorType::LOGICAL_DISTINCT:
            return VisitDistinct(plan);
        case LogicalOperatorType::LOGICAL_COMPARISON_JOIN:
        case LogicalOperatorType::LOGICAL_ANY_JOIN:
        case LogicalOperatorType::LOGICAL_CROSS_PRODUCT:
            VisitJoin(plan);
            return Part::kRows;
        case LogicalOperatorType::LOGICAL_MATERIALIZED_CTE:
            definitions_[plan.Cast<duckdb::LogicalMaterializedCTE>().table_index] =
                plan.children[0].get();
            return Visit(*plan.children[1]);
        case LogicalOperatorType::LOGICAL_CTE_REF:
            return VisitReference(plan);
        default:
            if (const char* name = NameOf(plan)) Refuse("{}", name);
            Refuse("{}", plan.GetName());
    }
}

void PlanShape::VisitRows(LogicalOperator& plan, const char* otherwise) {
    if (Visit(plan) != Part::kRows) Refuse("{}", otherwise);
}

PlanShape::Part PlanShape::VisitProjection(LogicalOperator& plan) {
    const Part part = Visit(*plan.children[0]);
    Describe(plan);
    if (part == Part::kRows) return part;
    std::vector<Column> columns;
    for (const auto& expression : plan.expressions) columns.push_back(Of(*expression));
    columns_[plan.Cast<duckdb::LogicalProjection>().table_index] = std::move(columns);
    return part;
}

void PlanShape::VisitScan(duckdb::LogicalGet& get) {
    if (!get.children.empty()) Refuse("a function over rows ({})", get.function.name);
    if (const auto temporary = TemporaryTable(get)) {
        shape_.temporaries.push_back(*temporary);
    } else {
        const auto dataset = DatasetOf(get);
        if (!ReadsVersion(get)) {
            Refuse("{}, which is no version of a table",
                   dataset ? dataset->Title() : get.function.name + "()");
        }
        shape_.tables.push_back(dataset->name);
    }
    const auto& ids = get.GetColumnIds();
    for (size_t i = 0; i < ids.size(); i++) {
        if (ids[i].IsVirtualColumn()) {
            hidden_.emplace_back(get.table_index, i);
        } else {
            const auto place = ids[i].GetPrimaryIndex();
            shape_.plan += get.names[place] + " " + get.returned_types[place].ToString() + ", ";
        }
    }
    shape_.plan += "scanned\n";
}

void PlanShape::VisitJoin(LogicalOperator& plan) {
    if (plan.type != LogicalOperatorType::LOGICAL_CROSS_PRODUCT) {
        const auto type = static_cast<duckdb::LogicalJoin&>(plan).join_type;
        if (type != duckdb::JoinType::INNER) Refuse("{}", NameOf(type));
    }
    for (auto& child : plan.children) VisitRows(*child, "a join of groups");
    Describe(plan);
    if (plan.type != LogicalOperatorType::LOGICAL_COMPARISON_JOIN) return;
    for (const auto& condition : plan.Cast<duckdb::LogicalComparisonJoin>().conditions)
        shape_.plan += duckdb::ExpressionTypeToString(condition.comparison) + "\n";
}

PlanShape::Part PlanShape::VisitAggregate(duckdb::LogicalAggregate& aggregate) {
    VisitRows(*aggregate.children[0], "groups of groups");
    Describe(aggregate);
    const size_t groups = aggregate.groups.size();
    if (groups == 0) Refuse("an aggregation without GROUP BY, whose one row is of all rows");
    const auto& sets = aggregate.grouping_sets;
    if (sets.size() > 1 || (sets.size() == 1 && sets[0].size() != groups) ||
        !aggregate.grouping_functions.empty())
        Refuse("GROUPING SETS, ROLLUP or CUBE");
    keys_ = groups;
    std::vector<Column> keys;
    for (size_t i = 0; i < groups; i++) keys.push_back({ColumnRole::kKey, i});
    columns_[aggregate.group_index] = std::move(keys);
    std::vector<Column> values;
    for (const auto& expression : aggregate.expressions) {
        const auto& call = expression->Cast<duckdb::BoundAggregateExpression>();
        const std::string& name = call.function.name;
        if (!std::binary_search(kOrderless.begin(), kOrderless.end(), name))
            Refuse("{}(), which is not known to be the same for rows in any order", name);
        values.push_back({RoleOf(call), 0});
    }
    columns_[aggregate.aggregate_index] = std::move(values);
    return Part::kGroups;
}

PlanShape::Part PlanShape::VisitDistinct(LogicalOperator& plan) {
    if (plan.Cast<duckdb::LogicalDistinct>().distinct_type != duckdb::DistinctType::DISTINCT)
        Refuse("DISTINCT ON");
    VisitRows(*plan.children[0], "DISTINCT over groups");
    Describe(plan);
    for (const duckdb::ColumnBinding& binding : plan.GetColumnBindings()) {
        std::vector<Column>& columns = columns_[binding.table_index];
        if (columns.size() <= binding.column_index) columns.resize(binding.column_index + 1);
        columns[binding.column_index] = {ColumnRole::kKey, keys_++};
    }
    return Part::kGroups;
}

PlanShape::Part PlanShape::VisitReference(LogicalOperator& plan) {
    const auto& reference = plan.Cast<duckdb::LogicalCTERef>();
    const auto found = definitions_.find(reference.cte_index);
    if (found == definitions_.end() || reference.is_recurring) Refuse("WITH RECURSIVE");
    LogicalOperator& definition = *found->second;
    const Part part = Visit(definition);
    if (part == Part::kRows) return part;
    std::vector<Column> columns;
    for (const duckdb::ColumnBinding& binding : definition.GetColumnBindings())
        columns.push_back(At(binding));
    columns_[reference.table_index] = std::move(columns);
    return part;
}

void PlanShape::Describe(LogicalOperator& plan) {
    shape_.plan += plan.GetName() + "\n";
    duckdb::LogicalOperatorVisitor::EnumerateExpressions(
        plan, [&](duckdb::unique_ptr<Expression>* expression) {
            CheckExpression(**expression);
            shape_.plan +=
                (*expression)->ToString() + " " + (*expression)->return_type.ToString() + "\n";
        });
}

void PlanShape::CheckExpression(const Expression& expression) const {
    switch (expression.GetExpressionClass()) {
        case ExpressionClass::BOUND_COLUMN_REF: {
            const auto& column = expression.Cast<duckdb::BoundColumnRefExpression>();
            if (column.depth > 0) Refuse("a correlated subquery");
            if (std::find(hidden_.begin(), hidden_.end(), column.binding) != hidden_.end())
                Refuse("{}, which tells where a row lies", column.GetName());
            break;
        }
        case ExpressionClass::BOUND_FUNCTION: {
            const auto& call = expression.Cast<duckdb::BoundFunctionExpression>();
            if (call.function.GetStability() != duckdb::FunctionStability::CONSISTENT)
                Refuse("{}(), which differs from run to run", call.function.name);
            // What it does stands in no child of it.
            if (call.function.HasBindLambdaCallback()) Refuse("a lambda ({})", call.function.name);
            break;
        }
        case ExpressionClass::BOUND_SUBQUERY:
            Refuse("a subquery");
        case ExpressionClass::BOUND_PARAMETER:
            Refuse("a parameter");
        default:
            break;
    }
    duckdb::ExpressionIterator::EnumerateChildren(
        expression, [&](const Expression& child) { CheckExpression(child); });
}

PlanShape::Column PlanShape::At(const duckdb::ColumnBinding& binding) const {
    const auto found = columns_.find(binding.table_index);
    if (found == columns_.end() || binding.column_index >= found->second.size()) return {};
    return found->second[binding.column_index];
}

PlanShape::Column PlanShape::Of(const Expression& expression) const {
    if (expression.GetExpressionClass() == ExpressionClass::BOUND_COLUMN_REF)
        return At(expression.Cast<duckdb::BoundColumnRefExpression>().binding);
    if (expression.GetExpressionClass() == ExpressionClass::BOUND_CAST) {
        const auto& cast = expression.Cast<duckdb::BoundCastExpression>();
        const Column within = Of(*cast.child);
        const bool adds_up = within.role == ColumnRole::kCount || within.role == ColumnRole::kSum;
        if (adds_up && KeepsWholeNumbers(cast)) return within;
    }
    return {};
}

}  // namespace tarn::engine::duck
