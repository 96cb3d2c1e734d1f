#include "engine/duck/text_limits.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/error.h"
#include "base/text.h"
#include "duckdb.hpp"
#include "engine/duck/spark_calls.h"
#include "engine/duck/types.h"
#include "table/schema_edit.h"

namespace tarn::engine::duck {
namespace {

using table::Type;
using table::TypeKind;

constexpr const char* kTypeKey = "__CHAR_VARCHAR_TYPE_STRING";
constexpr int kMostDepth = 100;

bool IsText(const Type& type) { return type.kind() == TypeKind::kString; }

// Nothing for a type without a length.
std::optional<uint64_t> LengthOf(const Type& type) {
    const std::string& name = type.name();
    if (!IsText(type) || name.empty()) return std::nullopt;
    const size_t open = name.find('(');
    return static_cast<uint64_t>(*ParseInt(name.substr(open + 1, name.size() - open - 2)));
}

// A type in Spark's spelling, beside the type of the table for the same.
class TypeTextReader {
public:
    explicit TypeTextReader(std::string_view text) : text_(text) {}

    // Nothing for what is no type.
    std::optional<Type> Read(const Type& type) {
        Type limited = ReadType(&type, 0);
        if (is_wrong_ || at_ != text_.size()) return std::nullopt;
        return limited;
    }

private:
    char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool Accept(char c) {
        if (Peek() != c) return false;
        at_++;
        return true;
    }
    void Expect(char c) {
        if (!Accept(c)) is_wrong_ = true;
    }
    std::string_view UpTo(std::string_view ends) {
        const size_t begin = at_;
        at_ = std::min(text_.find_first_of(ends, at_), text_.size());
        return text_.substr(begin, at_ - begin);
    }

    // Plain, or in backticks.
    std::string ReadName() {
        if (!Accept('`')) return std::string(UpTo(":"));
        std::string name;
        while (at_ < text_.size()) {
            const char c = text_[at_++];
            if (c == '`' && !Accept('`')) return name;
            name += c;
        }
        is_wrong_ = true;
        return name;
    }

    // `type`: null for a part that the table has no longer.
    Type ReadType(const Type* type, int depth) {
        Type read = type != nullptr ? *type : Type();
        if (depth > kMostDepth) is_wrong_ = true;
        const std::string word(UpTo("<>(),:"));
        if (word.empty()) is_wrong_ = true;
        if (is_wrong_) return read;
        if (Accept('<')) return ReadWithin(word, std::move(read), depth);
        if (!Accept('(')) return read;
        const std::string digits(UpTo(")"));
        Expect(')');
        const bool limits = word == "varchar" || word == "char";
        const auto length = limits ? ParseInt(digits) : std::optional<int64_t>(0);
        if (!length || *length < 0) is_wrong_ = true;
        if (limits && !is_wrong_ && IsText(read))
            return Type::Named(TypeKind::kString, word + "(" + std::to_string(*length) + ")");
        return read;
    }

    Type ReadWithin(const std::string& word, Type type, int depth) {
        const bool is_struct = word == "struct";
        const bool is_same = (is_struct && type.kind() == TypeKind::kStruct) ||
                             (word == "array" && type.kind() == TypeKind::kArray) ||
                             (word == "map" && type.kind() == TypeKind::kMap);
        std::vector<table::Field> children = is_same ? type.children() : decltype(children){};
        for (size_t place = 0; !is_wrong_; place++) {
            int child = static_cast<int>(place);
            if (is_struct) {
                child = table::FindField(children, ReadName());
                Expect(':');
            }
            const bool is_there = child >= 0 && static_cast<size_t>(child) < children.size();
            table::Field* const field = is_there ? &children[static_cast<size_t>(child)] : nullptr;
            Type read = ReadType(is_there ? &field->type : nullptr, depth + 1);
            if (is_there) field->type = std::move(read);
            if (!Accept(',')) break;
        }
        Expect('>');
        return is_same ? table::Around(type, std::move(children)) : type;
    }

    const std::string_view text_;
    size_t at_ = 0;
    bool is_wrong_ = false;
};

// As Spark's parser of types takes it.
std::string NameInType(const std::string& name) {
    const bool is_plain = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    });
    if (is_plain) return name;
    std::string quoted = "`";
    for (const char c : name) quoted += c == '`' ? "``" : std::string(1, c);
    return quoted + "`";
}

bool IsLonger(const duckdb::string_t& text, uint64_t length) {
    if (text.GetSize() <= length) return false;
    const char* const data = text.GetData();
    const auto begins_character = [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    };
    return static_cast<uint64_t>(std::count_if(data, data + text.GetSize(), begins_character)) >
           length;
}

