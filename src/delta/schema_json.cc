#include "delta/schema_json.h"

#include <cstdio>
#include <optional>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace tarn::delta {
namespace {

using Json = nlohmann::ordered_json;
using table::Field;
using table::Type;
using table::TypeKind;

constexpr int kMaxDepth = 100;
constexpr const char* kMappingId = "delta.columnMapping.id";
constexpr const char* kMappingName = "delta.columnMapping.physicalName";

struct PrimitiveName {
    std::string_view name;
    TypeKind kind;
};
constexpr PrimitiveName kPrimitives[] = {
    {"string", TypeKind::kString},       {"long", TypeKind::kLong},
    {"integer", TypeKind::kInt},         {"short", TypeKind::kShort},
    {"byte", TypeKind::kByte},           {"float", TypeKind::kFloat},
    {"double", TypeKind::kDouble},       {"boolean", TypeKind::kBoolean},
    {"binary", TypeKind::kBinary},       {"date", TypeKind::kDate},
    {"timestamp", TypeKind::kTimestamp}, {"timestamp_ntz", TypeKind::kTimestampNtz},
    {"variant", TypeKind::kVariant},     {"void", TypeKind::kVoid},
};

[[noreturn]] void Malformed(std::string_view why) {
    throw Error(ErrorKind::kCorrupt, "the table's schema is malformed: {}", why);
}

// Brackets open at once, strings aside: what parses without recursion is still written with it.
bool IsNestedDeeperThan(std::string_view json, int limit) {
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > limit) return true;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return false;
}

// "geometry(OGC:CRS84)", "geography(OGC:CRS84, spherical)": WKB in data files (Delta's RFC on
// geospatial types).
bool IsGeospatial(std::string_view name) {
    for (const std::string_view kind : {"geometry", "geography"}) {
        if (!name.starts_with(kind)) continue;
        const std::string_view rest = name.substr(kind.size());
        if (rest.empty() || (rest.front() == '(' && rest.back() == ')')) return true;
    }
    return false;
}

Type ParsePrimitive(const std::string& name) {
    for (const PrimitiveName& primitive : kPrimitives) {
        if (primitive.name == name) return Type(primitive.kind);
    }
    if (name == "decimal") return Type::Decimal(10, 0);
    if (name == "null") return Type(TypeKind::kVoid);
    if (IsGeospatial(name)) return Type::Named(TypeKind::kBinary, name);
    int precision = 0;
    int scale = 0;
    int end = 0;
    if (std::sscanf(name.c_str(), "decimal(%d,%d)%n", &precision, &scale, &end) == 2 &&
        end == static_cast<int>(name.size())) {
        if (precision < 1 || precision > 38 || scale < 0 || scale > precision) {
            Malformed("there is no type " + name);
        }
        return Type::Decimal(precision, scale);
    }
    throw Error(ErrorKind::kUnsupported,
                "the table has a column of type '{}', which Tarn does not know", name);
}

class Parser {
public:
    explicit Parser(ColumnMapping mapping) : mapping_(mapping) {}

    std::vector<Field> Fields(const Json& json, int depth) const {
        std::vector<Field> fields;
        for (const Json& item : Member(json, "fields", Json::value_t::array)) {
            fields.push_back(ParseField(item, depth));
        }
        return fields;
    }

private:
    static const Json& Member(const Json& json, const char* key, Json::value_t type) {
        if (!json.is_object()) Malformed("an object is missing");
        const auto found = json.find(key);
        if (found == json.end() || found->type() != type) {
            Malformed(fmt::format("'{}' is missing or of another type", key));
        }
        return *found;
    }

    static bool Flag(const Json& json, const char* key) {
        const auto found = json.find(key);
        return found == json.end() || !found->is_boolean() || found->get<bool>();
    }

    static const Json& TypeMember(const Json& json, const char* key) {
        const auto found = json.find(key);
        if (found == json.end()) Malformed(fmt::format("'{}' is missing", key));
        return *found;
    }

