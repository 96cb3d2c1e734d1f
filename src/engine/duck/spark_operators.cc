#include "engine/duck/spark_operators.h"

#include <string>
#include <utility>

#include "duckdb/common/enums/expression_type.hpp"
#include "duckdb/common/type_visitor.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/planner/expression/bound_comparison_expression.hpp"
#include "engine/duck/expression_builder.h"
#include "engine/duck/spark_aes.h"
#include "engine/duck/spark_aggregates.h"
#include "engine/duck/spark_arrays.h"
#include "engine/duck/spark_calls.h"
#include "engine/duck/spark_casts.h"
#include "engine/duck/spark_csv.h"
#include "engine/duck/spark_division.h"
#include "engine/duck/spark_fields.h"
#include "engine/duck/spark_hashes.h"
#include "engine/duck/spark_intervals.h"
#include "engine/duck/spark_json.h"
#include "engine/duck/spark_moments.h"
#include "engine/duck/spark_number_formats.h"
#include "engine/duck/spark_numbers.h"
#include "engine/duck/spark_random.h"
#include "engine/duck/spark_regexps.h"
#include "engine/duck/spark_strings.h"
#include "engine/duck/spark_summaries.h"
#include "engine/duck/spark_text.h"
#include "engine/duck/spark_times.h"
#include "engine/duck/spark_variants.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;
using Input = duckdb::FunctionBindExpressionInput;

// `call` of both, and an error where the right one is zero.
ExpressionPtr UnlessZero(Input& input, const std::string& function) {
    const ExpressionBuilder make(input.context);
    ExpressionPtr left = ArgumentOf(input, 0);
    ExpressionPtr right = ArgumentOf(input, 1);
    ExpressionPtr is_zero =
        make.Compare(duckdb::ExpressionType::COMPARE_EQUAL, right->Copy(),
                     make.Cast(make.Constant(Value::INTEGER(0)), right->return_type));
    ExpressionPtr call = make.Call(function, std::move(left), std::move(right));
    const LogicalType type = call->return_type;
    return make.Case(std::move(is_zero), make.Failure(kDivisionByZero, type), std::move(call));
}

LogicalType DecimalOf(DecimalDigits digits) {
    return LogicalType::DECIMAL(static_cast<uint8_t>(digits.width),
                                static_cast<uint8_t>(digits.scale));
}

bool IsDecimal(const duckdb::Expression& value) {
    return value.return_type.id() == LogicalTypeId::DECIMAL;
}

ExpressionPtr BindDiv(Input& input) {
    const ExpressionBuilder make(input.context);
    const bool is_whole =
        WithOwnType(input.context, input.children[0]->Copy())->return_type.IsIntegral() &&
        WithOwnType(input.context, input.children[1]->Copy())->return_type.IsIntegral();
    if (is_whole) return make.Cast(UnlessZero(input, "//"), LogicalType::BIGINT);
    return make.Cast(make.Call("trunc", UnlessZero(input, "/")), LogicalType::BIGINT);
}

// x[i]: of a list from 0 on, of a map by its key, of a struct by its field's name.
ExpressionPtr BindElement(Input& input) {
    const ExpressionBuilder make(input.context);
    ExpressionPtr value = ArgumentOf(input, 0);
    ExpressionPtr index = ArgumentOf(input, 1);
    if (value->return_type.id() == LogicalTypeId::MAP)
        return make.Call("map_extract_value", std::move(value), std::move(index));
    if (value->return_type.id() != LogicalTypeId::LIST)
        return make.Call("array_extract", std::move(value), std::move(index));
    index = make.Cast(std::move(index), LogicalType::BIGINT);
    ExpressionPtr length = make.Call("len", value->Copy());
    // Outside just one of the two bounds holds; a null list or index gives null, and so the
    // element, which is null too.
    ExpressionPtr is_outside =
        make.Call("xor",
                  make.Cast(make.Compare(duckdb::ExpressionType::COMPARE_GREATERTHANOREQUALTO,
                                         index->Copy(), make.Constant(Value::BIGINT(0))),
                            LogicalType::INTEGER),
                  make.Cast(make.Compare(duckdb::ExpressionType::COMPARE_LESSTHAN, index->Copy(),
                                         std::move(length)),
                            LogicalType::INTEGER));
    ExpressionPtr text = make.Call(
        "concat", make.Constant(Value("the index ")), index->Copy(),
        make.Constant(Value(" is out of bounds: the array has ")), make.Call("len", value->Copy()),
        make.Constant(Value(" elements, counted from 0; use get(array, index) to get NULL")));
    ExpressionPtr element =
        make.Call("list_extract", std::move(value),
                  make.Call("+", std::move(index), make.Constant(Value::BIGINT(1))));
    const LogicalType type = element->return_type;
    return make.Case(make.Cast(std::move(is_outside), LogicalType::BOOLEAN),
                     make.Failure(std::move(text), type), std::move(element));
}

