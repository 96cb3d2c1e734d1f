#include "engine/duck/rule_expression.h"

#include "duckdb/function/function_binder.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/planner/binder.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "duckdb/planner/expression_binder/check_binder.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "engine/duck/errors.h"
#include "engine/duck/types.h"
#include "engine/duck/variant_comparisons.h"
#include "sql/spark_expression.h"
#include "sql/spark_to_engine.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

// Functions that only fail: DuckDB's, and that of what fails in Spark (expression_builder).
constexpr const char* kFailing = "error";
constexpr const char* kFailingAsSpark = "spark_fail";

bool IsFractional(const LogicalType& type) {
    return type.id() == LogicalTypeId::DOUBLE || type.id() == LogicalTypeId::FLOAT ||
           type.id() == LogicalTypeId::DECIMAL;
}

// Types whose texts Spark spells otherwise.
bool IsSpelledOtherwise(const LogicalType& type) {
    return type.id() == LogicalTypeId::DOUBLE || type.id() == LogicalTypeId::FLOAT ||
                   type.IsTemporal()
               ? type.id() != LogicalTypeId::DATE
               : type.IsNested();
}

// Casts by Spark's rules: a fraction is cut off, not rounded.
void AdaptCasts(duckdb::ClientContext& client, const RulePlace& place,
                duckdb::unique_ptr<duckdb::Expression>& expression) {
    duckdb::ExpressionIterator::EnumerateChildren(
        *expression,
        [&](duckdb::unique_ptr<duckdb::Expression>& child) { AdaptCasts(client, place, child); });
    if (expression->GetExpressionClass() != duckdb::ExpressionClass::BOUND_CAST) return;
    auto& cast = expression->Cast<duckdb::BoundCastExpression>();
    const LogicalType from = cast.child->return_type;
    const LogicalType& to = cast.return_type;
    if (to.id() == LogicalTypeId::VARCHAR && IsSpelledOtherwise(from)) {
        throw Error(ErrorKind::kUnsupported,
                    "{}: {} makes a text of a {}, which Spark spells otherwise; {}",
                    place.table.ToString(), place.what, from.ToString(), place.remedy);
    }
    if (!IsFractional(from) || !to.IsIntegral()) return;
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> arguments;
    arguments.push_back(std::move(cast.child));
    duckdb::ErrorData error;
    auto truncated = duckdb::FunctionBinder(client).BindScalarFunction(DEFAULT_SCHEMA, "trunc",
                                                                       std::move(arguments), error);
    if (!truncated) error.Throw();
    expression = duckdb::BoundCastExpression::AddCastToType(client, std::move(truncated), to);
}

duckdb::unique_ptr<duckdb::ParsedExpression> Parse(const RulePlace& place,
                                                   const std::string& spark_text) {
    try {
        const std::string text = sql::ToEngine(sql::SparkExpression::ParseStored(spark_text));
        auto expressions = duckdb::Parser::ParseExpressionList(text);
        if (expressions.size() == 1) return std::move(expressions[0]);
        throw Error(ErrorKind::kInvalidInput, "it is no single expression");
    } catch (const Error& error) {
        throw Error(error.kind(), "{}: {}: {}; {}", place.table.ToString(), place.what,
                    error.message(), place.remedy);
    }
}

}  // namespace

duckdb::ColumnList ColumnsOf(const table::Schema& schema) {
    duckdb::ColumnList columns;
    for (const table::Field& field : schema.fields)
        columns.AddColumn(duckdb::ColumnDefinition(field.name, ToLogicalType(field.type)));
    return columns;
}

duckdb::unique_ptr<duckdb::Expression> BindRule(duckdb::ClientContext& client,
                                                const RulePlace& place,
                                                const duckdb::ColumnList& columns,
                                                const std::string& spark_text,
                                                const LogicalType& type) {
    auto parsed = Parse(place, spark_text);
    try {
        auto binder = duckdb::Binder::CreateBinder(client);
        duckdb::physical_index_set_t used;
        duckdb::CheckBinder rule_binder(*binder, client, place.table.name, columns, used);
        rule_binder.target_type = type;
        auto bound = rule_binder.Bind(parsed);
        AdaptCasts(client, place, bound);
        if (!ComparesVariants(*bound)) return bound;
        throw Error(ErrorKind::kUnsupported,
                    "{}: {} ({}) compares variants, which Spark refuses; {}",
                    place.table.ToString(), place.what, spark_text, place.remedy);
    } catch (const duckdb::Exception& exception) {
        const Error error = FromException(exception);
        throw Error(error.kind(), "{}: {} ({}) cannot be evaluated: {}; {}", place.table.ToString(),
                    place.what, spark_text, error.message(), place.remedy);
    }
}

bool IsConsistent(const duckdb::Expression& bound) {
    bool is_consistent = true;
    if (bound.GetExpressionClass() == duckdb::ExpressionClass::BOUND_FUNCTION) {
        const auto& function = bound.Cast<duckdb::BoundFunctionExpression>().function;
        is_consistent = function.name == kFailing || function.name == kFailingAsSpark ||
                        function.GetStability() == duckdb::FunctionStability::CONSISTENT;
    }
    duckdb::ExpressionIterator::EnumerateChildren(bound, [&](const duckdb::Expression& child) {
        is_consistent = is_consistent && IsConsistent(child);
    });
    return is_consistent;
}

duckdb::unique_ptr<duckdb::ParsedExpression> FailingExpression(const std::string& message) {
    duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>> arguments;
    arguments.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(message)));
    return duckdb::make_uniq<duckdb::FunctionExpression>(kFailing, std::move(arguments));
}

duckdb::unique_ptr<duckdb::ParsedExpression> ParseDefault(const RulePlace& place,
                                                          const std::string& spark_text) {
    try {
        return Parse(place, spark_text);
    } catch (const Error& error) {
        return FailingExpression(error.message());
    }
}

}  // namespace tarn::engine::duck
