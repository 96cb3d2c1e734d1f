#include "ingest/field_schema.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/error.h"
#include "base/text.h"

namespace tarn::ingest {

namespace {

const MetadataColumn* FindMetadata(std::string_view name) {
    for (const MetadataColumn& column : MetadataColumns()) {
        if (EqualsIgnoreCase(column.name, name)) return &column;
    }
    return nullptr;
}

// Without column mapping a Delta table refuses them in names (PROTOCOL.md, Column Mapping).
constexpr std::string_view kNotInNames = " ,;{}()=";

std::string_view WithoutUnderscores(std::string_view name) {
    while (!name.empty() && name.back() == '_') name.remove_suffix(1);
    return name;
}

std::string_view SqlType(FieldType type) {
    switch (type) {
        case FieldType::kLong:
            return "BIGINT";
        case FieldType::kDouble:
            return "DOUBLE";
        case FieldType::kBoolean:
            return "BOOLEAN";
        case FieldType::kString:
            break;
    }
    return "VARCHAR";
}

std::vector<std::string> ColumnTexts(const std::vector<LandingField>& fields) {
    std::vector<std::string> columns;
    for (const LandingField& field : fields)
        columns.push_back(fmt::format("{} {}", QuoteName(field.column), SqlType(field.type)));
    return columns;
}

// The kind that a table has for a metadata column of this Arrow format.
table::TypeKind KindOf(std::string_view arrow_format) {
    if (arrow_format == "u") return table::TypeKind::kString;
    if (arrow_format == "z") return table::TypeKind::kBinary;
    if (arrow_format == "l") return table::TypeKind::kLong;
    if (arrow_format == "i") return table::TypeKind::kInt;
    if (arrow_format == "tdD") return table::TypeKind::kDate;
    return table::TypeKind::kTimestamp;
}

FieldType FieldTypeOf(const table::Field& field, std::string_view table) {
    switch (field.type.kind()) {
        case table::TypeKind::kString:
            return FieldType::kString;
        case table::TypeKind::kLong:
            return FieldType::kLong;
        case table::TypeKind::kDouble:
            return FieldType::kDouble;
        case table::TypeKind::kBoolean:
            return FieldType::kBoolean;
        default:
            break;
    }
    throw Error(
        ErrorKind::kInvalidInput,
        "{}: ingest cannot write the column {} of type {}: a bronze table holds its source's "
        "fields as STRING, BIGINT, DOUBLE or BOOLEAN; cast in silver",
        table, field.name, field.type.ToString());
}

}  // namespace

const std::vector<MetadataColumn>& MetadataColumns() {
    static const std::vector<MetadataColumn> columns = {
        {"raw_payload", "VARCHAR", "u",
         "the record as received, without its line break; NULL when not UTF-8"},
        {"raw_bytes", "BLOB", "z",
         "the bytes when they are not UTF-8 (of a damaged gzip the compressed ones), else NULL"},
        {"source_system", "VARCHAR", "u", "`source_system` of the source's file"},
        {"source_path", "VARCHAR", "u", "the file, relative to the source's root"},
        {"source_line", "BIGINT", "l", "the line on which the record begins, from 1"},
        {"ingestion_timestamp", "TIMESTAMP WITH TIME ZONE", "tsu:UTC",
         "when its batch began, one a batch"},
        {"ingestion_date", "DATE", "tdD", "the UTC day of ingestion_timestamp"},
        {"pipeline_version", "VARCHAR", "u", "the program that landed it"},
        {"schema_version", "INTEGER", "i",
         "`schema_version` of the table's entry in the source's file"},
        {"checksum", "VARCHAR", "u", "SHA-256 of the raw bytes, in hexadecimal"},
        {"batch_id", "VARCHAR", "u", "the batch that landed it, a UUIDv7"},
        {"_rescued_data", "VARCHAR", "u", "JSON of what did not fit the columns, else NULL"},
        {"_error_class", "VARCHAR", "u", "why the record could not be parsed, else NULL"},
        {"_error_detail", "VARCHAR", "u", "where and what was expected, else NULL"},
    };
    return columns;
}

std::string ColumnOf(std::string_view field) {
    std::string column(field);
    for (char& c : column) {
        const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
        if (is_control || kNotInNames.find(c) != std::string_view::npos) c = '_';
    }
    if (FindMetadata(WithoutUnderscores(column)) != nullptr) column += '_';
    return column;
}

std::string FieldOf(std::string_view column) {
    if (column.ends_with('_') && FindMetadata(WithoutUnderscores(column)) != nullptr) {
        column.remove_suffix(1);
    }
    return std::string(column);
}

bool IsColumnName(std::string_view field) {
    if (field.empty() || field.size() > FieldSchema::kMaxNameBytes) return false;
    return !FirstInvalidUtf8(field).has_value();
}

FieldSchema::FieldSchema(std::vector<LandingField> fields) : fields_(std::move(fields)) {
    for (size_t i = 0; i < fields_.size(); ++i) {
        by_name_.emplace(fields_[i].name, static_cast<int>(i));
        by_column_.emplace(fields_[i].column, static_cast<int>(i));
    }
}

FieldSchema FieldSchema::OfTable(const table::Schema& schema, std::string_view table) {
    for (const MetadataColumn& column : MetadataColumns()) {
        const int at = schema.Find(column.name);
        if (at >= 0 &&
            schema.fields[static_cast<size_t>(at)].type.kind() == KindOf(column.arrow_format))
            continue;
        throw Error(ErrorKind::kInvalidInput,
                    "{} is no bronze table: it has no column {} of type {}; let ingest create the "
                    "table, or "
                    "name another one in the source's file",
                    table, column.name, column.sql_type);
    }
    std::vector<LandingField> fields;
    for (const table::Field& field : schema.fields) {
        if (FindMetadata(field.name) != nullptr) continue;
        fields.push_back({FieldOf(field.name), field.name, FieldTypeOf(field, table)});
    }
    return FieldSchema(std::move(fields));
}

int FieldSchema::Find(std::string_view name, size_t guess) const {
    if (guess < fields_.size() && fields_[guess].name == name) return static_cast<int>(guess);
    if (const auto found = by_name_.find(name); found != by_name_.end()) return found->second;
    const auto found = by_column_.find(ColumnOf(name));
    return found == by_column_.end() ? -1 : found->second;
}

std::vector<LandingField> FieldSchema::NewIn(const FieldSchema& found) const {
    std::set<std::string> taken;
    for (const LandingField& field : fields_) taken.insert(AsciiLower(field.column));
    std::vector<LandingField> fresh;
    for (const LandingField& field : found.Fields()) {
        if (fields_.size() + fresh.size() >= kMaxFields) break;
        if (taken.insert(AsciiLower(field.column)).second) fresh.push_back(field);
    }
    return fresh;
}

std::string FieldSchema::AddStatement(std::string_view table,
                                      const std::vector<LandingField>& fields) {
    return fmt::format("ALTER TABLE {} ADD COLUMNS ({})", table, Join(ColumnTexts(fields), ", "));
}

std::string FieldSchema::CreateStatement(std::string_view table) const {
    std::vector<std::string> columns = ColumnTexts(fields_);
    for (const MetadataColumn& column : MetadataColumns()) {
        columns.push_back(fmt::format("{} {}", QuoteName(column.name), column.sql_type));
    }
    return fmt::format(
        "CREATE TABLE {} ({}) PARTITIONED BY (source_system, ingestion_date) "
        "TBLPROPERTIES ('delta.appendOnly' = 'true')",
        table, Join(columns, ", "));
}

void FieldDiscovery::See(std::string_view name, std::string_view text, bool is_null) {
    size_t at = guess_;
    if (at >= seen_.size() || seen_[at].name != name) {
        if (!IsColumnName(name)) return;
        const auto [found, is_new] = folded_.emplace(AsciiLower(ColumnOf(name)), seen_.size());
        if (is_new) {
            if (seen_.size() >= FieldSchema::kMaxFields) {
                folded_.erase(found);
                return;
            }
            seen_.push_back({.name = std::string(name)});
        }
        at = found->second;
        if (seen_[at].name != name) return;
    }
    guess_ = at + 1;
    if (!infer_types_ || is_null) return;
    Seen& field = seen_[at];
    int64_t number = 0;
    double real = 0;
    bool truth = false;
    field.any = true;
    field.all_long = field.all_long && ParseLong(text, number);
    field.all_double = field.all_double && ParseDouble(text, real);
    field.all_boolean = field.all_boolean && ParseBoolean(text, truth);
}

FieldSchema FieldDiscovery::Finish() const {
    std::vector<LandingField> fields;
    for (const Seen& field : seen_) {
        FieldType type = FieldType::kString;
        if (field.any && field.all_boolean) type = FieldType::kBoolean;
        if (field.any && field.all_double) type = FieldType::kDouble;
        if (field.any && field.all_long) type = FieldType::kLong;
        fields.push_back({field.name, ColumnOf(field.name), type});
    }
    return FieldSchema(std::move(fields));
}

bool ParseLong(std::string_view text, int64_t& value) {
    // "007" and "+7" are text to a reader who wants them back: only the canonical spelling is a
    // number.
    const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
    if (digits.empty() || (digits.size() > 1 && digits[0] == '0') || text == "-0") return false;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

bool ParseDouble(std::string_view text, double& value) {
    if (text.empty() || text.find_first_not_of("+-.0123456789eE") != std::string_view::npos)
        return false;
    const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
    if (digits.size() > 1 && digits[0] == '0' && digits[1] != '.' && digits[1] != 'e' &&
        digits[1] != 'E') {
        return false;
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

bool ParseBoolean(std::string_view text, bool& value) {
    value = text == "true";
    return value || text == "false";
}

std::string QuoteName(std::string_view name) {
    std::string quoted = "\"";
    for (const char c : name) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted += '"';
}

}  // namespace tarn::ingest
