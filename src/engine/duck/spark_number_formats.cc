#include "engine/duck/spark_number_formats.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "duckdb/execution/expression_executor.hpp"
#include "engine/duck/expression_builder.h"
#include "engine/duck/number_format.h"
#include "engine/duck/scalar_adapter.h"
#include "engine/duck/spark_casts.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;
using std::string;
using std::string_view;
using Input = duckdb::FunctionBindExpressionInput;

constexpr const char* kWrite = "spark_write_number";
constexpr const char* kRead = "spark_read_number";
constexpr const char* kTryRead = "spark_try_read_number";

string WriteNumber(string_view number, string_view pattern) {
    return NumberFormat::Parse(pattern).Write(number);
}
std::optional<string> TryReadNumber(string_view text, string_view pattern) {
    return NumberFormat::Parse(pattern).Read(text);
}
string ReadNumber(string_view text, string_view pattern) {
    if (auto number = TryReadNumber(text, pattern)) return *number;
    throw Error(ErrorKind::kInvalidInput,
                "'{}' is no number of the pattern '{}': use try_to_number to get NULL instead",
                text, pattern);
}

// The pattern is a constant; nothing where it is NULL.
std::optional<string> PatternIn(Input& input) {
    const duckdb::Expression& pattern = *input.children[1];
    if (!pattern.IsFoldable())
        ThrowIntoDuck(Error(ErrorKind::kInvalidInput, "the pattern must be a constant"));
    const Value value = duckdb::ExpressionExecutor::EvaluateScalar(input.context, pattern);
    if (value.IsNull()) return std::nullopt;
    return value.ToString();
}

ExpressionPtr BytesToChar(const ExpressionBuilder& make, ExpressionPtr bytes,
                          const string& pattern) {
    if (EqualsIgnoreCase(pattern, "hex")) return make.Call("hex", std::move(bytes));
    if (EqualsIgnoreCase(pattern, "base64")) return make.Call("to_base64", std::move(bytes));
    if (EqualsIgnoreCase(pattern, "utf-8")) return make.Call("decode", std::move(bytes));
    ThrowIntoDuck(Error(ErrorKind::kInvalidInput,
                        "'{}' is no form of bytes: hex, base64 and utf-8 are", pattern));
}

// to_char(number, time or bytes, pattern)
ExpressionPtr BindToChar(Input& input) {
    constexpr uint8_t kMostDigits = 38;
    constexpr uint8_t kBehindPoint = 15;
    const ExpressionBuilder make(input.context);
    ExpressionPtr value = WithOwnType(input.context, std::move(input.children[0]));
    const LogicalTypeId id = value->return_type.id();
    const bool is_time = id == LogicalTypeId::DATE || id == LogicalTypeId::TIMESTAMP ||
                         id == LogicalTypeId::TIMESTAMP_TZ;
    if (is_time)
        return make.Call("spark_date_format", std::move(value), std::move(input.children[1]));
    const auto pattern = PatternIn(input);
    if (!pattern) return make.Constant(Value(LogicalType::VARCHAR));
    if (id == LogicalTypeId::BLOB) return BytesToChar(make, std::move(value), *pattern);
    Guarded([&] { return NumberFormat::Parse(*pattern).digits(); });
    const bool is_exact = value->return_type.IsIntegral() || id == LogicalTypeId::DECIMAL;
    if (!is_exact) {
        value = SparkCast(input.context, std::move(value),
                          LogicalType::DECIMAL(kMostDigits, kBehindPoint), false);
    }
    return make.Call(kWrite, make.Cast(std::move(value), LogicalType::VARCHAR),
                     make.Constant(Value(*pattern)));
}

ExpressionPtr ToNumber(Input& input, const char* function) {
    const ExpressionBuilder make(input.context);
    const auto pattern = PatternIn(input);
    if (!pattern) return make.Constant(Value(LogicalType::DECIMAL(10, 0)));
    const NumberFormat format = Guarded([&] { return NumberFormat::Parse(*pattern); });
    ExpressionPtr digits =
        make.Call(function, make.Cast(std::move(input.children[0]), LogicalType::VARCHAR),
                  make.Constant(Value(*pattern)));
    return make.Cast(std::move(digits), LogicalType::DECIMAL(static_cast<uint8_t>(format.digits()),
                                                             static_cast<uint8_t>(format.scale())));
}
ExpressionPtr BindToNumber(Input& input) { return ToNumber(input, kRead); }
ExpressionPtr BindTryToNumber(Input& input) { return ToNumber(input, kTryRead); }

}  // namespace

void RegisterSparkNumberFormats(duckdb::ExtensionLoader& loader) {
    for (const duckdb::ScalarFunction& function :
         {Adapted<WriteNumber>(kWrite), Adapted<ReadNumber>(kRead),
          Adapted<TryReadNumber>(kTryRead)})
        loader.RegisterFunction(function);
    RegisterRewritten(loader, "spark_to_char", 2, BindToChar);
    RegisterRewritten(loader, "spark_to_number", 2, BindToNumber);
    RegisterRewritten(loader, "spark_try_to_number", 2, BindTryToNumber);
}

}  // namespace tarn::engine::duck