// A text beside a number is read as one.
ExpressionPtr AsNumber(Input& input, ExpressionPtr value, const LogicalType& other) {
    if (value->return_type.id() != LogicalTypeId::VARCHAR) return value;
    const bool is_number = other.IsNumeric() || other.id() == LogicalTypeId::INTEGER_LITERAL ||
                           other.id() == LogicalTypeId::VARCHAR;
    if (!is_number) return value;
    const bool is_whole = other.IsIntegral() || other.id() == LogicalTypeId::INTEGER_LITERAL;
    return SparkCast(input.context, std::move(value),
                     is_whole ? LogicalType::BIGINT : LogicalType::DOUBLE, false);
}

// Of whole numbers the wider type, of a float beside numbers that it cannot hold a double. A
// literal is of no type of its own to the engine, so it is cast too.
void MakeAlike(Input& input, ExpressionPtr& left, ExpressionPtr& right) {
    const ExpressionBuilder make(input.context);
    const LogicalType a = left->return_type;
    const LogicalType b = right->return_type;
    LogicalType type;
    if (a.IsIntegral() && b.IsIntegral()) {
        type = LogicalType::MaxLogicalType(input.context, a, b);
    } else {
        const auto is_exact = [](const LogicalType& one) {
            return one.id() == LogicalTypeId::INTEGER || one.id() == LogicalTypeId::BIGINT ||
                   one.id() == LogicalTypeId::DECIMAL;
        };
        const bool has_float = a.id() == LogicalTypeId::FLOAT || b.id() == LogicalTypeId::FLOAT;
        if (!has_float || (!is_exact(a) && !is_exact(b))) return;
        type = LogicalType::DOUBLE;
    }
    left = make.Cast(std::move(left), type);
    right = make.Cast(std::move(right), type);
}

// A text beside a time is read as one, and beside an interval as an instant.
ExpressionPtr AsTime(Input& input, ExpressionPtr value, const LogicalType& other) {
    if (value->return_type.id() != LogicalTypeId::VARCHAR) return value;
    switch (other.id()) {
        case LogicalTypeId::DATE:
        case LogicalTypeId::TIMESTAMP:
        case LogicalTypeId::TIMESTAMP_TZ:
            return SparkCast(input.context, std::move(value), other, false);
        case LogicalTypeId::INTERVAL:
            return SparkCast(input.context, std::move(value), LogicalType::TIMESTAMP_TZ, false);
        default:
            return value;
    }
}

ExpressionPtr BindRemainder(Input& input) {
    const ExpressionBuilder make(input.context);
    for (size_t i = 0; i < 2; ++i) {
        if (input.children[i]->return_type.id() == LogicalTypeId::SQLNULL)
            return make.Cast(make.Constant(Value()), ArgumentOf(input, 1 - i)->return_type);
    }
    const auto left = DigitsOf(*input.children[0]);
    const auto right = DigitsOf(*input.children[1]);
    const bool is_decimal = IsDecimal(*input.children[0]) || IsDecimal(*input.children[1]);
    const LogicalType left_type = input.children[0]->return_type;
    const LogicalType right_type = input.children[1]->return_type;
    input.children[0] = AsNumber(input, ArgumentOf(input, 0), right_type);
    input.children[1] = AsNumber(input, ArgumentOf(input, 1), left_type);
    if (!is_decimal) MakeAlike(input, input.children[0], input.children[1]);
    ExpressionPtr rest = UnlessZero(input, "%");
    if (!is_decimal || !left || !right) return rest;
    return make.Cast(std::move(rest), DecimalOf(RemainderDigits(*left, *right)));
}

