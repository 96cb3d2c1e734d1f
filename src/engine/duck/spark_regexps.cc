#include "engine/duck/spark_regexps.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "duckdb/common/re2_regex.hpp"
#include "duckdb/execution/expression_executor.hpp"
#include "engine/duck/errors.h"
#include "engine/duck/expression_builder.h"
#include "engine/duck/spark_text.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;
using std::string;
using std::string_view;

constexpr const char* kGroup = "spark_regexp_group";
constexpr const char* kGroupsOfAll = "spark_regexp_groups";

// How many groups the pattern has. The library says of a pattern that is none only that it does not
// match, so an alternative is added that always matches.
int32_t GroupsOf(const string& pattern) {
    duckdb_re2::Match match;
    const bool is_pattern =
        duckdb_re2::RegexSearch("", match, duckdb_re2::Regex("(?:" + pattern + "|)"));
    if (!is_pattern) {
        throw Error(ErrorKind::kInvalidInput,
                    "'{}' is no regular expression of RE2 (which has no look-around and no "
                    "references to groups)",
                    pattern);
    }
    return static_cast<int32_t>(match.groups.size()) - 1;
}
void CheckPattern(const string& pattern) {
    Guarded([&] { return GroupsOf(pattern); });
}

// The last pattern, read once for rows that share it.
class Patterns {
public:
    const duckdb_re2::Regex& At(const string& text) {
        if (!regex_ || text != text_) {
            CheckPattern(text);
            // Said, because the library's own default is the other.
            regex_.emplace("(?-i)" + text);
            text_ = text;
        }
        return *regex_;
    }

private:
    std::optional<duckdb_re2::Regex> regex_;
    string text_;
};

// (text, pattern, at most so many parts)
void GiveSplit(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
    Patterns patterns;
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    for (duckdb::idx_t row = 0; row < arguments.size(); row++) {
        const Value text_value = arguments.data[0].GetValue(row);
        const Value pattern = arguments.data[1].GetValue(row);
        const Value limit_value = arguments.data[2].GetValue(row);
        if (text_value.IsNull() || pattern.IsNull() || limit_value.IsNull()) {
            result.SetValue(row, Value(result.GetType()));
            continue;
        }
        const string& text = duckdb::StringValue::Get(text_value);
        const auto limit = limit_value.GetValue<int32_t>();
        duckdb::vector<Value> parts;
        size_t begin = 0;
        for (auto& match :
             duckdb_re2::RegexFindAll(text, patterns.At(duckdb::StringValue::Get(pattern)))) {
            if (limit > 0 && static_cast<int32_t>(parts.size()) + 1 >= limit) break;
            const size_t at = match.position(0);
            const size_t size = match.length(0);
            if (size == 0 && (at == 0 || at >= text.size())) continue;
            parts.emplace_back(text.substr(begin, at - begin));
            begin = at + size;
        }
        parts.emplace_back(text.substr(begin));
        result.SetValue(row, Value::LIST(LogicalType::VARCHAR, std::move(parts)));
    }
}

