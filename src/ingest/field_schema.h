// The columns of a bronze table: the source's own fields, then what ingest says about each record.
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "table/type.h"

namespace tarn::ingest {

// Columns that ingest adds to each record, in the table's order, with their SQL types.
struct MetadataColumn {
    std::string_view name;
    std::string_view sql_type;
    std::string_view arrow_format;  // Arrow C data interface
    std::string_view meaning;       // one line, for the documentation
};
const std::vector<MetadataColumn>& MetadataColumns();

enum class FieldType { kString, kLong, kDouble, kBoolean };

struct LandingField {
    std::string name;    // as the source spells it, where that is known; else the column's
    std::string column;  // the table's column
    FieldType type = FieldType::kString;
};

// The column in which a field of this name lands. Characters that a table's plain column names
// cannot have (blanks, control characters and any of ,;{}()=) become underscores, and a name that,
// without underscores at its end, is that of a metadata column gets one more: "dep time" ->
// "dep_time", "checksum" -> "checksum_".
std::string ColumnOf(std::string_view field);
// The field that a table's column is for, as far as the column tells: ColumnOf(FieldOf(column)) is
// the column.
std::string FieldOf(std::string_view column);

// Can a field of this name be a column of its own. What cannot goes to _rescued_data: an empty
// name, more than kMaxNameBytes, bytes that are not UTF-8.
bool IsColumnName(std::string_view field);

// Immutable, thread-safe.
class FieldSchema {
public:
    static constexpr size_t kMaxFields = 2000;
    static constexpr size_t kMaxNameBytes = 255;

    FieldSchema() = default;
    explicit FieldSchema(std::vector<LandingField> fields);
    // The fields of a bronze table that exists. InvalidInput: a metadata column is missing or has
    // another type, or a field's column has a type that ingest does not write.
    static FieldSchema OfTable(const table::Schema& schema, std::string_view table);

    const std::vector<LandingField>& Fields() const { return fields_; }
    // Index of the field that lands a field of this name, -1 when there is none: the exact spelling
    // wins, then the column's. `guess` is tried first.
    int Find(std::string_view name, size_t guess) const;

    // Those of `found` that could become columns beside these: none whose name differs from one of
    // them only in case, and no more than kMaxFields in all.
    std::vector<LandingField> NewIn(const FieldSchema& found) const;

    // "CREATE TABLE <table> (...)" partitioned by source_system and ingestion_date, append-only.
    std::string CreateStatement(std::string_view table) const;
    static std::string AddStatement(std::string_view table,
                                    const std::vector<LandingField>& fields);

private:
    struct Hash {
        using is_transparent = void;
        size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };
    std::vector<LandingField> fields_;
    std::unordered_map<std::string, int, Hash, std::equal_to<>> by_name_;
    std::unordered_map<std::string, int, Hash, std::equal_to<>> by_column_;
};

// Gathers the names of fields in the order they are first seen, for a table that is yet to be made.
class FieldDiscovery {
public:
    explicit FieldDiscovery(bool infer_types) : infer_types_(infer_types) {}
    // A field with one of its values (JSON token, or text of a CSV); names equal under ASCII
    // folding to one seen before, or that cannot be columns, are left out (their values will be
    // rescued).
    void See(std::string_view name, std::string_view text, bool is_null);
    bool IsEmpty() const { return seen_.empty(); }
    FieldSchema Finish() const;

private:
    struct Seen {
        std::string name;
        bool any = false;
        bool all_long = true;
        bool all_double = true;
        bool all_boolean = true;
    };
    bool infer_types_;
    std::vector<Seen> seen_;
    std::unordered_map<std::string, size_t> folded_;
    size_t guess_ = 0;
};

// The whole text as that type, else false.
bool ParseLong(std::string_view text, int64_t& value);
bool ParseDouble(std::string_view text, double& value);
bool ParseBoolean(std::string_view text, bool& value);

// `"name"` with its quotes doubled.
std::string QuoteName(std::string_view name);

}  // namespace tarn::ingest
