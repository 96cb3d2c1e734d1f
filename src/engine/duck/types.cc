#include "engine/duck/types.h"

#include <map>

#include <fmt/format.h>

#include "base/error.h"
#include "base/text.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using table::Type;
using table::TypeKind;

constexpr int kMaxDecimalPrecision = 38;
constexpr int kUnsignedLongDigits = 20;

[[noreturn]] void Refuse(const LogicalType& type, std::string_view column,
                         std::string_view instead) {
    throw Error(ErrorKind::kInvalidInput, "column {}: tables hold no {}; use {}", column,
                type.ToString(), instead);
}

class ToTable {
public:
    ToTable(std::string_view column, std::vector<std::string>& notices)
        : column_(column), notices_(notices) {}

    Type Convert(const LogicalType& type) {
        switch (type.id()) {
            case LogicalTypeId::BOOLEAN:
                return Type(TypeKind::kBoolean);
            case LogicalTypeId::TINYINT:
                return Type(TypeKind::kByte);
            case LogicalTypeId::SMALLINT:
                return Type(TypeKind::kShort);
            case LogicalTypeId::INTEGER:
                return Type(TypeKind::kInt);
            case LogicalTypeId::BIGINT:
                return Type(TypeKind::kLong);
            case LogicalTypeId::FLOAT:
                return Type(TypeKind::kFloat);
            case LogicalTypeId::DOUBLE:
                return Type(TypeKind::kDouble);
            case LogicalTypeId::DECIMAL:
                return Type::Decimal(duckdb::DecimalType::GetWidth(type),
                                     duckdb::DecimalType::GetScale(type));
            case LogicalTypeId::BLOB:
                return Type(TypeKind::kBinary);
            case LogicalTypeId::DATE:
                return Type(TypeKind::kDate);
            case LogicalTypeId::VARIANT:
                return Type(TypeKind::kVariant);
            case LogicalTypeId::TIMESTAMP:
                return Type(TypeKind::kTimestampNtz);
            case LogicalTypeId::TIMESTAMP_TZ:
                return Type(TypeKind::kTimestamp);
            case LogicalTypeId::VARCHAR:
                if (type.IsJSONType()) return Told(type, Type(TypeKind::kString));
                return Type(TypeKind::kString);
            case LogicalTypeId::UTINYINT:
                return Told(type, Type(TypeKind::kShort));
            case LogicalTypeId::USMALLINT:
                return Told(type, Type(TypeKind::kInt));
            case LogicalTypeId::UINTEGER:
                return Told(type, Type(TypeKind::kLong));
            case LogicalTypeId::UBIGINT:
                return Told(type, Type::Decimal(kUnsignedLongDigits, 0));
            case LogicalTypeId::HUGEINT:
            case LogicalTypeId::UHUGEINT:
                return Told(type, Type::Decimal(kMaxDecimalPrecision, 0));
            case LogicalTypeId::ENUM:
            case LogicalTypeId::UUID:
                return Told(type, Type(TypeKind::kString));
            case LogicalTypeId::TIMESTAMP_SEC:
            case LogicalTypeId::TIMESTAMP_MS:
                return Told(type, Type(TypeKind::kTimestampNtz));
            default:
                return ConvertNested(type);
        }
    }

private:
    Type ConvertNested(const LogicalType& type) {
        switch (type.id()) {
            case LogicalTypeId::STRUCT: {
                std::vector<table::Field> fields;
                for (const auto& [name, child] : duckdb::StructType::GetChildTypes(type)) {
                    table::Field field;
                    field.name = name;
                    field.physical_name = name;
                    field.type = Convert(child);
                    fields.push_back(std::move(field));
                }
                return Type::Struct(std::move(fields));
            }
            case LogicalTypeId::LIST:
                return Type::Array(Convert(duckdb::ListType::GetChildType(type)), true);
            case LogicalTypeId::ARRAY:
                return Told(type,
                            Type::Array(Convert(duckdb::ArrayType::GetChildType(type)), true));
            case LogicalTypeId::MAP:
                return Type::Map(Convert(duckdb::MapType::KeyType(type)),
                                 Convert(duckdb::MapType::ValueType(type)), true);
            case LogicalTypeId::SQLNULL:
                Refuse(type, column_, "a typed NULL such as CAST(NULL AS INTEGER)");
            case LogicalTypeId::TIMESTAMP_NS:
                Refuse(type, column_, "CAST(x AS TIMESTAMP), which keeps microseconds");
            case LogicalTypeId::TIME:
            case LogicalTypeId::TIME_NS:
            case LogicalTypeId::TIME_TZ:
                Refuse(type, column_, "CAST(x AS VARCHAR), or a TIMESTAMP");
            case LogicalTypeId::INTERVAL:
                Refuse(type, column_, "epoch(x) as seconds, or CAST(x AS VARCHAR)");
            case LogicalTypeId::BIT:
                Refuse(type, column_, "CAST(x AS VARCHAR)");
            case LogicalTypeId::UNION:
                Refuse(type, column_, "a STRUCT with a field for each member");
            default:
                Refuse(type, column_, "CAST(x AS VARCHAR)");
        }
    }

