#include "engine/duck/leaf_type.h"

#include "engine/duck/types.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using Node = duckdb::ParquetColumnSchema;
using table::TypeKind;

bool IsSmallInteger(const LogicalType& type) {
    switch (type.id()) {
        case LogicalTypeId::TINYINT:
        case LogicalTypeId::SMALLINT:
        case LogicalTypeId::INTEGER:
        case LogicalTypeId::UTINYINT:
        case LogicalTypeId::USMALLINT:
        case LogicalTypeId::UINTEGER:
            return true;
        default:
            return false;
    }
}

bool IsInteger(const LogicalType& type) {
    return IsSmallInteger(type) || type.id() == LogicalTypeId::BIGINT ||
           type.id() == LogicalTypeId::UBIGINT;
}

bool IsInstant(const LogicalType& type) {
    return type.id() == LogicalTypeId::TIMESTAMP || type.id() == LogicalTypeId::TIMESTAMP_TZ ||
           type.id() == LogicalTypeId::TIMESTAMP_NS;
}

// Would DuckDB's cast keep every value, or fail on one that does not fit (PROTOCOL.md, "Type
// Widening", and unsigned or wider integers of other writers).
bool CastKeepsValues(const Node& node, const table::Type& wanted) {
    const LogicalType& type = node.type;
    switch (wanted.kind()) {
        case TypeKind::kByte:
        case TypeKind::kShort:
        case TypeKind::kInt:
        case TypeKind::kLong:
            return IsInteger(type);
        case TypeKind::kDouble:
            return type.id() == LogicalTypeId::FLOAT || IsSmallInteger(type);
        case TypeKind::kDecimal:
            if (type.id() != LogicalTypeId::DECIMAL) return IsInteger(type);
            return duckdb::DecimalType::GetScale(type) <= wanted.scale();
        case TypeKind::kString:
            return type.id() == LogicalTypeId::UUID;
        case TypeKind::kTimestampNtz:
            return type.id() == LogicalTypeId::DATE;
        default:
            return false;
    }
}

// Is a leaf's physical form one that the reader decodes as the type just as well.
bool ReadsAs(const Node& node, TypeKind wanted) {
    switch (node.type.id()) {
        case LogicalTypeId::BLOB:
        case LogicalTypeId::VARCHAR:
            return wanted == TypeKind::kString || wanted == TypeKind::kBinary;
        case LogicalTypeId::UUID:
            return wanted == TypeKind::kBinary;
        case LogicalTypeId::INTEGER:  // dates of writers that do not mark them
            return wanted == TypeKind::kDate && node.parquet_type == duckdb_parquet::Type::INT32;
        default:
            return IsInstant(node.type) &&
                   (wanted == TypeKind::kTimestamp || wanted == TypeKind::kTimestampNtz);
    }
}

// DuckDB knows decimals and unsigned integers by their converted type alone, which newer writers
// need not give. False: no type that can be read.
bool ReadLogicalType(Node& leaf, const duckdb_parquet::SchemaElement& element) {
    if (!element.__isset.logicalType || element.__isset.converted_type) return true;
    const auto& logical = element.logicalType;
    if (logical.__isset.INTEGER && !logical.INTEGER.isSigned) {
        leaf.type = element.type == duckdb_parquet::Type::INT32 ? LogicalType::UINTEGER
                                                                : LogicalType::UBIGINT;
    }
    if (!logical.__isset.DECIMAL) return true;
    const int precision = logical.DECIMAL.precision;
    const int scale = logical.DECIMAL.scale;
    if (precision < 1 || precision > duckdb::DecimalType::MaxWidth() || scale < 0 ||
        scale > precision)
        return false;
    switch (element.type) {
        case duckdb_parquet::Type::INT32:
            leaf.type_info = duckdb::ParquetExtraTypeInfo::DECIMAL_INT32;
            break;
        case duckdb_parquet::Type::INT64:
            leaf.type_info = duckdb::ParquetExtraTypeInfo::DECIMAL_INT64;
            break;
        default:
            leaf.type_info = duckdb::ParquetExtraTypeInfo::DECIMAL_BYTE_ARRAY;
    }
    leaf.type_scale = static_cast<uint32_t>(scale);
    leaf.type = LogicalType::DECIMAL(static_cast<uint8_t>(precision), static_cast<uint8_t>(scale));
    return true;
}

// What a leaf is read as whose values are not those of the table's type yet; nothing for others. A
// wall clock's readings (timestamp_ntz) are of no calendar to Spark.
LogicalType StoredType(const Node& node, TypeKind wanted, const FileCalendar& calendar) {
    if (IsInstant(node.type)) {
        // The reader would cut nanoseconds towards 1970.
        if (node.type_info == duckdb::ParquetExtraTypeInfo::UNIT_NS)
            return LogicalType::TIMESTAMP_NS;
        const bool is_int96 = node.parquet_type == duckdb_parquet::Type::INT96;
        const bool is_hybrid = is_int96 ? calendar.int96_is_hybrid : calendar.is_hybrid;
        if (is_hybrid && wanted == TypeKind::kTimestamp) return LogicalType::TIMESTAMP;
    } else if (calendar.is_hybrid && node.parquet_type == duckdb_parquet::Type::INT32 &&
               (wanted == TypeKind::kDate || wanted == TypeKind::kTimestampNtz)) {
        return LogicalType::INTEGER;
    }
    return LogicalType::INVALID;
}

}  // namespace

LeafFit FitLeaf(Node& leaf, const duckdb_parquet::SchemaElement& element, const table::Type& wanted,
                const FileCalendar& calendar) {
    if (leaf.schema_type == duckdb::ParquetColumnSchemaType::GEOMETRY && !leaf.children.empty()) {
        Node bytes = std::move(leaf.children[0]);
        bytes.name = leaf.name;
        bytes.parent_schema_index = leaf.parent_schema_index;
        leaf = std::move(bytes);
    }
    if (!leaf.children.empty() || !ReadLogicalType(leaf, element)) return LeafFit::kNone;
    const LogicalType type = ToLogicalType(wanted);
    if (leaf.type.id() == LogicalTypeId::SQLNULL) return LeafFit::kAsTable;
    const bool reads = leaf.type == type || ReadsAs(leaf, wanted.kind());
    if (!reads && !CastKeepsValues(leaf, wanted)) return LeafFit::kNone;
    const LogicalType stored = StoredType(leaf, wanted.kind(), calendar);
    if (stored.id() != LogicalTypeId::INVALID) {
        leaf.type = stored;
        return LeafFit::kStored;
    }
    if (reads) leaf.type = type;
    return LeafFit::kAsTable;
}

bool IsPlainCast(const LogicalType& from, const LogicalType& to) {
    return from == to || (IsInteger(from) && IsInteger(to));
}

}  // namespace tarn::engine::duck
