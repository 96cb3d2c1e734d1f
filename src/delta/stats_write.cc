#include <algorithm>
#include <cmath>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "delta/schema_change.h"
#include "delta/statistics_columns.h"
#include "delta/stats_json.h"
#include "delta/time_text.h"
#include "delta/value_text.h"

namespace tarn::delta {
namespace {

using table::Field;
using table::Type;
using table::TypeKind;
using table::Value;

constexpr int64_t kDefaultIndexedColumns = 32;
constexpr size_t kMaxCharacters = 32;
constexpr int64_t kMicrosPerMilli = 1000;
constexpr std::string_view kGreatestCodePoint = "\xF4\x8F\xBF\xBF";  // U+10FFFF
constexpr std::string_view kGreatestAscii = "\x7F";

void CollectLeaves(const Field& field, std::vector<std::string>& path,
                   std::vector<LeafColumn>& leaves) {
    path.push_back(field.physical_name.empty() ? field.name : field.physical_name);
    if (field.type.kind() == TypeKind::kStruct) {
        for (const Field& child : field.type.children()) CollectLeaves(child, path, leaves);
    } else {
        leaves.push_back({path, field.type, WasFloat(field)});
    }
    path.pop_back();
}

std::string JsonText(std::string_view text) {
    return nlohmann::json(std::string(text))
        .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// The byte offset after so many code points; the size when there are fewer.
size_t AfterCodePoints(std::string_view text, size_t count) {
    size_t at = 0;
    for (; at < text.size(); ++at) {
        const bool starts = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
        if (starts && count-- == 0) return at;
    }
    return at;
}

int64_t CeilToMillis(int64_t micros) {
    const int64_t rest = ((micros % kMicrosPerMilli) + kMicrosPerMilli) % kMicrosPerMilli;
    return rest == 0 ? micros : micros + kMicrosPerMilli - rest;
}

std::optional<std::string> TimestampToken(const Type& type, int64_t micros, bool is_max) {
    const int64_t bound = is_max ? CeilToMillis(micros) : micros;
    if (!HasFourDigitYear(bound)) return std::nullopt;
    const char* zone = type.kind() == TypeKind::kTimestamp ? "Z" : "";
    return "\"" + FormatTimestamp(bound, 'T', 3) + zone + "\"";
}

// The bound as JSON, or nothing for what is not written (Spark has no bounds of booleans and
// bytes).
std::optional<std::string> BoundToken(const Type& type, const Value& value, bool is_max) {
    switch (type.kind()) {
        case TypeKind::kByte:
        case TypeKind::kShort:
        case TypeKind::kInt:
        case TypeKind::kLong:
            if (const auto* number = std::get_if<int64_t>(&value)) return std::to_string(*number);
            return std::nullopt;
        case TypeKind::kFloat:
        case TypeKind::kDouble:
            if (const auto* number = std::get_if<double>(&value)) {
                if (std::isfinite(*number)) return FormatFloating(type.kind(), *number);
            }
            return std::nullopt;
        case TypeKind::kDecimal:
            if (const auto* number = std::get_if<table::Decimal>(&value))
                return FormatDecimal(*number);
            return std::nullopt;
        case TypeKind::kString:
            if (const auto* text = std::get_if<std::string>(&value)) {
                // Replacing broken UTF-8 could move a bound to the wrong side.
                if (FirstInvalidUtf8(*text)) return std::nullopt;
                if (!is_max) return JsonText(CutLowerBound(*text));
                const auto cut = CutUpperBound(*text);
                return cut ? std::optional<std::string>(JsonText(*cut)) : std::nullopt;
            }
            return std::nullopt;
        case TypeKind::kDate:
            if (const auto* date = std::get_if<table::Date>(&value)) {
                return "\"" + FormatDate(date->days) + "\"";
            }
            return std::nullopt;
        case TypeKind::kTimestamp:
        case TypeKind::kTimestampNtz:
            if (const auto* time = std::get_if<table::Timestamp>(&value)) {
                return TimestampToken(type, time->micros, is_max);
            }
            return std::nullopt;
        default:
            return std::nullopt;
    }
}

// A JSON object under construction, in the order of first mention.
struct Tree {
    std::string key;    // in the object around it
    std::string token;  // of a leaf
    std::vector<Tree> children;

    void Set(const std::vector<std::string>& path, std::string leaf) {
        Tree* at = this;
        for (const std::string& name : path) at = &at->Child(name);
        at->token = std::move(leaf);
    }
    Tree& Child(const std::string& name) {
        for (Tree& child : children) {
            if (child.key == name) return child;
        }
        children.push_back({.key = name, .token = "", .children = {}});
        return children.back();
    }
    std::string Text() const {
        if (!token.empty()) return token;
        std::vector<std::string> parts;
        for (const Tree& child : children)
            parts.push_back(JsonText(child.key) + ":" + child.Text());
        return "{" + Join(parts, ",") + "}";
    }
};

bool IsWithin(const std::vector<std::string>& path, const std::vector<std::string>& outer) {
    return outer.size() <= path.size() && std::equal(outer.begin(), outer.end(), path.begin());
}

}  // namespace

std::vector<LeafColumn> LeafColumns(const table::Schema& schema,
                                    const std::vector<std::string>& partition_columns,
                                    size_t limit) {
    std::vector<LeafColumn> leaves;
    for (const Field& field : schema.fields) {
        bool is_partition = false;
        for (const std::string& name : partition_columns) {
            is_partition = is_partition || EqualsIgnoreCase(name, field.name);
        }
        if (is_partition) continue;
        std::vector<std::string> path;
        CollectLeaves(field, path, leaves);
        if (leaves.size() >= limit) break;
    }
    if (leaves.size() > limit) leaves.resize(limit);
    return leaves;
}

std::vector<LeafColumn> IndexedColumns(const table::Schema& schema, const Metadata& metadata) {
    const auto property = [&](const char* key) -> std::optional<std::string> {
        const auto found = metadata.configuration.find(key);
        if (found == metadata.configuration.end()) return std::nullopt;
        return found->second;
    };
    if (const auto list = property(kStatisticsColumns)) {
        const auto wanted = StatisticsPaths(schema, *list);
        std::vector<LeafColumn> leaves = LeafColumns(schema, metadata.partition_columns, SIZE_MAX);
        std::erase_if(leaves, [&](const LeafColumn& leaf) {
            return std::none_of(wanted.begin(), wanted.end(),
                                [&](const auto& path) { return IsWithin(leaf.path, path); });
        });
        return leaves;
    }
    int64_t limit = kDefaultIndexedColumns;
    if (const auto text = property("delta.dataSkippingNumIndexedCols")) {
        limit = ParseInt(*text).value_or(kDefaultIndexedColumns);
    }
    return LeafColumns(schema, metadata.partition_columns,
                       limit < 0 ? SIZE_MAX : static_cast<size_t>(limit));
}

std::string CutLowerBound(std::string_view text) {
    return std::string(text.substr(0, AfterCodePoints(text, kMaxCharacters)));
}

std::optional<std::string> CutUpperBound(std::string_view text) {
    size_t cut = AfterCodePoints(text, kMaxCharacters);
    while (cut < text.size()) {
        // What is cut off begins below the character that stands for it.
        if (static_cast<unsigned char>(text[cut]) < 0x7F) {
            return std::string(text.substr(0, cut)).append(kGreatestAscii);
        }
        if (!text.substr(cut).starts_with(kGreatestCodePoint)) {
            return std::string(text.substr(0, cut)).append(kGreatestCodePoint);
        }
        cut += kGreatestCodePoint.size();
        if (cut > kMaxCharacters * 8) return std::nullopt;
    }
    return std::string(text);
}

std::string SerializeStatistics(const table::FileStatistics& statistics,
                                const std::vector<LeafColumn>& indexed) {
    if (!statistics.record_count) return {};
    Tree min_values;
    Tree max_values;
    Tree null_counts;
    for (const LeafColumn& leaf : indexed) {
        for (const table::ColumnStatistics& column : statistics.columns) {
            if (column.path != leaf.path) continue;
            if (const auto token = BoundToken(leaf.type, column.min, false)) {
                min_values.Set(leaf.path, *token);
            }
            if (const auto token = BoundToken(leaf.type, column.max, true)) {
                max_values.Set(leaf.path, *token);
            }
            if (column.null_count) null_counts.Set(leaf.path, std::to_string(*column.null_count));
        }
    }
    std::string text = fmt::format("{{\"numRecords\":{}", *statistics.record_count);
    text += ",\"minValues\":" + min_values.Text() + ",\"maxValues\":" + max_values.Text();
    text += ",\"nullCount\":" + null_counts.Text();
    if (!statistics.tight_bounds) text += ",\"tightBounds\":false";
    return text + "}";
}

}  // namespace tarn::delta
