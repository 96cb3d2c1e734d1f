#include "engine/duck/spark_intervals.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "duckdb/common/types/interval.hpp"
#include "duckdb/common/vector_operations/unary_executor.hpp"
#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/function/cast/default_casts.hpp"
#include "engine/duck/errors.h"
#include "sql/lexer.h"

namespace tarn::engine::duck {
namespace {

using duckdb::interval_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using Input = duckdb::FunctionBindExpressionInput;

enum Unit { kYear, kMonth, kDay, kHour, kMinute, kSecond };
constexpr std::string_view kUnitNames[] = {"year", "month", "day", "hour", "minute", "second"};

struct Range {
    Unit first;
    Unit last;

    bool IsOfMonths() const { return last <= kMonth; }
};

std::string NameOf(Range range) {
    std::string name = "interval " + std::string(kUnitNames[range.first]);
    if (range.last != range.first) name += " to " + std::string(kUnitNames[range.last]);
    return name;
}

std::vector<Range> AllRanges() {
    std::vector<Range> all;
    for (int first = kYear; first <= kSecond; ++first) {
        const int end = first <= kMonth ? kMonth : kSecond;
        for (int last = first; last <= end; ++last)
            all.push_back({static_cast<Unit>(first), static_cast<Unit>(last)});
    }
    return all;
}

LogicalType TypeOf(Range range) {
    LogicalType type = LogicalType::INTERVAL;
    type.SetAlias(NameOf(range));
    return type;
}

// Nothing for the calendar's.
std::optional<Range> RangeOf(const LogicalType& type) {
    const std::string name = type.GetAlias();
    if (name.empty()) return std::nullopt;
    for (const Range range : AllRanges())
        if (NameOf(range) == name) return range;
    return std::nullopt;
}

bool IsInterval(const LogicalType& type) { return type.id() == LogicalTypeId::INTERVAL; }
bool IsTime(const LogicalType& type) {
    return type.id() == LogicalTypeId::DATE || type.id() == LogicalTypeId::TIMESTAMP ||
           type.id() == LogicalTypeId::TIMESTAMP_TZ;
}

constexpr int64_t kSecondMicros = 1'000'000;
constexpr int64_t kUnitMicros[] = {
    0, 0, 86'400 * kSecondMicros, 3'600 * kSecondMicros, 60 * kSecondMicros, kSecondMicros};

// 4.05, without the zeros at its end.
std::string SecondsText(int64_t micros) {
    std::string text = std::to_string(micros / kSecondMicros);
    if (micros % kSecondMicros == 0) return text;
    text += fmt::format(".{:06}", micros % kSecondMicros);
    text.resize(text.find_last_not_of('0') + 1);
    return text;
}

std::string DayTimeText(__int128 micros, Range range) {
    std::string text;
    for (int unit = range.first; unit <= range.last; ++unit) {
        const int64_t size = kUnitMicros[unit];
        const auto count = static_cast<int64_t>(micros / size);
        const std::string number =
            unit == kSecond ? SecondsText(static_cast<int64_t>(micros)) : std::to_string(count);
        const bool is_short = number.find('.') == 1 || number.size() == 1;
        if (unit > range.first) text += unit == kHour ? " " : ":";
        text += (unit > kDay && is_short ? "0" : "") + number;
        micros -= static_cast<__int128>(count) * size;
    }
    return text;
}

std::string MonthsText(int64_t months, Range range) {
    if (range.first == kMonth) return std::to_string(months);
    const std::string years = std::to_string(months / 12);
    return range.last == kYear ? years : years + "-" + std::to_string(months % 12);
}

// 1 years 2 months 3 days 4 hours 5 minutes 6.7 seconds
std::string CalendarText(interval_t interval) {
    std::vector<std::string> parts;
    const auto add = [&](int64_t count, const char* unit) {
        if (count != 0) parts.push_back(fmt::format("{} {}", count, unit));
    };
    add(interval.months / 12, "years");
    add(interval.months % 12, "months");
    add(interval.days, "days");
    add(interval.micros / kUnitMicros[kHour], "hours");
    add(interval.micros % kUnitMicros[kHour] / kUnitMicros[kMinute], "minutes");
    const int64_t seconds = interval.micros % kUnitMicros[kMinute];
    if (seconds != 0)
        parts.push_back((seconds < 0 ? "-" : "") + SecondsText(std::abs(seconds)) + " seconds");
    return parts.empty() ? "0 seconds" : Join(parts, " ");
}

__int128 MicrosOf(interval_t interval) {
    return static_cast<__int128>(interval.days) * kUnitMicros[kDay] + interval.micros;
}

bool WriteText(duckdb::Vector& source, duckdb::Vector& result, duckdb::idx_t count,
               duckdb::CastParameters&) {
    const LogicalType type = source.GetType();
    duckdb::UnaryExecutor::Execute<interval_t, duckdb::string_t>(
        source, result, count, [&](interval_t interval) {
            return duckdb::StringVector::AddString(result, IntervalText(interval, type));
        });
    return true;
}

ExpressionPtr Called(duckdb::ClientContext& client, const std::string& sign, ExpressionPtr left,
                     ExpressionPtr right, const LogicalType& type) {
    const ExpressionBuilder make(client);
    return make.Cast(make.Call(sign, std::move(left), std::move(right)), type);
}

// Of both operands; the calendar's where one is of months and the other of times.
LogicalType CommonInterval(const LogicalType& left, const LogicalType& right) {
    const auto a = RangeOf(left);
    const auto b = RangeOf(right);
    if (!a || !b || a->IsOfMonths() != b->IsOfMonths()) return LogicalType::INTERVAL;
    return TypeOf({std::min(a->first, b->first), std::max(a->last, b->last)});
}

// What a time is that was moved: a date by days or months is a date.
LogicalType MovedType(const LogicalType& time, const LogicalType& interval) {
    if (time.id() != LogicalTypeId::DATE) return time;
    const auto range = RangeOf(interval);
    const bool stays = !range || range->last <= kDay;
    return stays ? LogicalType::DATE : LogicalType::TIMESTAMP_TZ;
}

// spark_interval(interval, 'day to second')
ExpressionPtr BindInterval(Input& input) {
    const auto name =
        duckdb::ExpressionExecutor::EvaluateScalar(input.context, *input.children[1]).ToString();
    LogicalType type = LogicalType::INTERVAL;
    type.SetAlias("interval " + name);
    return ExpressionBuilder(input.context).Cast(std::move(input.children[0]), type);
}

}  // namespace

std::string IntervalText(interval_t interval, const LogicalType& type) {
    const auto range = RangeOf(type);
    if (!range) return CalendarText(interval);
    const __int128 total = range->IsOfMonths() ? interval.months : MicrosOf(interval);
    const std::string sign = total < 0 ? "-" : "";
    const std::string text = range->IsOfMonths()
                                 ? MonthsText(std::abs(static_cast<int64_t>(total)), *range)
                                 : DayTimeText(total < 0 ? -total : total, *range);
    const std::string units =
        AsciiUpper(NameOf(*range).substr(std::string_view("interval").size()));
    return "INTERVAL '" + sign + text + "'" + units;
}

ExpressionPtr TryMoveTime(duckdb::ClientContext& client, const std::string& sign,
                          ExpressionPtr& left, ExpressionPtr& right) {
    const LogicalType from = left->return_type;
    const LogicalType by = right->return_type;
    if (IsInterval(from) && IsInterval(by))
        return Called(client, sign, std::move(left), std::move(right), CommonInterval(from, by));
    if (IsTime(from) && IsInterval(by))
        return Called(client, sign, std::move(left), std::move(right), MovedType(from, by));
    if (IsInterval(from) && IsTime(by) && sign == "+")
        return Called(client, sign, std::move(left), std::move(right), MovedType(by, from));
    if (!IsTime(from) || !IsTime(by) || sign != "-") return nullptr;
    const bool are_dates = from.id() == LogicalTypeId::DATE && by.id() == LogicalTypeId::DATE;
    const ExpressionBuilder make(client);
    if (are_dates) {
        return make.Cast(
            make.Call("to_days", make.Cast(make.Call("-", std::move(left), std::move(right)),
                                           LogicalType::INTEGER)),
            TypeOf({kDay, kDay}));
    }
    return Called(client, sign, make.Cast(std::move(left), LogicalType::TIMESTAMP_TZ),
                  make.Cast(std::move(right), LogicalType::TIMESTAMP_TZ), TypeOf({kDay, kSecond}));
}

ExpressionPtr TryScaleInterval(duckdb::ClientContext& client, const std::string& sign,
                               ExpressionPtr& interval, ExpressionPtr& number) {
    if (!IsInterval(interval->return_type)) return nullptr;
    const ExpressionBuilder make(client);
    const LogicalType type = WidestInterval(interval->return_type);
    const bool is_whole = sign == "*" && number->return_type.IsIntegral();
    ExpressionPtr factor =
        make.Cast(std::move(number), is_whole ? LogicalType::BIGINT : LogicalType::DOUBLE);
    return Called(client, sign, std::move(interval), std::move(factor), type);
}

LogicalType WidestInterval(const LogicalType& type) {
    const auto range = RangeOf(type);
    if (!range) return LogicalType::INTERVAL;
    return range->IsOfMonths() ? TypeOf({kYear, kMonth}) : TypeOf({kDay, kSecond});
}

ExpressionPtr CountOfUnits(const ExpressionBuilder& make, ExpressionPtr interval) {
    const Range range = RangeOf(interval->return_type).value_or(Range{kDay, kSecond});
    const auto count = [&](const char* function, ExpressionPtr of, int64_t size) {
        return make.Call("//", make.Call(function, std::move(of)),
                         make.Constant(duckdb::Value::BIGINT(size)));
    };
    if (!range.IsOfMonths()) return count("epoch_us", std::move(interval), kUnitMicros[range.last]);
    constexpr int64_t kMonthMicros = 30 * kUnitMicros[kDay];  // as the engine counts them
    return count("epoch_us", std::move(interval),
                 range.last == kYear ? 12 * kMonthMicros : kMonthMicros);
}

ExpressionPtr NegateInterval(duckdb::ClientContext& client, ExpressionPtr interval) {
    const ExpressionBuilder make(client);
    const LogicalType type = interval->return_type;
    return make.Cast(make.Call("-", std::move(interval)), type);
}

void RegisterSparkIntervals(duckdb::ExtensionLoader& loader) {
    constexpr int64_t kImplicit = 1;
    constexpr int64_t kExplicit = -1;
    const auto cast = [&](const LogicalType& from, const LogicalType& to,
                          duckdb::cast_function_t function, int64_t cost) {
        loader.RegisterCastFunction(from, to, duckdb::BoundCastInfo(function), cost);
    };
    for (const Range range : AllRanges()) {
        const LogicalType type = TypeOf(range);
        cast(type, LogicalType::INTERVAL, duckdb::DefaultCasts::ReinterpretCast, kImplicit);
        cast(LogicalType::INTERVAL, type, duckdb::DefaultCasts::ReinterpretCast, kExplicit);
        cast(type, LogicalType::VARCHAR, WriteText, kExplicit);
        for (const Range other : AllRanges()) {
            if (NameOf(other) == NameOf(range)) continue;
            cast(type, TypeOf(other), duckdb::DefaultCasts::ReinterpretCast, kExplicit);
        }
    }
    RegisterRewritten(loader, "spark_interval", 2, BindInterval);
}

}  // namespace tarn::engine::duck