    Type Told(const LogicalType& from, Type to) {
        notices_.push_back(
            fmt::format("column {}: {} is stored as {}", column_, from.ToString(), to.ToString()));
        return to;
    }

    std::string_view column_;
    std::vector<std::string>& notices_;
};

}  // namespace

void CheckDistinct(const std::vector<table::Field>& fields) {
    std::map<std::string, const std::string*> seen;
    for (const table::Field& field : fields) {
        const auto [first, is_new] = seen.emplace(AsciiLower(field.name), &field.name);
        if (is_new) continue;
        throw Error(ErrorKind::kUnsupported,
                    "the table has the columns '{}' and '{}', which differ only in case: DuckDB "
                    "cannot tell them apart",
                    *first->second, field.name);
    }
}

LogicalType ToLogicalType(const Type& type) {
    switch (type.kind()) {
        case TypeKind::kBoolean:
            return LogicalType::BOOLEAN;
        case TypeKind::kByte:
            return LogicalType::TINYINT;
        case TypeKind::kShort:
            return LogicalType::SMALLINT;
        case TypeKind::kInt:
            return LogicalType::INTEGER;
        case TypeKind::kLong:
            return LogicalType::BIGINT;
        case TypeKind::kFloat:
            return LogicalType::FLOAT;
        case TypeKind::kDouble:
            return LogicalType::DOUBLE;
        case TypeKind::kDecimal:
            return LogicalType::DECIMAL(static_cast<uint8_t>(type.precision()),
                                        static_cast<uint8_t>(type.scale()));
        case TypeKind::kString:
            return LogicalType::VARCHAR;
        case TypeKind::kBinary:
            return LogicalType::BLOB;
        case TypeKind::kDate:
            return LogicalType::DATE;
        case TypeKind::kTimestamp:
            return LogicalType::TIMESTAMP_TZ;
        case TypeKind::kTimestampNtz:
            return LogicalType::TIMESTAMP;
        case TypeKind::kVariant:
            return LogicalType::VARIANT();
        case TypeKind::kVoid:
            return LogicalType::SQLNULL;
        case TypeKind::kStruct: {
            CheckDistinct(type.children());
            duckdb::child_list_t<LogicalType> children;
            for (const table::Field& field : type.children()) {
                children.emplace_back(field.name, ToLogicalType(field.type));
            }
            return LogicalType::STRUCT(std::move(children));
        }
        case TypeKind::kArray:
            return LogicalType::LIST(ToLogicalType(type.children()[0].type));
        case TypeKind::kMap:
            return LogicalType::MAP(ToLogicalType(type.children()[0].type),
                                    ToLogicalType(type.children()[1].type));
    }
    throw Error(ErrorKind::kUnsupported, "columns of type {} cannot be read yet", type.ToString());
}

Type ToTableType(const LogicalType& type, std::string_view column,
                 std::vector<std::string>& notices) {
    return ToTable(column, notices).Convert(type);
}

}  // namespace tarn::engine::duck
