#include "table/type.h"

#include "base/check.h"
#include "base/error.h"
#include "base/text.h"

namespace tarn::table {
namespace {

const std::vector<Field>& NoChildren() {
    static const std::vector<Field> none;
    return none;
}

std::string_view NameOf(TypeKind kind) {
    switch (kind) {
        case TypeKind::kBoolean:
            return "boolean";
        case TypeKind::kByte:
            return "byte";
        case TypeKind::kShort:
            return "short";
        case TypeKind::kInt:
            return "int";
        case TypeKind::kLong:
            return "long";
        case TypeKind::kFloat:
            return "float";
        case TypeKind::kDouble:
            return "double";
        case TypeKind::kDecimal:
            return "decimal";
        case TypeKind::kString:
            return "string";
        case TypeKind::kBinary:
            return "binary";
        case TypeKind::kDate:
            return "date";
        case TypeKind::kTimestamp:
            return "timestamp";
        case TypeKind::kTimestampNtz:
            return "timestamp_ntz";
        case TypeKind::kVariant:
            return "variant";
        case TypeKind::kVoid:
            return "void";
        case TypeKind::kStruct:
            return "struct";
        case TypeKind::kArray:
            return "array";
        case TypeKind::kMap:
            return "map";
    }
    return "unknown";
}

Field Part(std::string name, Type type, bool nullable) {
    Field field;
    field.physical_name = name;
    field.name = std::move(name);
    field.type = std::move(type);
    field.nullable = nullable;
    return field;
}

}  // namespace

Type::Type(TypeKind primitive) : kind_(primitive) {
    Check(primitive < TypeKind::kStruct && primitive != TypeKind::kDecimal,
          "nested and decimal types are made by their own functions");
}

Type Type::Decimal(int precision, int scale) {
    if (precision < 1 || precision > 38 || scale < 0 || scale > precision) {
        throw Error(ErrorKind::kInvalidInput,
                    "decimal({},{}) is no type: precision is 1 to 38, scale 0 to precision",
                    precision, scale);
    }
    Type type;
    type.kind_ = TypeKind::kDecimal;
    type.precision_ = precision;
    type.scale_ = scale;
    return type;
}

Type Type::Struct(std::vector<Field> fields) {
    Type type;
    type.kind_ = TypeKind::kStruct;
    type.children_ = std::make_shared<const std::vector<Field>>(std::move(fields));
    return type;
}

Type Type::Array(Type element, bool element_nullable) {
    Type type;
    type.kind_ = TypeKind::kArray;
    type.children_ = std::make_shared<const std::vector<Field>>(
        std::vector<Field>{Part("element", std::move(element), element_nullable)});
    return type;
}

Type Type::Map(Type key, Type value, bool value_nullable) {
    Type type;
    type.kind_ = TypeKind::kMap;
    type.children_ = std::make_shared<const std::vector<Field>>(std::vector<Field>{
        Part("key", std::move(key), false), Part("value", std::move(value), value_nullable)});
    return type;
}

Type Type::Named(TypeKind primitive, std::string name) {
    Type type(primitive);
    type.name_ = std::move(name);
    return type;
}

const std::vector<Field>& Type::children() const { return children_ ? *children_ : NoChildren(); }

bool Type::IsNested() const { return kind_ >= TypeKind::kStruct; }

std::string Type::ToString() const {
    if (!name_.empty()) return name_;
    std::string text(NameOf(kind_));
    if (kind_ == TypeKind::kDecimal) return text + fmt::format("({},{})", precision_, scale_);
    if (!IsNested()) return text;
    std::vector<std::string> parts;
    for (const Field& child : children()) {
        const std::string type = child.type.ToString();
        parts.push_back(kind_ == TypeKind::kStruct ? child.name + ":" + type : type);
    }
    return text + "<" + Join(parts, ",") + ">";
}

bool Type::operator==(const Type& other) const {
    return kind_ == other.kind_ && precision_ == other.precision_ && scale_ == other.scale_ &&
           name_ == other.name_ && (children_ == other.children_ || children() == other.children());
}

int Schema::Find(std::string_view name) const {
    int folded = -1;
    int matches = 0;
    for (size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].name == name) return static_cast<int>(i);
        if (EqualsIgnoreCase(fields[i].name, name)) {
            folded = static_cast<int>(i);
            ++matches;
        }
    }
    return matches == 1 ? folded : -1;
}

}  // namespace tarn::table
