#include "engine/duck/variant_comparisons.h"

#include <algorithm>

#include "duckdb/optimizer/optimizer_extension.hpp"
#include "duckdb/planner/expression/list.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "duckdb/planner/logical_operator_visitor.hpp"
#include "duckdb/planner/operator/list.hpp"
#include "engine/duck/errors.h"
#include "engine/duck/variants.h"

namespace tarn::engine::duck {
namespace {

using duckdb::Expression;
using duckdb::ExpressionClass;
using duckdb::ExpressionType;
using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;
using Expressions = duckdb::vector<duckdb::unique_ptr<Expression>>;

bool AnyVariant(const Expressions& expressions) {
    return std::any_of(expressions.begin(), expressions.end(), [](const auto& expression) {
        return expression && HasVariant(expression->return_type);
    });
}

bool AnyVariant(const duckdb::vector<duckdb::BoundOrderByNode>& orders) {
    return std::any_of(orders.begin(), orders.end(),
                       [](const auto& order) { return HasVariant(order.expression->return_type); });
}

// Without what is within.
bool ComparesHere(const Expression& expression) {
    switch (expression.GetExpressionClass()) {
        case ExpressionClass::BOUND_COMPARISON:
            return HasVariant(
                expression.Cast<duckdb::BoundComparisonExpression>().left->return_type);
        case ExpressionClass::BOUND_BETWEEN:
            return HasVariant(expression.Cast<duckdb::BoundBetweenExpression>().input->return_type);
        case ExpressionClass::BOUND_OPERATOR:
            return (expression.GetExpressionType() == ExpressionType::COMPARE_IN ||
                    expression.GetExpressionType() == ExpressionType::COMPARE_NOT_IN) &&
                   AnyVariant(expression.Cast<duckdb::BoundOperatorExpression>().children);
        case ExpressionClass::BOUND_AGGREGATE: {
            const auto& aggregate = expression.Cast<duckdb::BoundAggregateExpression>();
            const bool is_ordered = aggregate.order_bys && AnyVariant(aggregate.order_bys->orders);
            return is_ordered || (aggregate.IsDistinct() && AnyVariant(aggregate.children));
        }
        case ExpressionClass::BOUND_WINDOW: {
            const auto& window = expression.Cast<duckdb::BoundWindowExpression>();
            return AnyVariant(window.partitions) || AnyVariant(window.orders);
        }
        default:
            return false;
    }
}

bool ComparesHere(const LogicalOperator& plan) {
    switch (plan.type) {
        case LogicalOperatorType::LOGICAL_ORDER_BY:
            return AnyVariant(plan.Cast<duckdb::LogicalOrder>().orders);
        case LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY:
            return AnyVariant(plan.Cast<duckdb::LogicalAggregate>().groups);
        case LogicalOperatorType::LOGICAL_DISTINCT:
            return AnyVariant(plan.Cast<duckdb::LogicalDistinct>().distinct_targets);
        case LogicalOperatorType::LOGICAL_EXCEPT:
        case LogicalOperatorType::LOGICAL_INTERSECT:
            return std::any_of(plan.children[0]->types.begin(), plan.children[0]->types.end(),
                               HasVariant);
        case LogicalOperatorType::LOGICAL_COMPARISON_JOIN: {
            const auto& conditions = plan.Cast<duckdb::LogicalComparisonJoin>().conditions;
            return std::any_of(conditions.begin(), conditions.end(), [](const auto& condition) {
                return HasVariant(condition.left->return_type);
            });
        }
        default:
            return false;
    }
}

class Refuser final : public duckdb::LogicalOperatorVisitor {
public:
    void VisitOperator(LogicalOperator& plan) override {
        plan.ResolveOperatorTypes();
        if (ComparesHere(plan)) Refuse();
        VisitOperatorChildren(plan);
        VisitOperatorExpressions(plan);
    }
    void VisitExpression(duckdb::unique_ptr<Expression>* expression) override {
        if (ComparesVariants(**expression)) Refuse();
    }

private:
    [[noreturn]] static void Refuse() {
        ThrowIntoDuck(Error(ErrorKind::kInvalidInput,
                            "variants cannot be compared, grouped or sorted; take a part of them "
                            "under a type, such as CAST(v.name AS INTEGER), or their text, "
                            "CAST(v AS VARCHAR)"));
    }
};

void PreOptimize(duckdb::OptimizerExtensionInput&, duckdb::unique_ptr<LogicalOperator>& plan) {
    Refuser().VisitOperator(*plan);
}

}  // namespace

bool ComparesVariants(Expression& expression) {
    bool compares = ComparesHere(expression);
    duckdb::ExpressionIterator::EnumerateChildren(
        expression, [&](Expression& child) { compares = compares || ComparesVariants(child); });
    return compares;
}

void RegisterVariantComparisons(duckdb::DBConfig& config) {
    duckdb::OptimizerExtension extension;
    extension.pre_optimize_function = PreOptimize;
    duckdb::OptimizerExtension::Register(config, std::move(extension));
}

}  // namespace tarn::engine::duck
