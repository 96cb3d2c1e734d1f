#include "engine/duck/spark_division.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "duckdb/common/types/hugeint.hpp"
#include "duckdb/common/vector_operations/binary_executor.hpp"
#include "duckdb/function/function_binder.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "engine/duck/errors.h"
#include "engine/duck/expression_builder.h"
#include "engine/duck/spark_intervals.h"

namespace tarn::engine::duck {
namespace {

using duckdb::hugeint_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using Wide = unsigned __int128;

constexpr const char* kQuotient = "spark_quotient";
constexpr int kMostDigits = 38;
constexpr int kLeastScale = 6;  // that a result keeps when its digits are too many

[[noreturn]] void FailByZero() {
    ThrowIntoDuck(Error(ErrorKind::kInvalidInput, "{}", kDivisionByZero));
}

Wide Magnitude(hugeint_t value) {
    if (value.upper < 0) value = -value;
    return (static_cast<Wide>(static_cast<uint64_t>(value.upper)) << 64) | value.lower;
}

// One digit more: 10 * rest / divisor, without a product that could overflow.
int NextDigit(Wide& rest, Wide divisor) {
    int digit = 0;
    Wide left = 0;
    for (int i = 0; i < 10; ++i) {
        if (left >= divisor - rest) {
            left -= divisor - rest;
            ++digit;
        } else {
            left += rest;
        }
    }
    rest = left;
    return digit;
}

// dividend * 10^places / divisor, halves away from zero.
hugeint_t Quotient(hugeint_t dividend, hugeint_t divisor, int places) {
    const bool is_negative = (dividend.upper < 0) != (divisor.upper < 0);
    const Wide below = Magnitude(divisor);
    Wide quotient = Magnitude(dividend) / below;
    Wide rest = Magnitude(dividend) % below;
    const Wide most = Magnitude(duckdb::Hugeint::POWERS_OF_TEN[kMostDigits]) - 1;
    for (int i = 0; i < places; ++i) {
        const auto digit = static_cast<Wide>(NextDigit(rest, below));
        if (quotient > (most - digit) / 10) {
            ThrowIntoDuck(Error(ErrorKind::kInvalidInput,
                                "the quotient has more than {} digits: cast to DOUBLE first",
                                kMostDigits));
        }
        quotient = quotient * 10 + digit;
    }
    if (rest >= below - rest) ++quotient;
    hugeint_t value;
    value.upper = static_cast<int64_t>(quotient >> 64);
    value.lower = static_cast<uint64_t>(quotient);
    return is_negative ? -value : value;
}

// How many digits more the quotient has behind its point than the whole numbers' own.
struct Places final : public duckdb::ScalarFunctionInfo {
    explicit Places(int how_many) : places(how_many) {}
    const int places;
};

void DivideDecimals(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                    duckdb::Vector& result) {
    const auto& bound = state.expr.Cast<duckdb::BoundFunctionExpression>();
    const int places = bound.function.GetExtraFunctionInfo().Cast<Places>().places;
    duckdb::BinaryExecutor::Execute<hugeint_t, hugeint_t, hugeint_t>(
        arguments.data[0], arguments.data[1], result, arguments.size(),
        [places](hugeint_t dividend, hugeint_t divisor) {
            if (divisor == hugeint_t(0)) FailByZero();
            return Quotient(dividend, divisor, places);
        });
}

void DivideDoubles(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
    duckdb::BinaryExecutor::Execute<double, double, double>(arguments.data[0], arguments.data[1],
                                                            result, arguments.size(),
                                                            [](double dividend, double divisor) {
                                                                if (divisor == 0) FailByZero();
                                                                return dividend / divisor;
                                                            });
}

// The digits of both sides; nothing where the quotient is a double.
struct Operands final : public duckdb::FunctionData {
    Operands(std::optional<DecimalDigits> left, std::optional<DecimalDigits> right)
        : dividend(left), divisor(right) {}
    duckdb::unique_ptr<FunctionData> Copy() const override {
        return duckdb::make_uniq<Operands>(dividend, divisor);
    }
    bool Equals(const FunctionData&) const override { return false; }
    const std::optional<DecimalDigits> dividend;
    const std::optional<DecimalDigits> divisor;
};

duckdb::unique_ptr<duckdb::FunctionData> BindOperands(
    duckdb::ClientContext&, duckdb::ScalarFunction&,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
    const bool has_decimal = arguments[0]->return_type.id() == LogicalTypeId::DECIMAL ||
                             arguments[1]->return_type.id() == LogicalTypeId::DECIMAL;
    const auto dividend = DigitsOf(*arguments[0]);
    const auto divisor = DigitsOf(*arguments[1]);
    if (!has_decimal || !dividend || !divisor)
        return duckdb::make_uniq<Operands>(std::nullopt, std::nullopt);
    return duckdb::make_uniq<Operands>(dividend, divisor);
}

ExpressionPtr Quotient(duckdb::FunctionBindExpressionInput& input,
                       duckdb::ScalarFunction function) {
    duckdb::vector<ExpressionPtr> children = std::move(input.children);
    function.SetFallible();
    duckdb::FunctionBinder binder(input.context);
    return binder.BindScalarFunction(std::move(function), std::move(children));
}

// A quotient of decimals is computed with the most digits there are, and then has those that Spark
// gives it.
ExpressionPtr BindDivide(duckdb::FunctionBindExpressionInput& input) {
    if (auto part = TryScaleInterval(input.context, "/", input.children[0], input.children[1]))
        return part;
    const auto& operands = input.bind_data->Cast<Operands>();
    if (!operands.dividend) {
        return Quotient(
            input, duckdb::ScalarFunction(kQuotient, {LogicalType::DOUBLE, LogicalType::DOUBLE},
                                          LogicalType::DOUBLE, DivideDoubles));
    }
    const DecimalDigits dividend = *operands.dividend;
    const DecimalDigits divisor = *operands.divisor;
    const DecimalDigits digits = QuotientDigits(dividend, divisor);
    const auto wide = [](int scale) {
        return LogicalType::DECIMAL(kMostDigits, static_cast<uint8_t>(scale));
    };
    duckdb::ScalarFunction divide(kQuotient, {wide(dividend.scale), wide(divisor.scale)},
                                  wide(digits.scale), DivideDecimals);
    divide.SetExtraFunctionInfo<Places>(std::max(0, digits.scale + divisor.scale - dividend.scale));
    return ExpressionBuilder(input.context)
        .Cast(Quotient(input, std::move(divide)),
              LogicalType::DECIMAL(static_cast<uint8_t>(digits.width),
                                   static_cast<uint8_t>(digits.scale)));
}

}  // namespace

std::optional<DecimalDigits> DigitsOf(const duckdb::Expression& argument) {
    const LogicalType& type = argument.return_type;
    const bool is_constant =
        argument.GetExpressionClass() == duckdb::ExpressionClass::BOUND_CONSTANT;
    // 2L: a literal whose type is said.
    if (type.IsIntegral() && argument.GetExpressionClass() == duckdb::ExpressionClass::BOUND_CAST) {
        const auto& literal = *argument.Cast<duckdb::BoundCastExpression>().child;
        const bool is_literal =
            literal.GetExpressionClass() == duckdb::ExpressionClass::BOUND_CONSTANT &&
            literal.return_type.IsIntegral();
        if (is_literal) return DigitsOf(literal);
    }
    // Of 0.5 only what stands behind the point counts.
    if (type.id() == LogicalTypeId::DECIMAL && is_constant) {
        const auto& value = argument.Cast<duckdb::BoundConstantExpression>().value;
        const int scale = duckdb::DecimalType::GetScale(type);
        const bool is_below_one =
            !value.IsNull() && scale > 0 && std::abs(value.GetValue<double>()) < 1;
        if (is_below_one) return DecimalDigits{scale, scale};
    }
    if (type.IsIntegral() && is_constant) {
        std::string text = argument.Cast<duckdb::BoundConstantExpression>().value.ToString();
        if (text.starts_with('-')) text.erase(0, 1);
        return DecimalDigits{static_cast<int>(text.size()), 0};
    }
    switch (type.id()) {
        case LogicalTypeId::DECIMAL:
            return DecimalDigits{duckdb::DecimalType::GetWidth(type),
                                 duckdb::DecimalType::GetScale(type)};
        case LogicalTypeId::TINYINT:
            return DecimalDigits{3, 0};
        case LogicalTypeId::SMALLINT:
            return DecimalDigits{5, 0};
        case LogicalTypeId::INTEGER:
            return DecimalDigits{10, 0};
        case LogicalTypeId::BIGINT:
            return DecimalDigits{20, 0};
        case LogicalTypeId::HUGEINT:
            return DecimalDigits{kMostDigits, 0};
        default:
            return std::nullopt;
    }
}

namespace {

// Where the digits are too many, those behind the point go first.
DecimalDigits Bounded(int width, int scale) {
    if (width <= kMostDigits) return {width, scale};
    const int whole = width - scale;
    return {kMostDigits, std::max(kMostDigits - whole, std::min(scale, kLeastScale))};
}

}  // namespace

DecimalDigits QuotientDigits(DecimalDigits dividend, DecimalDigits divisor) {
    const int scale = std::max(kLeastScale, dividend.scale + divisor.width + 1);
    return Bounded(dividend.width - dividend.scale + divisor.scale + scale, scale);
}
DecimalDigits ProductDigits(DecimalDigits left, DecimalDigits right) {
    return Bounded(left.width + right.width + 1, left.scale + right.scale);
}
DecimalDigits SumDigits(DecimalDigits left, DecimalDigits right) {
    const int scale = std::max(left.scale, right.scale);
    const int whole = std::max(left.width - left.scale, right.width - right.scale);
    return Bounded(whole + scale + 1, scale);
}

DecimalDigits RemainderDigits(DecimalDigits left, DecimalDigits right) {
    const int scale = std::max(left.scale, right.scale);
    const int whole = std::min(left.width - left.scale, right.width - right.scale);
    return Bounded(whole + scale, scale);
}

void RegisterSparkDivision(duckdb::ExtensionLoader& loader) {
    duckdb::ScalarFunction divide("spark_divide", {LogicalType::ANY, LogicalType::ANY},
                                  LogicalType::ANY, nullptr, BindOperands);
    divide.null_handling = duckdb::FunctionNullHandling::SPECIAL_HANDLING;
    divide.SetBindExpressionCallback(BindDivide);
    loader.RegisterFunction(divide);
}

}  // namespace tarn::engine::duck
