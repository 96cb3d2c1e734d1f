#include <algorithm>
#include <charconv>
#include <vector>

#include <simdjson.h>

#include "base/text.h"
#include "delta/stats_json.h"
#include "delta/time_text.h"
#include "delta/value_text.h"

namespace tarn::delta {
namespace {

namespace json = simdjson::ondemand;
using table::TypeKind;
using table::Value;

constexpr int64_t kMicrosPerMilli = 1000;
// Decimals with more digits may have been written through a double.
constexpr int kExactDoubleDigits = 15;
constexpr int kDoubleMantissaBits = 52;

// U+FFFD: what older Spark puts behind a cut upper bound, and in place of half a character that a
// cut left. Characters beyond it exist, so that it bounds nothing.
constexpr std::string_view kTieBreaker = "\xEF\xBF\xBD";

constexpr std::string_view kCountFirst = "{\"numRecords\":";

enum class Bound { kMin, kMax };

// A name of the wanted columns and what is wanted below it.
struct Node {
    std::string name;
    // Every writer spells such a name alike; others may stand escaped.
    bool is_plain = true;
    int leaf = -1;
    std::vector<Node> children;

    Node& Child(const std::string& of_name) {
        for (Node& child : children) {
            if (child.name == of_name) return child;
        }
        Node& child = children.emplace_back();
        child.name = of_name;
        child.is_plain = std::all_of(of_name.begin(), of_name.end(), [](char c) {
            return c >= ' ' && c <= '~' && c != '"' && c != '\\' && c != '/';
        });
        return child;
    }
    bool HasPlainChildren() const {
        return std::all_of(children.begin(), children.end(),
                           [](const Node& child) { return child.is_plain; });
    }
    const Node* Find(json::field& field, bool has_plain_children) const {
        if (has_plain_children) {
            const json::raw_json_string key = field.key();
            for (const Node& child : children) {
                if (key.unsafe_is_equal(child.name)) return &child;
            }
            return nullptr;
        }
        const std::string_view key = field.unescaped_key();
        for (const Node& child : children) {
            if (key == child.name) return &child;
        }
        return nullptr;
    }
};

Value WidenedTimestamp(int64_t micros, Bound bound) {
    if (bound == Bound::kMax && micros % kMicrosPerMilli == 0) micros += kMicrosPerMilli - 1;
    return table::Timestamp{micros};
}

// No value of the type lies beyond its largest one, so that no bound has to.
Value WithinType(const table::Decimal& value, const table::Type& type) {
    table::Decimal limit{1, type.scale()};
    for (int digit = 0; digit < type.precision(); digit++) limit.unscaled *= 10;
    limit.unscaled -= 1;
    if (*table::Compare(value, limit) > 0) return limit;
    limit.unscaled = -limit.unscaled;
    if (*table::Compare(value, limit) < 0) return limit;
    return value;
}

Value WidenedDecimal(table::Decimal value, const table::Type& type, Bound bound) {
    if (type.precision() <= kExactDoubleDigits) return value;
    const __int128 magnitude = value.unscaled < 0 ? -value.unscaled : value.unscaled;
    const __int128 slack = (magnitude >> kDoubleMantissaBits) + 1;
    value.unscaled += bound == Bound::kMin ? -slack : slack;
    return WithinType(value, type);
}

// The digits of a float bound name a double beside it.
Value WidenedFloat(double value, Bound bound) {
    const double as_float = static_cast<double>(static_cast<float>(value));
    return bound == Bound::kMin ? std::min(value, as_float) : std::max(value, as_float);
}

Value ReadNumber(json::value& value, const LeafColumn& column, Bound bound) {
    const table::Type& type = column.type;
    switch (type.kind()) {
        case TypeKind::kByte:
        case TypeKind::kShort:
        case TypeKind::kInt:
        case TypeKind::kLong:
            if (!value.is_integer()) return Value{};
            return int64_t(value.get_int64());
        case TypeKind::kFloat:
            return static_cast<double>(static_cast<float>(double(value.get_double())));
        case TypeKind::kDouble: {
            const double number = value.get_double();
            return column.was_float ? WidenedFloat(number, bound) : Value(number);
        }
        case TypeKind::kDecimal: {
            const auto decimal = ParseDecimal(Trim(std::string_view(value.raw_json_token())));
            return decimal ? WidenedDecimal(*decimal, type, bound) : Value{};
        }
        default:
            return Value{};
    }
}

Value ReadText(json::value& value, const LeafColumn& column, Bound bound) {
    const table::Type& type = column.type;
    const std::string_view text = value.get_string();
    switch (type.kind()) {
        case TypeKind::kString:
            if (bound == Bound::kMax && text.ends_with(kTieBreaker)) return Value{};
            return std::string(text);
        case TypeKind::kDate: {
            const auto days = ParseDate(text);
            return days ? Value(table::Date{*days}) : Value{};
        }
        case TypeKind::kTimestamp:
        case TypeKind::kTimestampNtz: {
            const auto micros = ParseTimestamp(text);
            return micros ? WidenedTimestamp(*micros, bound) : Value{};
        }
        case TypeKind::kFloat:
        case TypeKind::kDouble: {
            const auto number = ParseFloating(type.kind(), text);
            if (!number || *number != *number) return Value{};
            return column.was_float ? WidenedFloat(*number, bound) : Value(*number);
        }
        case TypeKind::kDecimal: {
            const auto decimal = ParseDecimal(text);
            return decimal ? WidenedDecimal(*decimal, type, bound) : Value{};
        }
        default:
            return Value{};
    }
}

Value ReadBound(json::value& value, const LeafColumn& column, Bound bound) {
    switch (json::json_type(value.type())) {
        case json::json_type::number:
            return ReadNumber(value, column, bound);
        case json::json_type::string:
            return ReadText(value, column, bound);
        case json::json_type::boolean:
            if (column.type.kind() == TypeKind::kBoolean) return bool(value.get_bool());
            return Value{};
        default:
            return Value{};
    }
}

// Calls take(leaf index, value) for each wanted leaf below the object.
template <typename Take>
void WalkLeaves(json::object object, const Node& node, const Take& take) {
    const bool has_plain_children = node.HasPlainChildren();
    size_t left = node.children.size();
    for (auto&& item : object) {
        json::field field = std::move(item).take_value();
        const Node* const found = node.Find(field, has_plain_children);
        if (found == nullptr) continue;
        json::value value = field.value();
        if (found->leaf >= 0) {
            take(static_cast<size_t>(found->leaf), value);
        } else if (value.type() == json::json_type::object) {
            WalkLeaves(value.get_object(), *found, take);
        }
        if (--left == 0) return;  // a name stands once in an object
    }
}

// What stands between the quotes.
std::string_view EscapedKey(json::field& field) {
    const char* const raw = field.key().raw();
    size_t size = 0;
    while (raw[size] != '"') size += raw[size] == '\\' ? 2 : 1;
    return {raw, size};
}

}  // namespace

struct StatisticsReader::State {
    std::vector<LeafColumn> wanted;
    Node root;
    json::parser parser;
    std::string buffer;  // the text with the padding that simdjson wants
    table::FileStatistics known;