// +, - and * of numbers, where decimals have the digits that Spark gives the result.
ExpressionPtr Arithmetic(Input& input, const std::string& sign,
                         DecimalDigits (*digits_of)(DecimalDigits, DecimalDigits)) {
    const ExpressionBuilder make(input.context);
    const LogicalType left_type = input.children[0]->return_type;
    const LogicalType right_type = input.children[1]->return_type;
    const auto left_digits = DigitsOf(*input.children[0]);
    const auto right_digits = DigitsOf(*input.children[1]);
    ExpressionPtr left =
        AsTime(input, AsNumber(input, ArgumentOf(input, 0), right_type), right_type);
    ExpressionPtr right =
        AsTime(input, AsNumber(input, ArgumentOf(input, 1), left_type), left_type);
    if (sign != "*") {
        if (auto moved = TryMoveTime(input.context, sign, left, right)) {
            // A text that was read as a time is a text again.
            const bool was_text = left_type.id() == LogicalTypeId::VARCHAR &&
                                  right_type.id() == LogicalTypeId::INTERVAL;
            return was_text ? SparkCast(input.context, std::move(moved), left_type, false)
                            : std::move(moved);
        }
    } else {
        if (auto scaled = TryScaleInterval(input.context, sign, left, right)) return scaled;
        if (auto scaled = TryScaleInterval(input.context, sign, right, left)) return scaled;
    }
    const bool has_decimal = IsDecimal(*left) || IsDecimal(*right);
    if (!has_decimal || !left_digits || !right_digits) {
        MakeAlike(input, left, right);
        return make.Call(sign, std::move(left), std::move(right));
    }
    left = make.Cast(std::move(left), DecimalOf(*left_digits));
    right = make.Cast(std::move(right), DecimalOf(*right_digits));
    return make.Cast(make.Call(sign, std::move(left), std::move(right)),
                     DecimalOf(digits_of(*left_digits, *right_digits)));
}
ExpressionPtr BindAdd(Input& input) { return Arithmetic(input, "+", SumDigits); }
ExpressionPtr BindSubtract(Input& input) { return Arithmetic(input, "-", SumDigits); }
ExpressionPtr BindMultiply(Input& input) { return Arithmetic(input, "*", ProductDigits); }

// -x, of a text as of a number.
ExpressionPtr BindNegate(Input& input) {
    const ExpressionBuilder make(input.context);
    ExpressionPtr value = ArgumentOf(input, 0);
    if (value->return_type.id() == LogicalTypeId::INTERVAL)
        return NegateInterval(input.context, std::move(value));
    if (value->return_type.id() == LogicalTypeId::VARCHAR)
        value = SparkCast(input.context, std::move(value), LogicalType::DOUBLE, false);
    return make.Call("-", std::move(value));
}

ExpressionPtr BindShift(Input& input) {
    const ExpressionBuilder make(input.context);
    ExpressionPtr value = ArgumentOf(input, 0);
    const bool is_long = value->return_type.id() == LogicalTypeId::BIGINT;
    const LogicalType type = is_long ? LogicalType::BIGINT : LogicalType::INTEGER;
    const int64_t bits = is_long ? 64 : 32;
    // The bits as those of a number without sign, shifted, and back.
    const Value modulus = Value::HUGEINT(duckdb::Hugeint::POWERS_OF_TEN[0] << bits);
    ExpressionPtr wide =
        make.Call("+", make.Cast(std::move(value), LogicalType::HUGEINT), make.Constant(modulus));
    ExpressionPtr places = make.Call("%", make.Cast(ArgumentOf(input, 1), LogicalType::HUGEINT),
                                     make.Constant(Value::HUGEINT(duckdb::Hugeint::Convert(bits))));
    ExpressionPtr shifted =
        make.Call(">>", make.Call("%", std::move(wide), make.Constant(modulus)), std::move(places));
    return make.Cast(std::move(shifted), type);
}

// A text beside another type is read as that type.
LogicalType ReadAs(const LogicalType& other) {
    if (other.IsIntegral()) return LogicalType::BIGINT;
    if (other.IsNumeric()) return LogicalType::DOUBLE;
    return other;
}

