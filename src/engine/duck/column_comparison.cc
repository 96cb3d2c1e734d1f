#include "engine/duck/column_comparison.h"

#include <cmath>

#include "engine/duck/types.h"
#include "engine/duck/values.h"

namespace tarn::engine::duck {
namespace {

using duckdb::ExpressionType;
using duckdb::LogicalTypeId;
using table::Comparison;
using table::Predicate;
using table::TypeKind;

constexpr int64_t kMicrosPerDay = int64_t{24} * 3600 * 1'000'000;
// Up to here every whole number is one of the type.
constexpr double kWholeInDouble = 9007199254740992.0;  // 2^53
constexpr double kWholeInFloat = 16777216.0;           // 2^24
constexpr uint8_t kMaxDecimalWidth = 38;
// An IN list whose constants need rounding becomes comparisons up to this length.
constexpr size_t kMaxComparisons = 100;

bool IsWhole(TypeKind kind) {
    return kind == TypeKind::kByte || kind == TypeKind::kShort || kind == TypeKind::kInt ||
           kind == TypeKind::kLong;
}

// 1 to 5 for signed whole numbers by width, else 0.
int WidthRank(LogicalTypeId id) {
    switch (id) {
        case LogicalTypeId::TINYINT:
            return 1;
        case LogicalTypeId::SMALLINT:
            return 2;
        case LogicalTypeId::INTEGER:
            return 3;
        case LogicalTypeId::BIGINT:
            return 4;
        case LogicalTypeId::HUGEINT:
            return 5;
        default:
            return 0;
    }
}

bool KeepsOrder(const duckdb::LogicalType& from, const duckdb::LogicalType& to, bool is_utc) {
    const LogicalTypeId target = to.id();
    switch (from.id()) {
        case LogicalTypeId::TINYINT:
        case LogicalTypeId::SMALLINT:
        case LogicalTypeId::INTEGER:
        case LogicalTypeId::BIGINT:
            return WidthRank(target) >= WidthRank(from.id()) || target == LogicalTypeId::DECIMAL ||
                   target == LogicalTypeId::DOUBLE || target == LogicalTypeId::FLOAT;
        case LogicalTypeId::FLOAT:
            return target == LogicalTypeId::DOUBLE;
        case LogicalTypeId::DECIMAL:
            return target == LogicalTypeId::DECIMAL &&
                   duckdb::DecimalType::GetScale(to) >= duckdb::DecimalType::GetScale(from);
        case LogicalTypeId::DATE:
            return target == LogicalTypeId::TIMESTAMP ||
                   (is_utc && target == LogicalTypeId::TIMESTAMP_TZ);
        case LogicalTypeId::TIMESTAMP:
            return target == LogicalTypeId::DATE ||
                   (is_utc && target == LogicalTypeId::TIMESTAMP_TZ);
        case LogicalTypeId::TIMESTAMP_TZ:
            return is_utc && (target == LogicalTypeId::DATE || target == LogicalTypeId::TIMESTAMP);
        default:
            return false;
    }
}

std::optional<Comparison> ComparisonOf(ExpressionType type) {
    switch (type) {
        case ExpressionType::COMPARE_EQUAL:
            return Comparison::kEqual;
        case ExpressionType::COMPARE_NOTEQUAL:
            return Comparison::kNotEqual;
        case ExpressionType::COMPARE_LESSTHAN:
            return Comparison::kLess;
        case ExpressionType::COMPARE_LESSTHANOREQUALTO:
            return Comparison::kLessEqual;
        case ExpressionType::COMPARE_GREATERTHAN:
            return Comparison::kGreater;
        case ExpressionType::COMPARE_GREATERTHANOREQUALTO:
            return Comparison::kGreaterEqual;
        default:
            return std::nullopt;
    }
}

bool IsInfinite(const duckdb::Value& value) {
    switch (value.type().id()) {
        case LogicalTypeId::DATE:
            return !duckdb::Value::IsFinite(duckdb::DateValue::Get(value));
        case LogicalTypeId::TIMESTAMP:
        case LogicalTypeId::TIMESTAMP_TZ:
            return !duckdb::Value::IsFinite(value.GetValueUnsafe<duckdb::timestamp_t>());
        case LogicalTypeId::FLOAT:
        case LogicalTypeId::DOUBLE:
            return !std::isfinite(value.GetValue<double>());
        default:
            return false;
    }
}

// The constant where the cast leaves every value what it was: bounds are compared with it directly.
std::optional<table::Value> ConstantOf(const Column& column, const duckdb::Value& value) {
    const LogicalTypeId seen = value.type().id();
    if (column.type.kind() == TypeKind::kVoid || column.type.kind() == TypeKind::kVariant)
        return std::nullopt;
    if (IsWhole(column.type.kind()) && WidthRank(seen) > 0) {
        duckdb::Value number = value;
        if (!number.DefaultTryCastAs(duckdb::LogicalType::BIGINT)) return std::nullopt;
        return number.GetValue<int64_t>();
    }
    const bool is_number = IsWhole(column.type.kind()) || column.type.kind() == TypeKind::kDecimal;
    if (is_number && seen == LogicalTypeId::DECIMAL) {
        const uint8_t scale = duckdb::DecimalType::GetScale(value.type());
        return FromDuck(value, table::Type::Decimal(kMaxDecimalWidth, scale));
    }
    if (column.IsFloating() && (seen == LogicalTypeId::FLOAT || seen == LogicalTypeId::DOUBLE))
        return value.GetValue<double>();
    if (value.type() != ToLogicalType(column.type)) return std::nullopt;
    return FromDuck(value, column.type);
}

// The column's values are whole steps, and the constant lies at step `floor` or, with a rest,
// between it and the next.
Predicate CompareSteps(const Column& column, Comparison comparison, table::Value floor,
                       bool has_rest) {
    if (!has_rest) return Predicate::Compare(column.path, comparison, std::move(floor));
    switch (comparison) {
        case Comparison::kEqual:
            return Predicate::False();
        case Comparison::kNotEqual:
            return Predicate::IsNotNull(column.path);
        case Comparison::kLess:
        case Comparison::kLessEqual:
            return Predicate::Compare(column.path, Comparison::kLessEqual, std::move(floor));
        case Comparison::kGreater:
        case Comparison::kGreaterEqual:
            break;
    }
    return Predicate::Compare(column.path, Comparison::kGreater, std::move(floor));
}

// Beyond the limit neighbours fall together, but on the far side of every number below it.
Predicate CompareWholeWithFloating(const Column& column, Comparison comparison, double number,
                                   double limit) {
    if (std::abs(number) >= limit) return Predicate::Unknown();
    const double floor = std::floor(number);
    return CompareSteps(column, comparison, static_cast<int64_t>(floor), floor != number);
}

Predicate CompareDateWithTime(const Column& column, Comparison comparison, int64_t micros) {
    int64_t day = micros / kMicrosPerDay;
    const bool has_rest = micros % kMicrosPerDay != 0;
    if (has_rest && micros < 0) day--;
    return CompareSteps(column, comparison, table::Date{static_cast<int32_t>(day)}, has_rest);
}

Predicate CompareTimeWithDate(const Column& column, Comparison comparison, int32_t day) {
    int64_t begin = 0;
    int64_t end = 0;
    if (__builtin_mul_overflow(int64_t{day}, kMicrosPerDay, &begin) ||
        __builtin_add_overflow(begin, kMicrosPerDay, &end)) {
        return Predicate::Unknown();
    }
    const auto is = [&](Comparison with, int64_t micros) {
        return Predicate::Compare(column.path, with, table::Timestamp{micros});
    };
    switch (comparison) {
        case Comparison::kEqual:
            return Predicate::And(
                {is(Comparison::kGreaterEqual, begin), is(Comparison::kLess, end)});
        case Comparison::kNotEqual:
            return Predicate::Or(
                {is(Comparison::kLess, begin), is(Comparison::kGreaterEqual, end)});
        case Comparison::kLess:
            return is(Comparison::kLess, begin);
        case Comparison::kLessEqual:
            return is(Comparison::kLess, end);
        case Comparison::kGreater:
            return is(Comparison::kGreaterEqual, end);
        case Comparison::kGreaterEqual:
            break;
    }
    return is(Comparison::kGreaterEqual, begin);
}

// With neither NULL nor an infinite value.
Predicate CompareWith(const Column& column, Comparison comparison, const duckdb::Value& value) {
    if (auto constant = ConstantOf(column, value))
        return Predicate::Compare(column.path, comparison, std::move(*constant));
    const LogicalTypeId seen = value.type().id();
    const TypeKind kind = column.type.kind();
    if (IsWhole(kind) && seen == LogicalTypeId::DOUBLE)
        return CompareWholeWithFloating(column, comparison, value.GetValue<double>(),
                                        kWholeInDouble);
    if (IsWhole(kind) && seen == LogicalTypeId::FLOAT)
        return CompareWholeWithFloating(column, comparison, value.GetValue<double>(),
                                        kWholeInFloat);
    const bool is_time = seen == LogicalTypeId::TIMESTAMP || seen == LogicalTypeId::TIMESTAMP_TZ;
    const bool has_time = kind == TypeKind::kTimestamp || kind == TypeKind::kTimestampNtz;
    if (is_time && kind == TypeKind::kDate)
        return CompareDateWithTime(column, comparison,
                                   value.GetValueUnsafe<duckdb::timestamp_t>().value);
    if (is_time && has_time)
        return Predicate::Compare(
            column.path, comparison,
            table::Timestamp{value.GetValueUnsafe<duckdb::timestamp_t>().value});
    if (has_time && seen == LogicalTypeId::DATE)
        return CompareTimeWithDate(column, comparison, duckdb::DateValue::Get(value).days);
    return Predicate::Unknown();
}

}  // namespace

Column BareColumn(std::vector<std::string> path, const table::Type& type) {
    return {std::move(path), type, ToLogicalType(type)};
}

std::optional<Column> SeenAs(const Column& column, const duckdb::LogicalType& type, bool is_utc) {
    if (type == column.seen) return column;
    const bool is_bare = column.seen == ToLogicalType(column.type);
    const bool is_widened = WidthRank(column.seen.id()) > 0 && IsWhole(column.type.kind());
    if (!is_bare && !is_widened) return std::nullopt;
    if (!KeepsOrder(column.seen, type, is_utc)) return std::nullopt;
    Column cast = column;
    cast.seen = type;
    return cast;
}

Predicate CompareColumn(const Column& column, ExpressionType comparison,
                        const duckdb::Value& constant, bool is_negated) {
    if (column.type.IsNested()) return Predicate::Unknown();
    if (comparison == ExpressionType::COMPARE_DISTINCT_FROM) {
        return Predicate::Not(CompareColumn(column, ExpressionType::COMPARE_NOT_DISTINCT_FROM,
                                            constant, !is_negated));
    }
    if (comparison == ExpressionType::COMPARE_NOT_DISTINCT_FROM) {
        if (constant.IsNull()) return Predicate::IsNull(column.path);
        return Predicate::And(
            {Predicate::IsNotNull(column.path),
             CompareColumn(column, ExpressionType::COMPARE_EQUAL, constant, is_negated)});
    }
    const auto known = ComparisonOf(comparison);
    if (!known || constant.IsNull() || IsInfinite(constant)) return Predicate::Unknown();
    // DuckDB orders NaN above all numbers, and a writer's bounds may leave it out: an upper bound
    // proves nothing.
    const bool is_upward = *known == Comparison::kGreater || *known == Comparison::kGreaterEqual ||
                           *known == Comparison::kNotEqual;
    if (column.IsFloating() && (is_upward || is_negated)) return Predicate::Unknown();
    return CompareWith(column, *known, constant);
}

Predicate ColumnIn(const Column& column, const duckdb::vector<duckdb::Value>& constants,
                   bool is_negated) {
    if (column.type.IsNested() || (column.IsFloating() && is_negated)) return Predicate::Unknown();
    std::vector<table::Value> exact;
    bool all_exact = true;
    for (const duckdb::Value& value : constants) {
        if (value.IsNull() && !is_negated) continue;  // equals nothing
        if (value.IsNull() || IsInfinite(value)) return Predicate::Unknown();
        auto constant = ConstantOf(column, value);
        all_exact = all_exact && constant.has_value();
        if (constant) exact.push_back(std::move(*constant));
    }
    if (all_exact) return Predicate::In(column.path, std::move(exact));
    if (constants.size() > kMaxComparisons) return Predicate::Unknown();
    std::vector<Predicate> parts;
    for (const duckdb::Value& value : constants) {
        if (value.IsNull()) continue;
        parts.push_back(CompareColumn(column, ExpressionType::COMPARE_EQUAL, value, is_negated));
    }
    return Predicate::Or(std::move(parts));
}

Predicate HasPrefix(const Column& column, const std::string& prefix) {
    if (column.type.kind() != TypeKind::kString) return Predicate::Unknown();
    std::vector<Predicate> parts;
    parts.push_back(Predicate::Compare(column.path, Comparison::kGreaterEqual, prefix));
    // The least text behind all that begin so: the prefix with its last byte raised.
    std::string end = prefix;
    while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xFF) end.pop_back();
    if (!end.empty()) {
        end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
        parts.push_back(Predicate::Compare(column.path, Comparison::kLess, std::move(end)));
    }
    return Predicate::And(std::move(parts));
}

}  // namespace tarn::engine::duck
