#include <algorithm>
#include <array>
#include <string_view>

#include "duckdb/planner/expression/list.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "engine/duck/plan_origins.h"
#include "engine/duck/store_cast.h"

namespace tarn::engine::duck {
namespace {

using duckdb::Expression;
using duckdb::ExpressionClass;

// What a reader of the result cannot turn back, sorted.
constexpr std::array<std::string_view, 15> kMasking{"aes_encrypt",
                                                    "crc32",
                                                    "hash",
                                                    "mask",
                                                    "md5",
                                                    "md5_number",
                                                    "md5_number_lower",
                                                    "md5_number_upper",
                                                    "murmur3",
                                                    "pii_hash",
                                                    "pii_token",
                                                    "sha1",
                                                    "sha2",
                                                    "sha256",
                                                    "xxhash64"};
constexpr std::string_view kSparkPrefix = "spark_";

bool IsMasking(std::string_view function) {
    if (function.starts_with(kSparkPrefix)) function.remove_prefix(kSparkPrefix.size());
    return std::binary_search(kMasking.begin(), kMasking.end(), function);
}

// A cast that nobody wrote. In a view's query nothing has a place: there numbers alone count as
// such.
bool KeepsValue(const duckdb::BoundCastExpression& cast) {
    const auto& from = cast.child->return_type;
    if (from == cast.return_type) return true;
    if (!IsStoreCast(cast)) return false;
    return cast.GetQueryLocation().IsValid() ||
           (from.IsNumeric() && cast.return_type.IsNumeric() && !MayLose(from, cast.return_type));
}

// Takes a part of a value out as it is.
bool IsPart(std::string_view function) {
    return function == "struct_extract" || function == "struct_extract_at";
}

}  // namespace

Origins PlanOrigins::Of(const Expression& expression, LineageEffect effect) {
    Origins::Pile pile;
    Collect(expression, {effect, false}, pile);
    return pile.Sorted();
}

PlanOrigins::Columns PlanOrigins::OfEach(
    const duckdb::vector<duckdb::unique_ptr<Expression>>& expressions) {
    Columns columns;
    columns.reserve(expressions.size());
    for (const auto& expression : expressions) columns.push_back(Of(*expression));
    return columns;
}

void PlanOrigins::Collect(const Expression& expression, Place place, Origins::Pile& pile) {
    switch (expression.GetExpressionClass()) {
        case ExpressionClass::BOUND_COLUMN_REF: {
            const Origins& origins =
                At(expression.Cast<duckdb::BoundColumnRefExpression>().binding);
            spent_ += origins.size();
            if (spent_ > kMostOrigins) {
                is_cut_ = true;
                return;
            }
            return pile.Add(origins, place.effect, place.masking);
        }
        case ExpressionClass::BOUND_CAST: {
            const auto& cast = expression.Cast<duckdb::BoundCastExpression>();
            return Collect(*cast.child,
                           place.Within(KeepsValue(cast) ? LineageEffect::kIdentity
                                                         : LineageEffect::kTransformation),
                           pile);
        }
        case ExpressionClass::BOUND_CASE: {
            const auto& choice = expression.Cast<duckdb::BoundCaseExpression>();
            const Place value = place.Within(LineageEffect::kTransformation);
            for (const auto& check : choice.case_checks) {
                Collect(*check.when_expr, place.Within(LineageEffect::kConditional), pile);
                Collect(*check.then_expr, value, pile);
            }
            return Collect(*choice.else_expr, value, pile);
        }
        case ExpressionClass::BOUND_FUNCTION:
            return CollectFunction(expression, place, pile);
        case ExpressionClass::BOUND_AGGREGATE:
            return CollectAggregate(expression.Cast<duckdb::BoundAggregateExpression>(), place,
                                    pile);
        case ExpressionClass::BOUND_WINDOW:
            return CollectWindow(expression.Cast<duckdb::BoundWindowExpression>(), place, pile);
        default:
            duckdb::ExpressionIterator::EnumerateChildren(expression, [&](const Expression& child) {
                Collect(child, place.Within(LineageEffect::kTransformation), pile);
            });
    }
}

void PlanOrigins::CollectFunction(const Expression& expression, Place place, Origins::Pile& pile) {
    const auto& call = expression.Cast<duckdb::BoundFunctionExpression>();
    const std::string& name = call.function.name;
    const Place within = place.Within(
        IsPart(name) ? LineageEffect::kIdentity : LineageEffect::kTransformation, IsMasking(name));
    for (const auto& child : call.children) Collect(*child, within, pile);
}

void PlanOrigins::CollectAggregate(const duckdb::BoundAggregateExpression& call, Place place,
                                   Origins::Pile& pile) {
    const Place within = place.Within(LineageEffect::kAggregation, IsMasking(call.function.name));
    for (const auto& child : call.children) Collect(*child, within, pile);
    if (call.filter) Collect(*call.filter, place.Within(LineageEffect::kFilter), pile);
    if (!call.order_bys) return;
    for (const auto& order : call.order_bys->orders)
        Collect(*order.expression, place.Within(LineageEffect::kSort), pile);
}

void PlanOrigins::CollectWindow(const duckdb::BoundWindowExpression& call, Place place,
                                Origins::Pile& pile) {
    const Place value =
        place.Within(call.aggregate ? LineageEffect::kAggregation : LineageEffect::kTransformation);
    const Place frame = place.Within(LineageEffect::kWindow);
    for (const auto& child : call.children) Collect(*child, value, pile);
    if (call.default_expr) Collect(*call.default_expr, value, pile);
    if (call.filter_expr) Collect(*call.filter_expr, place.Within(LineageEffect::kFilter), pile);
    for (const auto& partition : call.partitions) Collect(*partition, frame, pile);
    for (const auto& order : call.orders) Collect(*order.expression, frame, pile);
    for (const auto& order : call.arg_orders) Collect(*order.expression, frame, pile);
    for (const auto* bound : {&call.start_expr, &call.end_expr, &call.offset_expr}) {
        if (*bound) Collect(**bound, frame, pile);
    }
}

}  // namespace tarn::engine::duck