    void ReadInto(table::FileStatistics& statistics, std::string_view text);
};

StatisticsReader::StatisticsReader(const std::vector<LeafColumn>& wanted)
    : state_(std::make_unique<State>()) {
    state_->wanted = wanted;
    for (size_t i = 0; i < wanted.size(); ++i) {
        Node* node = &state_->root;
        for (const std::string& name : wanted[i].path) node = &node->Child(name);
        node->leaf = static_cast<int>(i);
        state_->known.columns.push_back({wanted[i].path, Value{}, Value{}, std::nullopt});
    }
}

StatisticsReader::~StatisticsReader() = default;

void StatisticsReader::State::ReadInto(table::FileStatistics& statistics, std::string_view text) {
    buffer.assign(text);
    buffer.append(simdjson::SIMDJSON_PADDING, '\0');
    json::document document =
        parser.iterate(simdjson::padded_string_view(buffer.data(), text.size(), buffer.size()));
    const auto read_bounds = [&](json::value& value, Bound bound) {
        WalkLeaves(value.get_object(), root, [&](size_t leaf, json::value& item) {
            Value& place =
                bound == Bound::kMin ? statistics.columns[leaf].min : statistics.columns[leaf].max;
            place = ReadBound(item, wanted[leaf], bound);
        });
    };
    for (auto&& item : document.get_object()) {
        json::field field = std::move(item).take_value();
        const std::string_view key = field.unescaped_key();
        json::value value = field.value();
        const json::json_type type = value.type();
        if (key == "numRecords" && type == json::json_type::number && value.is_integer()) {
            const int64_t count = value.get_int64();
            if (count >= 0) statistics.record_count = static_cast<uint64_t>(count);
        } else if (key == "tightBounds" && type == json::json_type::boolean) {
            statistics.tight_bounds = value.get_bool();
        } else if (wanted.empty() || type != json::json_type::object) {
            continue;
        } else if (key == "minValues") {
            read_bounds(value, Bound::kMin);
        } else if (key == "maxValues") {
            read_bounds(value, Bound::kMax);
        } else if (key == "nullCount") {
            WalkLeaves(value.get_object(), root, [&](size_t leaf, json::value& count) {
                if (count.type() != json::json_type::number || !count.is_integer()) return;
                const int64_t nulls = count.get_int64();
                if (nulls >= 0) statistics.columns[leaf].null_count = static_cast<uint64_t>(nulls);
            });
        }
    }
}

const table::FileStatistics& StatisticsReader::ReadAll(std::string_view json) {
    table::FileStatistics& known = state_->known;
    known.record_count.reset();
    known.tight_bounds = true;
    for (table::ColumnStatistics& column : known.columns) {
        column.min = column.max = Value{};
        column.null_count.reset();
    }
    if (json.empty()) return known;
    try {
        state_->ReadInto(known, json);
        return known;
    } catch (const simdjson::simdjson_error&) {
        return ReadAll({});  // a broken text tells nothing
    }
}

table::FileStatistics StatisticsReader::Read(std::string_view json) {
    table::FileStatistics statistics = ReadAll(json);
    std::erase_if(statistics.columns, [](const table::ColumnStatistics& column) {
        return IsNull(column.min) && IsNull(column.max) && !column.null_count;
    });
    return statistics;
}

std::optional<uint64_t> StatisticsReader::ReadCount(std::string_view json) {
    // Nearly every writer begins with it.
    if (json.starts_with(kCountFirst)) {
        uint64_t count = 0;
        const char* const first = json.data() + kCountFirst.size();
        const auto [end, error] = std::from_chars(first, json.data() + json.size(), count);
        const bool is_whole = error == std::errc() && end != json.data() + json.size() &&
                              (*end == ',' || *end == '}') && count <= INT64_MAX;
        if (is_whole) return count;
    }
    return ReadAll(json).record_count;
}

std::string WithLooseBounds(std::string_view text, uint64_t record_count) {
    std::string kept;
    try {
        json::parser parser;
        const simdjson::padded_string padded(text);
        json::document document = parser.iterate(padded);
        for (auto&& item : document.get_object()) {
            json::field field = std::move(item).take_value();
            const std::string_view key = EscapedKey(field);
            json::value value = field.value();
            const std::string_view member = simdjson::to_json_string(value);
            if (key == "numRecords" || key == "tightBounds") continue;
            kept.append(",\"").append(key).append("\":").append(member);
        }
    } catch (const simdjson::simdjson_error&) {
        kept.clear();
    }
    return "{\"numRecords\":" + std::to_string(record_count) + kept + ",\"tightBounds\":false}";
}

}  // namespace tarn::delta