bool HoldsTooLong(const duckdb::Value& value, const Type& type) {
    if (value.IsNull()) return false;
    if (const auto length = LengthOf(type))
        return IsLonger(duckdb::string_t(duckdb::StringValue::Get(value)), *length);
    const auto& fields = type.children();
    const auto holds = [&](const auto& values, bool has_one_type) {
        for (size_t i = 0; i < values.size(); i++) {
            if (HoldsTooLong(values[i], fields[has_one_type ? 0 : i].type)) return true;
        }
        return false;
    };
    switch (type.kind()) {
        case TypeKind::kStruct:
            return holds(duckdb::StructValue::GetChildren(value), false);
        case TypeKind::kArray:
            return holds(duckdb::ListValue::GetChildren(value), true);
        case TypeKind::kMap: {
            const auto& entries = duckdb::MapValue::GetChildren(value);
            return std::any_of(entries.begin(), entries.end(), [&](const duckdb::Value& entry) {
                return holds(duckdb::StructValue::GetChildren(entry), false);
            });
        }
        default:
            return false;
    }
}

}  // namespace

bool HasLimits(const Type& type) {
    const auto& children = type.children();
    return LengthOf(type).has_value() ||
           std::any_of(children.begin(), children.end(),
                       [](const table::Field& child) { return HasLimits(child.type); });
}

Type UnlimitedType(const Type& type) {
    if (IsText(type)) return Type(TypeKind::kString);
    if (!type.IsNested()) return type;
    std::vector<table::Field> children = type.children();
    for (table::Field& child : children) child.type = UnlimitedType(child.type);
    return table::Around(type, std::move(children));
}

std::string SparkTypeText(const Type& type) {
    const auto& children = type.children();
    if (!type.IsNested()) return LengthOf(type) ? type.name() : SparkTypeName(ToLogicalType(type));
    std::vector<std::string> parts;
    const bool is_struct = type.kind() == TypeKind::kStruct;
    for (const table::Field& child : children)
        parts.push_back((is_struct ? NameInType(child.name) + ":" : "") +
                        SparkTypeText(child.type));
    const char* const kind =
        is_struct ? "struct" : (type.kind() == TypeKind::kArray ? "array" : "map");
    return std::string(kind) + "<" + Join(parts, ",") + ">";
}

Type LimitedType(const table::Field& column) {
    for (const auto& [key, value] : column.metadata) {
        if (key != kTypeKey) continue;
        const auto text = nlohmann::json::parse(value, nullptr, false);
        const auto read = text.is_string()
                              ? TypeTextReader(text.get_ref<const std::string&>()).Read(column.type)
                              : std::nullopt;
        if (read) return *read;
        throw Error(ErrorKind::kUnsupported,
                    "the column {} says by its metadata {} that its texts are limited, and {} "
                    "cannot be read: correct it with the writer that put it there",
                    column.name, kTypeKey, value);
    }
    return column.type;
}

void KeepLimits(table::Field& column) {
    std::erase_if(column.metadata, [](const auto& entry) { return entry.first == kTypeKey; });
    if (!HasLimits(column.type)) return;
    column.metadata.emplace_back(kTypeKey, nlohmann::json(SparkTypeText(column.type)).dump());
    column.type = UnlimitedType(column.type);
}

void SetLimits(const std::vector<sql::TextLimit>& limits, table::Field& column) {
    std::vector<table::Field> fields = {column};
    fields.front().type = UnlimitedType(column.type);
    for (const sql::TextLimit& limit : limits) {
        std::vector<std::string> path = {column.name};
        path.insert(path.end(), limit.path.begin(), limit.path.end());
        table::EditField(fields, path, [&](table::Field& text) {
            Check(IsText(text.type), "a length is one of a text");
            text.type = Type::Named(
                TypeKind::kString,
                fmt::format("{}({})", limit.is_char ? "char" : "varchar", limit.length));
        });
    }
    column.type = std::move(fields.front().type);
}

RowNumbers TooLong(duckdb::Vector& column, duckdb::idx_t count, const Type& type) {
    RowNumbers broken;
    const auto length = LengthOf(type);
    if (!length) {
        for (duckdb::idx_t row = 0; row < count; row++) {
            if (HoldsTooLong(column.GetValue(row), type)) broken.push_back(row);
        }
        return broken;
    }
    duckdb::UnifiedVectorFormat format;
    column.ToUnifiedFormat(count, format);
    const auto* texts = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(format);
    for (duckdb::idx_t row = 0; row < count; row++) {
        const auto at = format.sel->get_index(row);
        if (format.validity.RowIsValid(at) && IsLonger(texts[at], *length)) broken.push_back(row);
    }
    return broken;
}

}  // namespace tarn::engine::duck
