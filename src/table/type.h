// The types of columns that both table formats share. A Type is an immutable value; copying is
// cheap. Maps to Delta's "Schema Serialization Format" and to Iceberg's "Schemas and Data Types".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::table {

enum class TypeKind : uint8_t {
    kBoolean,
    kByte,   // 8 bits, signed
    kShort,  // 16 bits
    kInt,    // 32 bits
    kLong,   // 64 bits
    kFloat,
    kDouble,
    kDecimal,  // precision 1 to 38, scale 0 to precision
    kString,   // UTF-8; compares by bytes
    kBinary,
    kDate,          // days since 1970-01-01
    kTimestamp,     // an instant, microseconds UTC (SQL: TIMESTAMP WITH TIME ZONE)
    kTimestampNtz,  // a wall clock, microseconds (SQL: TIMESTAMP)
    kVariant,
    kVoid,  // only NULL
    kStruct,
    kArray,
    kMap,
};

struct Field;

class Type {
public:
    Type() : Type(TypeKind::kVoid) {}
    explicit Type(TypeKind primitive);
    static Type Decimal(int precision, int scale);
    static Type Struct(std::vector<Field> fields);
    static Type Array(Type element, bool element_nullable);
    static Type Map(Type key, Type value, bool value_nullable);
    // A type that is read as a primitive one but keeps its own name: "geometry(OGC:CRS84)".
    static Type Named(TypeKind primitive, std::string name);

    TypeKind kind() const { return kind_; }
    int precision() const { return precision_; }
    int scale() const { return scale_; }
    // Empty but for Named types.
    const std::string& name() const { return name_; }
    // Struct: its fields. Array: one field "element". Map: "key" and "value".
    const std::vector<Field>& children() const;
    bool IsNested() const;

    // "decimal(10,2)", "array<string>", "struct<a:int,b:map<string,long>>": for messages and
    // DESCRIBE.
    std::string ToString() const;

    bool operator==(const Type& other) const;

private:
    TypeKind kind_;
    int precision_ = 0;
    int scale_ = 0;
    std::string name_;
    std::shared_ptr<const std::vector<Field>> children_;
};

// Numbers that a table gives out itself, one a row.
struct IdentitySequence {
    int64_t start = 1;
    int64_t step = 1;                        // never 0
    std::optional<int64_t> high_water_mark;  // the last one that was given out
    bool allows_explicit = false;            // writers may give values of their own

    bool operator==(const IdentitySequence&) const = default;
};

// What a column asks of those who write it. Expressions are in Spark's spelling.
struct ColumnRules {
    std::optional<std::string> generated_as;   // by the row's other columns
    std::optional<std::string> default_value;  // where a writer gives none; else NULL
    std::optional<IdentitySequence> identity;
    std::optional<std::string> invariant;  // TRUE in every row

    bool operator==(const ColumnRules&) const = default;
};

// One column, or one field of a struct, with its identities.
struct Field {
    std::string name;  // as the user sees it; look-up folds ASCII case
    Type type;
    bool nullable = true;
    // What data files and statistics call the column; equals `name` without column mapping.
    std::string physical_name;
    // The column's id in data files, 0 when the table has none.
    int32_t field_id = 0;
    ColumnRules rules;
    // Further metadata of the format by key, values as JSON text ("comment" -> "\"text\"").
    std::vector<std::pair<std::string, std::string>> metadata;

    bool operator==(const Field& other) const = default;
};

struct Schema {
    std::vector<Field> fields;
    // Data files' columns are found by `field_id` instead of `physical_name`.
    bool by_id = false;

    // Index of the top-level column of that name: the exact spelling wins, else the only one equal
    // under ASCII folding; -1 when there is none.
    int Find(std::string_view name) const;

    bool operator==(const Schema& other) const = default;
};

}  // namespace tarn::table