// (text, pattern): the place of the first match, counted from 1, else 0
void GivePlaces(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
    Patterns patterns;
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    for (duckdb::idx_t row = 0; row < arguments.size(); row++) {
        const Value text_value = arguments.data[0].GetValue(row);
        const Value pattern = arguments.data[1].GetValue(row);
        if (text_value.IsNull() || pattern.IsNull()) {
            duckdb::FlatVector::SetNull(result, row, true);
            continue;
        }
        const string& text = duckdb::StringValue::Get(text_value);
        duckdb_re2::Match match;
        int32_t place = 0;
        if (duckdb_re2::RegexSearch(text, match, patterns.At(duckdb::StringValue::Get(pattern)))) {
            const size_t at = match.position(0);
            place = 1 + static_cast<int32_t>(std::count_if(
                            text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at),
                            [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
        }
        duckdb::FlatVector::GetData<int32_t>(result)[row] = place;
    }
}

void CheckGroup(int32_t group, int32_t count) {
    if (group >= 0 && group <= count) return;
    throw Error(
        ErrorKind::kInvalidInput,
        "there is no group {} in the pattern: they count from 1 to {}, 0 is all of the match",
        group, count);
}
void CheckGroup(const duckdb_re2::Match& match, int32_t group) {
    CheckGroup(group, static_cast<int32_t>(match.groups.size()) - 1);
}

// (text, pattern, group): of the first match, or of all; a group that took no part is empty.
template <bool wants_all>
void GiveGroups(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
    Patterns patterns;
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    for (duckdb::idx_t row = 0; row < arguments.size(); row++) {
        const Value text_value = arguments.data[0].GetValue(row);
        const Value pattern = arguments.data[1].GetValue(row);
        const Value group = arguments.data[2].GetValue(row);
        if (text_value.IsNull() || pattern.IsNull() || group.IsNull()) {
            result.SetValue(row, Value(result.GetType()));
            continue;
        }
        const string& text = duckdb::StringValue::Get(text_value);
        const auto& regex = patterns.At(duckdb::StringValue::Get(pattern));
        const auto place = group.GetValue<int32_t>();
        result.SetValue(row, Guarded([&] {
                            duckdb::vector<Value> found;
                            if constexpr (wants_all) {
                                for (auto& match : duckdb_re2::RegexFindAll(text, regex)) {
                                    CheckGroup(match, place);
                                    found.emplace_back(match.str(static_cast<uint64_t>(place)));
                                }
                                return Value::LIST(LogicalType::VARCHAR, std::move(found));
                            } else {
                                duckdb_re2::Match match;
                                if (!duckdb_re2::RegexSearch(text, match, regex)) return Value("");
                                CheckGroup(match, place);
                                return Value(match.str(static_cast<uint64_t>(place)));
                            }
                        }));
    }
}

// (text, pattern, group): the engine's own function where all is known but the text.
template <bool wants_all>
ExpressionPtr BindGroups(duckdb::FunctionBindExpressionInput& input) {
    constexpr int32_t kMostOfTheEngine = 9;
    const ExpressionBuilder make(input.context);
    const char* engines = wants_all ? "regexp_extract_all" : "regexp_extract";
    const char* own = wants_all ? kGroupsOfAll : kGroup;
    const auto call = [&](const char* function) {
        return make.Call(function, std::move(input.children[0]), std::move(input.children[1]),
                         std::move(input.children[2]));
    };
    if (!input.children[1]->IsFoldable() || !input.children[2]->IsFoldable()) return call(own);
    const auto value_of = [&](size_t i) {
        return duckdb::ExpressionExecutor::EvaluateScalar(input.context, *input.children[i]);
    };
    const Value pattern = value_of(1);
    const Value group = value_of(2);
    if (pattern.IsNull() || group.IsNull()) return call(own);
    const int32_t place = group.GetValue<int32_t>();
    const int32_t count = Guarded([&] { return GroupsOf(pattern.ToString()); });
    return call(place >= 0 && place <= std::min(count, kMostOfTheEngine) ? engines : own);
}

// One %-5.2f of a format string.
struct Directive {
    size_t place = 0;  // of its value, counted from 1; 0: the next one
    string flags;
    int width = 0;
    int precision = -1;
    char letter = 0;

    bool Has(char flag) const { return flags.find(flag) != string::npos; }
};

[[noreturn]] void FailFormat(string_view why) {
    throw Error(ErrorKind::kInvalidInput, "format_string: {}", why);
}

Directive ReadDirective(string_view format, size_t& at) {
    Directive made;
    while (at < format.size() && string_view("-#+ 0,(").find(format[at]) != string_view::npos)
        made.flags += format[at++];
    const auto number = [&] {
        int value = 0;
        while (at < format.size() && format[at] >= '0' && format[at] <= '9' && value < 100000)
            value = value * 10 + (format[at++] - '0');
        return value;
    };
    made.width = number();
    if (at < format.size() && format[at] == '$' && made.flags.empty()) {  // %2$s
        made.place = static_cast<size_t>(made.width);
        Directive rest = ReadDirective(format, ++at);
        rest.place = made.place;
        return rest;
    }
    if (at < format.size() && format[at] == '.') {
        ++at;
        made.precision = number();
    }
    if (at >= format.size()) FailFormat("a % stands at the end");
    made.letter = format[at++];
    return made;
}

void AddCommas(string& digits) {
    const size_t point = std::min(digits.find('.'), digits.size());
    const size_t first = digits.starts_with('-') ? 1 : 0;
    for (size_t i = point; i > first + 3;) digits.insert(i -= 3, ",");
}

string NumberText(const Directive& directive, const Value& value) {
    string text;
    const char letter = directive.letter;
    if (letter == 'f' || letter == 'e' || letter == 'E') {
        const bool is_fraction = value.type().id() == LogicalTypeId::DOUBLE ||
                                 value.type().id() == LogicalTypeId::FLOAT ||
                                 value.type().id() == LogicalTypeId::DECIMAL;
        if (!is_fraction) FailFormat(fmt::format("%{} takes a number with a fraction", letter));
        const int places = directive.precision < 0 ? 6 : directive.precision;
        const double number = value.DefaultCastAs(LogicalType::DOUBLE).GetValue<double>();
        text = letter == 'f' ? fmt::format("{:.{}f}", number, places)
                             : fmt::format("{:.{}e}", number, places);
        if (letter == 'E') std::transform(text.begin(), text.end(), text.begin(), ::toupper);
    } else {
        if (!value.type().IsIntegral()) FailFormat(fmt::format("%{} takes a whole number", letter));
        const auto number = value.GetValue<int64_t>();
        const bool is_long = value.type().id() == LogicalTypeId::BIGINT;
        const uint64_t bits =
            is_long ? static_cast<uint64_t>(number) : static_cast<uint32_t>(number);
        text = letter == 'x'   ? fmt::format("{:x}", bits)
               : letter == 'X' ? fmt::format("{:X}", bits)
               : letter == 'o' ? fmt::format("{:o}", bits)
                               : std::to_string(number);
    }
    if (directive.Has(',')) AddCommas(text);
    if (directive.Has('(') && text.starts_with('-')) text = "(" + text.substr(1) + ")";
    if (!text.starts_with('-') && directive.Has('+')) text.insert(0, "+");
    if (!text.starts_with('-') && directive.Has(' ')) text.insert(0, " ");
    if (directive.Has('0') && static_cast<int>(text.size()) < directive.width) {
        const size_t sign = text[0] == '-' || text[0] == '+' ? 1 : 0;
        text.insert(sign, static_cast<size_t>(directive.width) - text.size(), '0');
    }
    return text;
}

string DirectiveText(const Directive& directive, const Value& value) {
    string text;
    const bool is_null = value.IsNull();
    switch (directive.letter) {
        case 's':
        case 'S':
            text = is_null ? "null" : SparkTextOf(value);
            if (directive.precision >= 0)
                text.resize(std::min(text.size(), static_cast<size_t>(directive.precision)));
            if (directive.letter == 'S')
                std::transform(text.begin(), text.end(), text.begin(), ::toupper);
            break;
        case 'b':
            text = is_null                                       ? "false"
                   : value.type().id() == LogicalTypeId::BOOLEAN ? value.ToString()
                                                                 : "true";
            break;
        case 'c':
            if (!is_null && !value.type().IsIntegral()) FailFormat("%c takes a character's number");
            text = is_null ? "null" : string(1, static_cast<char>(value.GetValue<int32_t>()));
            break;
        case 'd':
        case 'x':
        case 'X':
        case 'o':
        case 'f':
        case 'e':
        case 'E':
            text = is_null ? "null" : NumberText(directive, value);
            break;
        default:
            FailFormat(fmt::format("%{} means nothing", directive.letter));
    }
    const auto width = static_cast<size_t>(directive.width);
    if (text.size() < width) {
        text.insert(directive.Has('-') ? text.size() : 0, width - text.size(), ' ');
    }
    return text;
}

string Formatted(string_view format, const duckdb::vector<Value>& values) {
    string out;
    size_t next = 0;
    for (size_t at = 0; at < format.size();) {
        if (format[at] != '%') {
            out += format[at++];
            continue;
        }
        const Directive directive = ReadDirective(format, ++at);
        if (directive.letter == '%') {
            out += '%';
        } else if (directive.letter == 'n') {
            out += '\n';
        } else {
            const size_t place = directive.place > 0 ? directive.place - 1 : next++;
            if (place >= values.size()) FailFormat("it has more directives than values");
            out += DirectiveText(directive, values[place]);
        }
    }
    return out;
}

void GiveFormatted(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    for (duckdb::idx_t row = 0; row < arguments.size(); row++) {
        const Value format = arguments.data[0].GetValue(row);
        if (format.IsNull()) {
            duckdb::FlatVector::SetNull(result, row, true);
            continue;
        }
        duckdb::vector<Value> values;
        for (size_t i = 1; i < arguments.data.size(); ++i)
            values.push_back(arguments.data[i].GetValue(row));
        result.SetValue(
            row,
            Value(Guarded([&] { return Formatted(duckdb::StringValue::Get(format), values); })));
    }
}

}  // namespace

void RegisterSparkRegexps(duckdb::ExtensionLoader& loader) {
    const LogicalType text = LogicalType::VARCHAR;
    duckdb::ScalarFunction split("spark_split", {text, text, LogicalType::INTEGER},
                                 LogicalType::LIST(text), GiveSplit);
    split.SetFallible();
    loader.RegisterFunction(split);
    duckdb::ScalarFunction place("spark_regexp_instr", {text, text}, LogicalType::INTEGER,
                                 GivePlaces);
    place.SetFallible();
    loader.RegisterFunction(place);
    duckdb::ScalarFunction extract(kGroup, {text, text, LogicalType::INTEGER}, text,
                                   GiveGroups<false>);
    extract.SetFallible();
    loader.RegisterFunction(extract);
    duckdb::ScalarFunction extract_all(kGroupsOfAll, {text, text, LogicalType::INTEGER},
                                       LogicalType::LIST(text), GiveGroups<true>);
    extract_all.SetFallible();
    loader.RegisterFunction(extract_all);
    RegisterRewritten(loader, "spark_regexp_extract", 3, BindGroups<false>);
    RegisterRewritten(loader, "spark_regexp_extract_all", 3, BindGroups<true>);
    duckdb::ScalarFunction format("spark_format_string", {text}, text, GiveFormatted);
    format.varargs = LogicalType::ANY;
    format.null_handling = duckdb::FunctionNullHandling::SPECIAL_HANDLING;
    format.SetFallible();
    loader.RegisterFunction(format);
}

}  // namespace tarn::engine::duck
