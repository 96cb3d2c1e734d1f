#include "engine/duck/spark_times.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "duckdb/common/types/date.hpp"
#include "duckdb/common/types/timestamp.hpp"
#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "engine/duck/expression_builder.h"
#include "engine/duck/scalar_adapter.h"
#include "engine/duck/spark_casts.h"
#include "engine/duck/time_pattern.h"

namespace tarn::engine::duck {
namespace {

using duckdb::date_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::timestamp_t;
using duckdb::Value;
using std::string;
using std::string_view;
using Input = duckdb::FunctionBindExpressionInput;

constexpr const char* kFormat = "spark_format_time";
constexpr const char* kRead = "spark_read_time";
constexpr const char* kTryRead = "spark_try_read_time";

// A pattern that is a constant is read once.
struct PatternData final : public duckdb::FunctionData {
    explicit PatternData(std::shared_ptr<const TimePattern> of) : pattern(std::move(of)) {}
    duckdb::unique_ptr<FunctionData> Copy() const override {
        return duckdb::make_uniq<PatternData>(pattern);
    }
    bool Equals(const FunctionData& other) const override {
        return pattern == other.Cast<PatternData>().pattern;
    }
    const std::shared_ptr<const TimePattern> pattern;
};

std::optional<string> ConstantText(duckdb::ClientContext& client,
                                   const duckdb::Expression& expression) {
    if (!expression.IsFoldable()) return std::nullopt;
    const Value value = duckdb::ExpressionExecutor::EvaluateScalar(client, expression);
    if (value.IsNull()) return std::nullopt;
    return value.ToString();
}

duckdb::unique_ptr<duckdb::FunctionData> BindPattern(
    duckdb::ClientContext& client, duckdb::ScalarFunction&,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
    const auto text = ConstantText(client, *arguments[1]);
    std::shared_ptr<const TimePattern> pattern;
    if (text)
        pattern = Guarded([&] { return std::make_shared<TimePattern>(TimePattern::Parse(*text)); });
    return duckdb::make_uniq<PatternData>(std::move(pattern));
}

// The bound pattern, or the row's own.
class PatternOf {
public:
    explicit PatternOf(duckdb::ExpressionState& state)
        : bound_(state.expr.Cast<duckdb::BoundFunctionExpression>()
                     .bind_info->Cast<PatternData>()
                     .pattern.get()) {}
    const TimePattern& At(string_view text) {
        if (bound_ != nullptr) return *bound_;
        if (!own_ || text != text_) {
            own_ = Guarded([&] { return TimePattern::Parse(text); });
            text_ = text;
        }
        return *own_;
    }

private:
    const TimePattern* bound_;
    std::optional<TimePattern> own_;
    string text_;
};

string_view View(const duckdb::string_t& text) { return {text.GetData(), text.GetSize()}; }

// (wall clock, pattern, seconds that it is ahead of UTC, name of the zone)
void FormatTimes(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                 duckdb::Vector& result) {
    PatternOf patterns(state);
    duckdb::UnifiedVectorFormat formats[4];
    for (size_t i = 0; i < 4; ++i) arguments.data[i].ToUnifiedFormat(arguments.size(), formats[i]);
    const auto* times = duckdb::UnifiedVectorFormat::GetData<timestamp_t>(formats[0]);
    const auto* texts = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(formats[1]);
    const auto* offsets = duckdb::UnifiedVectorFormat::GetData<int64_t>(formats[2]);
    const auto* zones = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(formats[3]);
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    auto* out = duckdb::FlatVector::GetData<duckdb::string_t>(result);
    for (duckdb::idx_t row = 0; row < arguments.size(); row++) {
        bool is_whole = true;
        for (const auto& format : formats)
            is_whole = is_whole && format.validity.RowIsValid(format.sel->get_index(row));
        if (!is_whole) {
            duckdb::FlatVector::SetNull(result, row, true);
            continue;
        }
        const TimePattern& pattern = patterns.At(View(texts[formats[1].sel->get_index(row)]));
        const ClockTime time = {times[formats[0].sel->get_index(row)].value,
                                offsets[formats[2].sel->get_index(row)],
                                View(zones[formats[3].sel->get_index(row)])};
        out[row] = duckdb::StringVector::AddString(result, pattern.Format(time));
    }
}

// (text, pattern)
template <bool tries>
void ReadTimes(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
               duckdb::Vector& result) {
    PatternOf patterns(state);
    duckdb::UnifiedVectorFormat formats[2];
    for (size_t i = 0; i < 2; ++i) arguments.data[i].ToUnifiedFormat(arguments.size(), formats[i]);
    const auto* texts = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(formats[0]);
    const auto* words = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(formats[1]);
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    auto* out = duckdb::FlatVector::GetData<timestamp_t>(result);
    for (duckdb::idx_t row = 0; row < arguments.size(); row++) {
        const auto at = formats[0].sel->get_index(row);
        const auto word = formats[1].sel->get_index(row);
        if (!formats[0].validity.RowIsValid(at) || !formats[1].validity.RowIsValid(word)) {
            duckdb::FlatVector::SetNull(result, row, true);
            continue;
        }
        const auto micros = patterns.At(View(words[word])).Read(View(texts[at]));
        if (micros) {
            out[row] = timestamp_t(*micros);
        } else if (tries) {
            duckdb::FlatVector::SetNull(result, row, true);
        } else {
            ThrowIntoDuck(Error(ErrorKind::kInvalidInput,
                                "'{}' is no time of the pattern '{}': use try_to_timestamp or "
                                "try_to_date to get NULL instead",
                                View(texts[at]), View(words[word])));
        }
    }
}

string TimeZoneOf(duckdb::ClientContext& client) {
    Value zone;
    if (!client.TryGetCurrentSetting("TimeZone", zone) || zone.IsNull()) return "UTC";
    return zone.ToString();
}

// date_format(time, pattern)
ExpressionPtr BindFormat(Input& input) {
    const ExpressionBuilder make(input.context);
    ExpressionPtr instant =
        SparkCast(input.context, std::move(input.children[0]), LogicalType::TIMESTAMP_TZ, false);
    ExpressionPtr pattern =
        SparkCast(input.context, std::move(input.children[1]), LogicalType::VARCHAR, false);
    ExpressionPtr clock = make.Cast(instant->Copy(), LogicalType::TIMESTAMP);
    ExpressionPtr ahead = make.Call("-", make.Call("epoch_us", clock->Copy()),
                                    make.Call("epoch_us", std::move(instant)));
    return make.Call(kFormat, std::move(clock), std::move(pattern),
                     make.Call("//", std::move(ahead), make.Constant(Value::BIGINT(1000000))),
                     make.Constant(Value(TimeZoneOf(input.context))));
}

// (value, pattern, NULL of the type wanted)
ExpressionPtr BindReadAs(Input& input, const char* function, bool tries) {
    const ExpressionBuilder make(input.context);
    const LogicalType wanted = input.children[2]->return_type;
    ExpressionPtr value = WithOwnType(input.context, std::move(input.children[0]));
    const bool is_text = value->return_type.id() == LogicalTypeId::VARCHAR ||
                         value->return_type.id() == LogicalTypeId::SQLNULL;
    if (!is_text) return SparkCast(input.context, std::move(value), wanted, tries);
    const auto text = ConstantText(input.context, *input.children[1]);
    const bool has_zone = text && Guarded([&] { return TimePattern::Parse(*text).HasZone(); });
    ExpressionPtr time = make.Call(function, make.Cast(std::move(value), LogicalType::VARCHAR),
                                   make.Cast(std::move(input.children[1]), LogicalType::VARCHAR));
    if (has_zone) time = make.Call("make_timestamptz", make.Call("epoch_us", std::move(time)));
    return make.Cast(std::move(time), wanted);
}
ExpressionPtr BindRead(Input& input) { return BindReadAs(input, kRead, false); }
ExpressionPtr BindTryRead(Input& input) { return BindReadAs(input, kTryRead, true); }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The places of the year's, month's and day's ends in y, y-m, y-m-d; how many there are.
size_t DateParts(string_view text, size_t (&ends)[3]) {
    size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    for (size_t part = 0; part < 3; ++part) {
        const size_t begin = at;
        while (at < text.size() && IsDigit(text[at])) ++at;
        const size_t digits = at - begin;
        if (part == 0 ? digits < 4 || digits > 7 : digits < 1 || digits > 2) return 0;
        ends[part] = at;
        if (at == text.size() || text[at] != '-') return part + 1;
        ++at;
    }
    return 3;
}

// What is no date to Spark, and might be one to the engine: in quotes, so that no cast reads it.
string Unreadable(string_view text) { return "'" + string(text) + "'"; }

string DateText(string_view text) {
    size_t ends[3];
    const size_t parts = DateParts(text, ends);
    if (parts == 0) return Unreadable(text);
    const bool goes_on = ends[parts - 1] < text.size();
    if (parts == 1 && !goes_on) return string(text) + "-01-01";
    if (parts == 2 && !goes_on) return string(text) + "-01";
    const bool has_time = parts == 3 && goes_on && (text[ends[2]] == ' ' || text[ends[2]] == 'T');
    if (goes_on && !has_time) return Unreadable(text);
    return string(has_time ? text.substr(0, ends[2]) : text);
}

string TimeText(string_view text) {
    size_t ends[3];
    const size_t parts = DateParts(text, ends);
    const bool goes_on = parts > 0 && ends[parts - 1] < text.size();
    if (parts > 0 && parts < 3 && !goes_on) return DateText(text);
    if (parts > 0 && parts < 3) return Unreadable(text);
    // An hour may stand alone.
    const string_view time = parts == 3 && goes_on ? text.substr(ends[2] + 1) : "";
    const bool is_hour =
        !time.empty() && time.size() <= 2 && IsDigit(time[0]) && IsDigit(time.back());
    return string(text) + (is_hour ? ":00" : "");
}

// Seconds that a zone written as an offset is ahead of UTC: +02:00, -5, GMT+1, UTC+05:30.
std::optional<int64_t> OffsetOf(string_view zone) {
    for (const string_view word : {"GMT", "UTC", "UT"}) {
        if (zone.size() > word.size() && EqualsIgnoreCase(zone.substr(0, word.size()), word)) {
            zone.remove_prefix(word.size());
            break;
        }
    }
    const bool is_offset = zone.starts_with('+') || zone.starts_with('-');
    if (!is_offset || zone.size() < 2) return std::nullopt;
    const int64_t sign = zone[0] == '-' ? -1 : 1;
    zone.remove_prefix(1);
    const size_t colon = std::min(zone.find(':'), zone.size());
    const auto hours = ParseInt(zone.substr(0, colon));
    const auto minutes =
        colon == zone.size() ? std::optional<int64_t>(0) : ParseInt(zone.substr(colon + 1));
    if (!hours || !minutes || *hours > 18 || *minutes > 59) return std::nullopt;
    return sign * (*hours * 3600 + *minutes * 60);
}

// The wall clock of a zone at an instant, as if it were UTC's, and the other way round.
template <bool to_zone>
ExpressionPtr BindZone(Input& input) {
    const ExpressionBuilder make(input.context);
    ExpressionPtr time = std::move(input.children[0]);
    ExpressionPtr zone = std::move(input.children[1]);
    const auto name = ConstantText(input.context, *zone);
    if (const auto ahead = name ? OffsetOf(*name) : std::nullopt) {
        constexpr int64_t kSecondMicros = 1'000'000;
        const Value shift = Value::INTERVAL(0, 0, *ahead * kSecondMicros);
        return make.Call(to_zone ? "+" : "-", std::move(time), make.Constant(shift));
    }
    ExpressionPtr utc = make.Constant(Value("UTC"));
    ExpressionPtr from = to_zone ? std::move(zone) : utc->Copy();
    ExpressionPtr to = to_zone ? std::move(utc) : std::move(zone);
    return make.Call("timezone", std::move(to),
                     make.Call("timezone", std::move(from), std::move(time)));
}

// Units of date_trunc; nothing for a word that is none.
std::optional<string> TimeUnit(string_view word) {
    const string unit = AsciiLower(word);
    for (const auto& [spelled, meant] : {std::pair{"yyyy", "year"},
                                         {"yy", "year"},
                                         {"mm", "month"},
                                         {"mon", "month"},
                                         {"dd", "day"}}) {
        if (unit == spelled) return meant;
    }
    for (const char* known : {"year", "quarter", "month", "week", "day", "hour", "minute", "second",
                              "millisecond", "microsecond"}) {
        if (unit == known) return unit;
    }
    return std::nullopt;
}
// And of trunc, which gives a date.
std::optional<string> DateUnit(string_view word) {
    auto unit = TimeUnit(word);
    if (unit && (*unit == "year" || *unit == "quarter" || *unit == "month" || *unit == "week"))
        return unit;
    return std::nullopt;
}

bool IsLastOfMonth(date_t date) {
    int32_t year = 0;
    int32_t month = 0;
    int32_t day = 0;
    duckdb::Date::Convert(date, year, month, day);
    return day == duckdb::Date::MonthDays(year, month);
}

// Whole months from one time to another, as Java counts them: the day and the time of day must be
// reached again.
int64_t WholeMonths(timestamp_t from, timestamp_t to) {
    const auto place = [](timestamp_t time) {
        int32_t year = 0;
        int32_t month = 0;
        int32_t day = 0;
        duckdb::Date::Convert(duckdb::Timestamp::GetDate(time), year, month, day);
        constexpr int64_t kMostDays = 32;
        constexpr int64_t kDayMicros = 86'400'000'000;
        const int64_t days = (int64_t{year} * 12 + month) * kMostDays + day;
        return static_cast<__int128>(days) * kDayMicros + duckdb::Timestamp::GetTime(time).micros;
    };
    constexpr __int128 kMonth = static_cast<__int128>(32) * 86'400'000'000;
    return static_cast<int64_t>((place(to) - place(from)) / kMonth);
}

double MonthsBetween(timestamp_t later, timestamp_t earlier, bool rounds) {
    const date_t left = duckdb::Timestamp::GetDate(later);
    const date_t right = duckdb::Timestamp::GetDate(earlier);
    int32_t years[2];
    int32_t months[2];
    int32_t days[2];
    duckdb::Date::Convert(left, years[0], months[0], days[0]);
    duckdb::Date::Convert(right, years[1], months[1], days[1]);
    const double whole = (years[0] - years[1]) * 12 + months[0] - months[1];
    if (days[0] == days[1] || (IsLastOfMonth(left) && IsLastOfMonth(right))) return whole;
    const auto seconds_of_day = [](timestamp_t time) {
        return duckdb::Timestamp::GetTime(time).micros / 1000000;
    };
    constexpr double kMonthSeconds = 31.0 * 86400;
    const double seconds = (days[0] - days[1]) * 86400.0 +
                           static_cast<double>(seconds_of_day(later) - seconds_of_day(earlier));
    const double result = whole + seconds / kMonthSeconds;
    return rounds ? std::round(result * 1e8) / 1e8 : result;
}

date_t NextDay(date_t date, string_view word) {
    constexpr string_view kNames[] = {"MONDAY", "TUESDAY",  "WEDNESDAY", "THURSDAY",
                                      "FRIDAY", "SATURDAY", "SUNDAY"};
    for (int32_t day = 1; day <= 7; ++day) {
        const string_view name = kNames[day - 1];
        if (EqualsIgnoreCase(word, name) || EqualsIgnoreCase(word, name.substr(0, 3)) ||
            EqualsIgnoreCase(word, name.substr(0, 2))) {
            const int32_t now = duckdb::Date::ExtractISODayOfTheWeek(date);
            return date_t(date.days + (day - now + 6) % 7 + 1);
        }
    }
    throw Error(ErrorKind::kInvalidInput, "'{}' is no day of the week: write Mon, Tue, ...", word);
}

std::optional<date_t> TryMakeDate(int32_t year, int32_t month, int32_t day) {
    date_t date;
    if (!duckdb::Date::TryFromDate(year, month, day, date)) return std::nullopt;
    return date;
}
date_t MakeDate(int32_t year, int32_t month, int32_t day) {
    if (const auto date = TryMakeDate(year, month, day)) return *date;
    throw Error(ErrorKind::kInvalidInput, "there is no day {}-{}-{}", year, month, day);
}

std::optional<timestamp_t> TryMakeTime(int32_t year, int32_t month, int32_t day, int32_t hour,
                                       int32_t minute, double second) {
    const auto date = TryMakeDate(year, month, day);
    if (!date || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return std::nullopt;
    const int64_t minutes = int64_t{date->days} * 1440 + hour * 60 + minute;
    return timestamp_t(minutes * 60000000 + std::llround(second * 1e6));
}
timestamp_t MakeTime(int32_t year, int32_t month, int32_t day, int32_t hour, int32_t minute,
                     double second) {
    if (const auto time = TryMakeTime(year, month, day, hour, minute, second)) return *time;
    throw Error(ErrorKind::kInvalidInput,
                "there is no time {}-{}-{} {}:{}:{}: use try_make_timestamp to get NULL instead",
                year, month, day, hour, minute, second);
}

duckdb::interval_t MakeInterval(int32_t months, int32_t days, int64_t minutes, double seconds) {
    return {months, days, minutes * 60000000 + std::llround(seconds * 1e6)};
}

// extract(field FROM x): ('field', x)
ExpressionPtr BindExtract(Input& input) {
    const ExpressionBuilder make(input.context);
    const string field = AsciiLower(ConstantText(input.context, *input.children[0]).value_or(""));
    ExpressionPtr value = WithOwnType(input.context, std::move(input.children[1]));
    const bool is_interval = value->return_type.id() == LogicalTypeId::INTERVAL;
    if (value->return_type.id() == LogicalTypeId::VARCHAR)
        value = SparkCast(input.context, std::move(value), LogicalType::TIMESTAMP_TZ, false);
    struct Field {
        string_view names;  // between blanks
        const char* part;
    };
    constexpr Field kFields[] = {{" year y years yr yrs ", "year"},
                                 {" yearofweek ", "isoyear"},
                                 {" quarter qtr ", "quarter"},
                                 {" month mon mons months ", "month"},
                                 {" week w weeks ", "week"},
                                 {" day d days ", "day"},
                                 {" dayofweek dow ", "dow"},
                                 {" dayofweek_iso dow_iso ", "isodow"},
                                 {" doy ", "doy"},
                                 {" hour h hours hr hrs ", "hour"},
                                 {" minute m min mins minutes ", "minute"},
                                 {" second s sec seconds secs ", "microsecond"}};
    for (const Field& known : kFields) {
        if (known.names.find(" " + field + " ") == string_view::npos) continue;
        const string_view part = known.part;
        ExpressionPtr found =
            make.Call("date_part", make.Constant(Value(string(part))), std::move(value));
        if (part == "microsecond") {
            return make.Cast(make.Call("/", make.Cast(std::move(found), LogicalType::DOUBLE),
                                       make.Constant(Value::DOUBLE(1e6))),
                             LogicalType::DECIMAL(8, 6));
        }
        if (part == "dow")
            found = make.Call("+", std::move(found), make.Constant(Value::BIGINT(1)));
        const bool is_small =
            is_interval && (part == "month" || part == "hour" || part == "minute");
        return make.Cast(std::move(found), is_small ? LogicalType::TINYINT : LogicalType::INTEGER);
    }
    ThrowIntoDuck(Error(ErrorKind::kInvalidInput,
                        "'{}' is no part of a time: YEAR, QUARTER, MONTH, WEEK, DAY, DAYOFWEEK, "
                        "DOY, HOUR, MINUTE, SECOND, YEAROFWEEK are",
                        field));
}

}  // namespace

void RegisterSparkTimes(duckdb::ExtensionLoader& loader) {
    const LogicalType text = LogicalType::VARCHAR;
    duckdb::ScalarFunction format(kFormat,
                                  {LogicalType::TIMESTAMP, text, LogicalType::BIGINT, text}, text,
                                  FormatTimes, BindPattern);
    duckdb::ScalarFunction read(kRead, {text, text}, LogicalType::TIMESTAMP, ReadTimes<false>,
                                BindPattern);
    read.SetFallible();
    duckdb::ScalarFunction try_read(kTryRead, {text, text}, LogicalType::TIMESTAMP, ReadTimes<true>,
                                    BindPattern);
    for (const duckdb::ScalarFunction& function :
         {format, read, try_read, Adapted<DateText>(kSparkDateText),
          Adapted<TimeText>(kSparkTimeText), Adapted<TimeUnit>("spark_time_unit"),
          Adapted<DateUnit>("spark_date_unit"), Adapted<WholeMonths>("spark_whole_months"),
          Adapted<MonthsBetween>("spark_months_between"), Adapted<NextDay>("spark_next_day"),
          Adapted<MakeDate>("spark_make_date"), Adapted<MakeTime>("spark_make_time"),
          Adapted<TryMakeTime>("spark_try_make_time"),
          Adapted<MakeInterval>("spark_make_interval")})
        loader.RegisterFunction(function);
    RegisterRewritten(loader, "spark_date_format", 2, BindFormat);
    RegisterRewritten(loader, "spark_to_time", 3, BindRead);
    RegisterRewritten(loader, "spark_try_to_time", 3, BindTryRead);
    RegisterRewritten(loader, "spark_extract", 2, BindExtract);
    RegisterRewritten(loader, "spark_to_zone", 2, BindZone<true>);
    RegisterRewritten(loader, "spark_of_zone", 2, BindZone<false>);
}

}  // namespace tarn::engine::duck
