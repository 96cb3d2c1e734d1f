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
constexpr const char* kGenerated = "delta.generationExpression";
constexpr const char* kDefault = "CURRENT_DEFAULT";
constexpr const char* kInvariants = "delta.invariants";
constexpr std::string_view kIdentityPrefix = "delta.identity.";

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
            if (ReadMapping(field, key, value) || ReadRule(field, key, value)) continue;
            field.metadata.emplace_back(key, value.dump());
        }
        return field;
    }

    // Is the key one of the mapping, which is in force.
    bool ReadMapping(Field& field, const std::string& key, const Json& value) const {
        if (mapping_ == ColumnMapping::kNone) return false;
        if (key == kMappingName && value.is_string()) {
            field.physical_name = value.get<std::string>();
        } else if (key == kMappingId && value.is_number_integer()) {
            field.field_id = value.get<int32_t>();
        } else {
            return false;
        }
        return true;
    }

    static bool ReadRule(Field& field, const std::string& key, const Json& value) {
        if (key == kGenerated && value.is_string()) {
            field.rules.generated_as = value.get<std::string>();
        } else if (key == kDefault && value.is_string()) {
            field.rules.default_value = value.get<std::string>();
        } else if (key == kInvariants && value.is_string()) {
            field.rules.invariant = InvariantIn(value.get_ref<const std::string&>());
        } else if (key.starts_with(kIdentityPrefix)) {
            ReadIdentity(field, key.substr(kIdentityPrefix.size()), value);
        } else {
            return false;
        }
        return true;
    }

    // {"expression":{"expression":"x > 3"}}
    static std::string InvariantIn(const std::string& text) {
        const Json json = Json::parse(text, nullptr, false);
        const Json::json_pointer place("/expression/expression");
        if (json.is_object() && json.contains(place) && json.at(place).is_string())
            return json.at(place).get<std::string>();
        throw Error(ErrorKind::kUnsupported,
                    "a column of the table has the invariant {}, which Tarn does not know", text);
    }

    static void ReadIdentity(Field& field, std::string_view what, const Json& value) {
        if (!field.rules.identity) field.rules.identity.emplace();
        table::IdentitySequence& identity = *field.rules.identity;
        if (what == "allowExplicitInsert" && value.is_boolean()) {
            identity.allows_explicit = value.get<bool>();
        } else if (what == "start" && value.is_number_integer()) {
            identity.start = value.get<int64_t>();
        } else if (what == "step" && value.is_number_integer()) {
            identity.step = value.get<int64_t>();
        } else if (what == "highWaterMark" && value.is_number_integer()) {
            identity.high_water_mark = value.get<int64_t>();
        } else {
            Malformed(
                fmt::format("the column '{}' has an odd {}{}", field.name, kIdentityPrefix, what));
        }
    }

    ColumnMapping mapping_;
};

Json TypeJson(const Type& type);

Json MetadataJson(const Field& field) {
    Json json = Json::object();
    for (const auto& [key, value] : field.metadata) {
        Json parsed = Json::parse(value, nullptr, false);
        json[key] = parsed.is_discarded() ? Json(value) : std::move(parsed);
    }
    if (field.field_id > 0) {
        json[kMappingId] = field.field_id;
        json[kMappingName] = field.physical_name;
    }
    const table::ColumnRules& rules = field.rules;
    if (rules.generated_as) json[kGenerated] = *rules.generated_as;
    if (rules.default_value) json[kDefault] = *rules.default_value;
    if (rules.invariant) {
        const Json invariant = {{"expression", {{"expression", *rules.invariant}}}};
        json[kInvariants] = invariant.dump();
    }
    if (rules.identity) {
        const std::string prefix(kIdentityPrefix);
        json[prefix + "start"] = rules.identity->start;
        json[prefix + "step"] = rules.identity->step;
        if (rules.identity->high_water_mark)
            json[prefix + "highWaterMark"] = *rules.identity->high_water_mark;
        json[prefix + "allowExplicitInsert"] = rules.identity->allows_explicit;
    }
    return json;
}

Json FieldsJson(const std::vector<Field>& fields) {
    Json list = Json::array();
    for (const Field& field : fields) {
        Json item = Json::object();
        item["name"] = field.name;
        item["type"] = TypeJson(field.type);
        item["nullable"] = field.nullable;
        item["metadata"] = MetadataJson(field);
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
    throw Error(ErrorKind::kUnsupported,
                "the column mapping mode '{}' is unknown: it is none, name or id", found->second);
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
