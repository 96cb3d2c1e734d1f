#include "engine/duck/expression_builder.h"

#include <cstdlib>
#include <string_view>
#include <utility>

#include "duckdb/function/function_binder.hpp"
#include "duckdb/planner/expression/bound_case_expression.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"
#include "duckdb/planner/expression/bound_comparison_expression.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/expression/bound_operator_expression.hpp"
#include "engine/duck/errors.h"

namespace tarn::engine::duck {
namespace {

constexpr const char* kFail = "spark_fail";

// (text, NULL of the type that it stands for)
duckdb::unique_ptr<duckdb::FunctionData> BindFailure(
    duckdb::ClientContext&, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
    function.SetReturnType(arguments[1]->return_type);
    return nullptr;
}

void Fail(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector&) {
    const std::string text = arguments.data[0].GetValue(0).ToString();
    // DuckDB would take a text that begins like JSON for an error of its own.
    const std::string_view gap = text.starts_with('{') ? " " : "";
    ThrowIntoDuck(Error(ErrorKind::kInvalidInput, "{}{}", gap, text));
}

}  // namespace

void RegisterFailure(duckdb::ExtensionLoader& loader) {
    using duckdb::LogicalType;
    duckdb::ScalarFunction fail(kFail, {LogicalType::VARCHAR, LogicalType::ANY}, LogicalType::ANY,
                                Fail, BindFailure);
    fail.null_handling = duckdb::FunctionNullHandling::SPECIAL_HANDLING;
    fail.SetFallible();
    fail.SetVolatile();
    loader.RegisterFunction(fail);
}

void RegisterRewritten(duckdb::ExtensionLoader& loader, const char* name, int count,
                       duckdb::function_bind_expression_t bind) {
    using duckdb::LogicalType;
    duckdb::vector<LogicalType> arguments(static_cast<size_t>(std::abs(count)), LogicalType::ANY);
    duckdb::ScalarFunction function(name, std::move(arguments), LogicalType::ANY, nullptr);
    if (count < 0) function.varargs = LogicalType::ANY;
    function.SetBindExpressionCallback(bind);
    function.null_handling = duckdb::FunctionNullHandling::SPECIAL_HANDLING;
    loader.RegisterFunction(function);
}

ExpressionPtr ExpressionBuilder::Constant(duckdb::Value value) {
    return duckdb::make_uniq<duckdb::BoundConstantExpression>(std::move(value));
}

ExpressionPtr ExpressionBuilder::Cast(ExpressionPtr value, const duckdb::LogicalType& type,
                                      bool tries) const {
    return duckdb::BoundCastExpression::AddCastToType(client_, std::move(value), type, tries);
}

ExpressionPtr ExpressionBuilder::CallOf(const std::string& function,
                                        duckdb::vector<ExpressionPtr> children) const {
    duckdb::FunctionBinder binder(client_);
    duckdb::ErrorData error;
    auto call = binder.BindScalarFunction(DEFAULT_SCHEMA, function, std::move(children), error);
    if (!call) error.Throw();
    return call;
}

ExpressionPtr ExpressionBuilder::Compare(duckdb::ExpressionType comparison, ExpressionPtr left,
                                         ExpressionPtr right) const {
    return duckdb::make_uniq<duckdb::BoundComparisonExpression>(comparison, std::move(left),
                                                                std::move(right));
}

namespace {

ExpressionPtr Operator(duckdb::ExpressionType type, ExpressionPtr of) {
    auto made =
        duckdb::make_uniq<duckdb::BoundOperatorExpression>(type, duckdb::LogicalType::BOOLEAN);
    made->children.push_back(std::move(of));
    return made;
}

}  // namespace

ExpressionPtr ExpressionBuilder::Not(ExpressionPtr truth) const {
    return Operator(duckdb::ExpressionType::OPERATOR_NOT, std::move(truth));
}

ExpressionPtr ExpressionBuilder::IsNull(ExpressionPtr value) const {
    return Operator(duckdb::ExpressionType::OPERATOR_IS_NULL, std::move(value));
}

ExpressionPtr ExpressionBuilder::Case(ExpressionPtr when, ExpressionPtr then,
                                      ExpressionPtr otherwise) const {
    const duckdb::LogicalType type = otherwise->return_type;
    return duckdb::make_uniq<duckdb::BoundCaseExpression>(
        std::move(when), Cast(std::move(then), type), std::move(otherwise));
}

ExpressionPtr ExpressionBuilder::Failure(ExpressionPtr text,
                                         const duckdb::LogicalType& type) const {
    return Call(kFail, std::move(text), Constant(duckdb::Value(type)));
}

ExpressionPtr ExpressionBuilder::Failure(const std::string& text,
                                         const duckdb::LogicalType& type) const {
    return Failure(Constant(duckdb::Value(text)), type);
}

ExpressionPtr WithOwnType(duckdb::ClientContext& client, ExpressionPtr expression) {
    const auto type = duckdb::LogicalType::NormalizeType(expression->return_type);
    if (type == expression->return_type) return expression;
    return duckdb::BoundCastExpression::AddCastToType(client, std::move(expression), type);
}

ExpressionPtr ArgumentOf(duckdb::FunctionBindExpressionInput& input, size_t i) {
    return WithOwnType(input.context, std::move(input.children[i]));
}

}  // namespace tarn::engine::duck
