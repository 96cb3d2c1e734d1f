#include "engine/duck/implicit_casts.h"

#include <algorithm>

#include "duckdb/planner/expression/bound_cast_expression.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "duckdb/planner/logical_operator_visitor.hpp"
#include "engine/duck/store_cast.h"

namespace tarn::engine::duck {
namespace {

using duckdb::Expression;
using duckdb::LogicalType;

bool IsText(const LogicalType& type) { return type.id() == duckdb::LogicalTypeId::VARCHAR; }

bool IsNumberOrTime(const LogicalType& type) { return type.IsNumeric() || type.IsTemporal(); }

void Collect(const Expression& expression, std::vector<ImplicitCast>& casts) {
    if (IsStoreCast(expression) && expression.GetQueryLocation().IsValid()) {
        const Expression& value = *expression.Cast<duckdb::BoundCastExpression>().child;
        const LogicalType& from = value.return_type;
        const LogicalType& to = expression.return_type;
        // A literal is of whatever type stands beside it.
        if (value.IsFoldable()) return;
        if ((IsText(from) && IsNumberOrTime(to)) || (IsNumberOrTime(from) && IsText(to))) {
            ImplicitCast cast{value.GetName(), from.ToString(), to.ToString()};
            if (std::find(casts.begin(), casts.end(), cast) == casts.end())
                casts.push_back(std::move(cast));
        }
    }
    duckdb::ExpressionIterator::EnumerateChildren(
        expression, [&](const Expression& child) { Collect(child, casts); });
}

void CollectAll(duckdb::LogicalOperator& plan, std::vector<ImplicitCast>& casts) {
    duckdb::LogicalOperatorVisitor::EnumerateExpressions(
        plan,
        [&](duckdb::unique_ptr<duckdb::Expression>* expression) { Collect(**expression, casts); });
    for (auto& child : plan.children) CollectAll(*child, casts);
}

}  // namespace

std::vector<ImplicitCast> ImplicitCastsOf(duckdb::LogicalOperator& plan) {
    std::vector<ImplicitCast> casts;
    CollectAll(plan, casts);
    return casts;
}

}  // namespace tarn::engine::duck