    Type ParseType(const Json& json, int depth) const {
        if (depth > kMaxDepth) Malformed("it is nested too deeply");
        if (json.is_string()) return ParsePrimitive(json.get_ref<const std::string&>());
        const std::string& kind =
            Member(json, "type", Json::value_t::string).get_ref<const std::string&>();
        if (kind == "struct") return Type::Struct(Fields(json, depth + 1));
        if (kind == "array") {
            return Type::Array(ParseType(TypeMember(json, "elementType"), depth + 1),
                               Flag(json, "containsNull"));
        }
        if (kind == "map") {
            return Type::Map(ParseType(TypeMember(json, "keyType"), depth + 1),
                             ParseType(TypeMember(json, "valueType"), depth + 1),
                             Flag(json, "valueContainsNull"));
        }
        throw Error(ErrorKind::kUnsupported,
                    "the table has a column of type '{}', which Tarn does not know", kind);
    }

    Field ParseField(const Json& json, int depth) const {
        Field field;
        field.name = Member(json, "name", Json::value_t::string).get<std::string>();
        field.type = ParseType(TypeMember(json, "type"), depth);
        field.nullable = Flag(json, "nullable");
        field.physical_name = field.name;
        const auto metadata = json.find("metadata");
        if (metadata == json.end() || metadata->is_null()) return field;
        if (!metadata->is_object()) Malformed("a column's metadata is no object");
        for (const auto& [key, value] : metadata->items()) {
            field.metadata.emplace_back(key, value.dump());
            if (mapping_ == ColumnMapping::kNone) continue;
            if (key == kMappingName && value.is_string())
                field.physical_name = value.get<std::string>();
            if (key == kMappingId && value.is_number_integer())
                field.field_id = value.get<int32_t>();
        }
        return field;
    }

    ColumnMapping mapping_;
};

Json TypeJson(const Type& type);

Json FieldsJson(const std::vector<Field>& fields) {
    Json list = Json::array();
    for (const Field& field : fields) {
        Json item = Json::object();
        item["name"] = field.name;
        item["type"] = TypeJson(field.type);
        item["nullable"] = field.nullable;
        item["metadata"] = Json::object();
        for (const auto& [key, value] : field.metadata) {
            Json parsed = Json::parse(value, nullptr, false);
            item["metadata"][key] = parsed.is_discarded() ? Json(value) : std::move(parsed);
        }
        list.push_back(std::move(item));
    }
    return list;
}

Json TypeJson(const Type& type) {
    Json json = Json::object();
    switch (type.kind()) {
        case TypeKind::kStruct:
            json["type"] = "struct";
            json["fields"] = FieldsJson(type.children());
            return json;
        case TypeKind::kArray:
            json["type"] = "array";
            json["elementType"] = TypeJson(type.children()[0].type);
            json["containsNull"] = type.children()[0].nullable;
            return json;
        case TypeKind::kMap:
            json["type"] = "map";
            json["keyType"] = TypeJson(type.children()[0].type);
            json["valueType"] = TypeJson(type.children()[1].type);
            json["valueContainsNull"] = type.children()[1].nullable;
            return json;
        case TypeKind::kDecimal:
            return fmt::format("decimal({},{})", type.precision(), type.scale());
        default:
            if (!type.name().empty()) return type.name();
            for (const PrimitiveName& primitive : kPrimitives) {
                if (primitive.kind == type.kind()) return std::string(primitive.name);
            }
    }
    throw Error(ErrorKind::kInternal, "type {} has no name in Delta", type.ToString());
}

}  // namespace

ColumnMapping ColumnMappingOf(const std::map<std::string, std::string>& configuration) {
    const auto found = configuration.find("delta.columnMapping.mode");
    if (found == configuration.end() || found->second == "none") return ColumnMapping::kNone;
    if (found->second == "name") return ColumnMapping::kName;
    if (found->second == "id") return ColumnMapping::kId;
    throw Error(ErrorKind::kUnsupported, "the column mapping mode '{}' is unknown", found->second);
}

table::Schema ParseSchema(std::string_view json, ColumnMapping mapping) {
    if (IsNestedDeeperThan(json, 5 * kMaxDepth)) Malformed("it is nested too deeply");
    const Json parsed = Json::parse(json, nullptr, false);
    if (parsed.is_discarded()) Malformed("it is no JSON");
    if (!parsed.is_object() || parsed.value("type", Json()) != "struct")
        Malformed("it is no struct");
    return {Parser(mapping).Fields(parsed, 0), mapping == ColumnMapping::kId};
}

std::string SerializeSchema(const table::Schema& schema) {
    Json json = Json::object();
    json["type"] = "struct";
    json["fields"] = FieldsJson(schema.fields);
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace tarn::delta