template <duckdb::ExpressionType comparison>
ExpressionPtr BindCompare(Input& input) {
    const ExpressionBuilder make(input.context);
    ExpressionPtr left = std::move(input.children[0]);
    ExpressionPtr right = std::move(input.children[1]);
    const auto is_text = [](const duckdb::Expression& one) {
        return one.return_type.id() == LogicalTypeId::VARCHAR;
    };
    const auto reads_text = [](const duckdb::Expression& one) {
        const LogicalTypeId id = one.return_type.id();
        return one.return_type.IsNumeric() || id == LogicalTypeId::INTEGER_LITERAL ||
               id == LogicalTypeId::DATE || id == LogicalTypeId::TIMESTAMP ||
               id == LogicalTypeId::TIMESTAMP_TZ || id == LogicalTypeId::BOOLEAN;
    };
    if (is_text(*left) && reads_text(*right)) {
        right = WithOwnType(input.context, std::move(right));
        left = SparkCast(input.context, std::move(left), ReadAs(right->return_type), false);
    } else if (is_text(*right) && reads_text(*left)) {
        left = WithOwnType(input.context, std::move(left));
        right = SparkCast(input.context, std::move(right), ReadAs(left->return_type), false);
    }
    const auto has_map = [](const LogicalType& one) {
        return duckdb::TypeVisitor::Contains(one, LogicalTypeId::MAP);
    };
    if (has_map(left->return_type) || has_map(right->return_type))
        throw duckdb::BinderException("maps are not compared: compare map_entries of them");
    LogicalType type;
    if (!duckdb::BoundComparisonExpression::TryBindComparison(
            input.context, left->return_type, right->return_type, type, comparison)) {
        throw duckdb::BinderException("cannot compare %s and %s: an explicit cast is required",
                                      left->return_type.ToString(), right->return_type.ToString());
    }
    return make.Compare(comparison, make.Cast(std::move(left), type),
                        make.Cast(std::move(right), type));
}

}  // namespace

void RegisterSparkOperators(duckdb::DatabaseInstance& database) {
    struct Operator {
        const char* name;
        duckdb::function_bind_expression_t bind;
    };
    using Type = duckdb::ExpressionType;
    const Operator operators[] = {
        {"spark_remainder", BindRemainder},
        {"spark_div", BindDiv},
        {"spark_element", BindElement},
        {"spark_add", BindAdd},
        {"spark_subtract", BindSubtract},
        {"spark_multiply", BindMultiply},
        {"spark_shift_right_unsigned", BindShift},
        {"spark_cast", BindSparkCast},
        {"spark_try_cast", BindSparkTryCast},
        {"spark_equal", BindCompare<Type::COMPARE_EQUAL>},
        {"spark_not_equal", BindCompare<Type::COMPARE_NOTEQUAL>},
        {"spark_less", BindCompare<Type::COMPARE_LESSTHAN>},
        {"spark_less_or_equal", BindCompare<Type::COMPARE_LESSTHANOREQUALTO>},
        {"spark_greater", BindCompare<Type::COMPARE_GREATERTHAN>},
        {"spark_greater_or_equal", BindCompare<Type::COMPARE_GREATERTHANOREQUALTO>},
        {"spark_same", BindCompare<Type::COMPARE_NOT_DISTINCT_FROM>},
    };
    duckdb::ExtensionLoader loader(database, "tarn");
    for (const Operator& one : operators) RegisterRewritten(loader, one.name, 2, one.bind);
    RegisterRewritten(loader, "spark_negate", 1, BindNegate);
    RegisterFailure(loader);
    RegisterSparkIntervals(loader);
    RegisterSparkDivision(loader);
    RegisterSparkTexts(loader);
    RegisterSparkCalls(loader);
    RegisterSparkStrings(loader);
    RegisterSparkRegexps(loader);
    RegisterSparkTimes(loader);
    RegisterSparkJson(loader);
    RegisterSparkFields(loader);
    RegisterSparkHashes(loader);
    RegisterSparkNumbers(loader);
    RegisterSparkArrays(loader);
    RegisterSparkAes(loader);
    RegisterSparkAggregates(loader);
    RegisterSparkMoments(loader);
    RegisterSparkNumberFormats(loader);
    RegisterSparkCsv(loader);
    RegisterSparkVariants(loader);
    RegisterSparkRandom(loader);
    RegisterSparkSummaries(loader);
}

}  // namespace tarn::engine::duck
