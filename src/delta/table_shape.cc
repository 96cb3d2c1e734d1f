#include "delta/table_shape.h"

#include <algorithm>
#include <functional>
#include <set>

#include <fmt/core.h>

#include "base/check.h"
#include "base/error.h"
#include "base/text.h"
#include "delta/byte_size.h"
#include "delta/clustering.h"
#include "delta/features.h"
#include "delta/file_path.h"
#include "delta/iceberg_compat.h"
#include "delta/schema_change.h"
#include "delta/schema_json.h"
#include "delta/value_text.h"

namespace tarn::delta {
namespace {

using table::Field;
using table::TypeKind;
using table::Value;

// Names with one of these cannot be columns of a Parquet file of Spark's without a column mapping.
constexpr std::string_view kForbiddenInNames = " ,;{}()\n\t=";
constexpr std::string_view kCheckPrefix = "delta.constraints.";
constexpr const char* kFileSize = "delta.targetFileSize";

void CheckNames(const std::vector<Field>& fields, const std::string& within, bool is_mapped) {
    std::set<std::string> seen;
    for (const Field& field : fields) {
        if (field.name.empty()) {
            throw Error(ErrorKind::kInvalidInput, "a column{} has an empty name", within);
        }
        if (!seen.insert(AsciiLower(field.name)).second) {
            throw Error(ErrorKind::kInvalidInput,
                        "the column '{}' stands twice{} (case is ignored)", field.name, within);
        }
        if (!is_mapped && NeedsMapping(field.name)) {
            throw Error(
                ErrorKind::kUnsupported,
                "the column name '{}' has one of the characters ' ,;{{}}()=', a tab or a line "
                "break, which needs column mapping: set the table's property "
                "'delta.columnMapping.mode' = 'name', or rename it, for example with AS",
                field.name);
        }
        if (field.type.kind() == TypeKind::kVoid) {
            throw Error(
                ErrorKind::kInvalidInput,
                "the column '{}' has no type (only NULL); cast it to the type it shall have",
                field.name);
        }
        if (field.type.kind() == TypeKind::kStruct) {
            CheckNames(field.type.children(), " of '" + field.name + "'", is_mapped);
        }
    }
}

// Define gives the ids.
void CheckIds(const std::vector<Field>& fields) {
    for (const Field& field : fields) {
        Check(field.field_id > 0, "a mapped column has an id");
        if (field.type.kind() == TypeKind::kStruct) CheckIds(field.type.children());
    }
}

// PROTOCOL.md, "Variant Data Type" and "Default Columns".
void CheckVariantRules(const Field& field) {
    if (field.type.kind() != TypeKind::kVariant) return;
    if (field.rules.generated_as) {
        throw Error(ErrorKind::kInvalidInput,
                    "column {}: variants cannot be compared, so that none is generated",
                    field.name);
    }
    if (field.rules.default_value && !EqualsIgnoreCase(*field.rules.default_value, "null")) {
        throw Error(ErrorKind::kInvalidInput, "column {}: a variant has no default but NULL",
                    field.name);
    }
}

}  // namespace

TableShape TableShape::Of(std::string root, const Protocol& protocol, const Metadata& metadata) {
    TableShape shape;
    shape.root = std::move(root);
    const ColumnMapping mapping = HasReaderFeature(protocol, "columnMapping")
                                      ? ColumnMappingOf(metadata.configuration)
                                      : ColumnMapping::kNone;
    shape.schema = ParseSchema(metadata.schema_string, mapping);
    if (HasReaderFeature(protocol, "typeWidening") ||
        HasReaderFeature(protocol, "typeWidening-preview")) {
        CheckTypeChanges(shape.schema);
    }
    for (const std::string& name : metadata.partition_columns) {
        const int at = shape.schema.Find(name);
        if (at < 0) {
            throw Error(ErrorKind::kCorrupt, "the partition column '{}' is not in the schema",
                        name);
        }
        shape.partition_fields.push_back(shape.schema.fields[static_cast<size_t>(at)]);
    }
    shape.indexed = IndexedColumns(shape.schema, metadata);
    return shape;
}

std::vector<Value> PartitionValuesOf(const TableShape& shape, const PartitionTexts& texts) {
    std::vector<Value> values;
    for (const Field& field : shape.partition_fields) {
        std::optional<std::string> text;
        for (const auto& [name, value] : texts) {
            // Some writers use another case than the schema.
            if (name == field.physical_name ||
                (!text && EqualsIgnoreCase(name, field.physical_name))) {
                text = value;
            }
        }
        values.push_back(ParsePartitionValue(field.type, text));
    }
    return values;
}

PartitionTexts PartitionTextsOf(const TableShape& shape, const std::vector<Value>& values) {
    if (values.size() != shape.partition_fields.size()) {
        throw Error(ErrorKind::kInvalidInput,
                    "a file has {} partition values, the table {} columns", values.size(),
                    shape.partition_fields.size());
    }
    PartitionTexts texts;
    for (size_t i = 0; i < values.size(); ++i) {
        const Field& field = shape.partition_fields[i];
        try {
            texts.emplace_back(field.physical_name, FormatPartitionValue(field.type, values[i]));
        } catch (const Error& error) {
            throw Error(error.kind(), "column {}: {}", field.name, error.message());
        }
    }
    return texts;
}

Add MakeAdd(const TableShape& shape, const table::DataFile& file) {
    Add add;
    add.path = file.path.empty() ? LogPathOf(shape.root, file.location) : file.path;
    add.partition_values = PartitionTextsOf(shape, file.partition_values);
    add.size_bytes = static_cast<int64_t>(file.size_bytes);
    add.modification_time_ms = file.modified_ms;
    add.data_change = file.data_change;
    if (file.statistics) add.stats = SerializeStatistics(*file.statistics, shape.indexed);
    if (file.deletion_vector) add.deletion_vector = ParseVectorRef(*file.deletion_vector);
    add.extras.base_row_id = file.base_row_id;
    add.extras.default_row_commit_version = file.default_row_commit_version;
    if (file.clustering) WriteClustering(*file.clustering, add.extras);
    return add;
}

Remove MakeRemove(const Add& file, bool data_change, int64_t now_ms) {
    Remove remove;
    remove.path = file.path;
    remove.deletion_timestamp_ms = now_ms;
    remove.data_change = data_change;
    remove.has_file_metadata = true;
    remove.partition_values = file.partition_values;
    remove.size_bytes = file.size_bytes;
    remove.deletion_vector = file.deletion_vector;
    remove.extras = file.extras;
    remove.extras.clustering_provider.reset();  // removes have no such field
    return remove;
}

table::DataFile MakeDataFile(const TableShape& shape, const FileView& file,
                             std::vector<Value> partition_values) {
    table::DataFile data;
    data.path = file.path;
    data.location = ResolveLocation(shape.root, file.path);
    data.size_bytes = static_cast<uint64_t>(std::max<int64_t>(file.size_bytes, 0));
    data.modified_ms = file.modification_time_ms;
    data.partition_values = std::move(partition_values);
    if (file.deletion_vector != nullptr)
        data.deletion_vector = MakeVectorRef(*file.deletion_vector);
    if (file.extras != nullptr) {
        data.base_row_id = file.extras->base_row_id;
        data.default_row_commit_version = file.extras->default_row_commit_version;
        data.clustering = ReadClustering(*file.extras);
    }
    return data;
}

table::DeletionVectorRef MakeVectorRef(const DeletionVector& vector) {
    table::DeletionVectorRef ref;
    ref.unique_id = vector.UniqueId();
    ref.cardinality = static_cast<uint64_t>(std::max<int64_t>(vector.cardinality, 0));
    // The path may hold any character, so it comes last.
    ref.descriptor = fmt::format("{} {} {} {} {}", vector.storage_type, vector.offset.value_or(-1),
                                 vector.size_bytes, vector.cardinality, vector.path_or_inline);
    return ref;
}

DeletionVector ParseVectorRef(const table::DeletionVectorRef& ref) {
    std::string_view rest = ref.descriptor;
    const auto next = [&rest] {
        const size_t end = std::min(rest.find(' '), rest.size());
        const std::string_view word = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
        return word;
    };
    DeletionVector vector;
    const std::string_view type = next();
    const auto offset = ParseInt(next());
    const auto size = ParseInt(next());
    const auto cardinality = ParseInt(next());
    Check(type.size() == 1 && offset && size && cardinality,
          "a deletion vector's descriptor is ours");
    vector.storage_type = type.front();
    if (*offset >= 0) vector.offset = *offset;
    vector.size_bytes = *size;
    vector.cardinality = *cardinality;
    vector.path_or_inline = rest;
    return vector;
}

table::FileRules FileRulesOf(const std::map<std::string, std::string>& properties) {
    table::FileRules rules;
    if (const auto size = properties.find(kFileSize); size != properties.end())
        rules.bytes = ParseByteSize(size->second);
    rules.shreds_variants = IsEnabled(properties, "delta.enableVariantShredding");
    // Readers of Iceberg take partition values from the files.
    rules.holds_partitions = IcebergCompatOf(properties) != IcebergCompat::kNone;
    return rules;
}

table::TableMetadata DescribeTable(const TableShape& shape, const Metadata& metadata,
                                   const std::map<std::string, DomainMetadata>& domains) {
    table::TableMetadata description;
    description.id = metadata.id;
    description.name = metadata.name.value_or("");
    description.description = metadata.description.value_or("");
    description.schema = shape.schema;
    for (const Field& field : shape.partition_fields) {
        description.partition_columns.push_back(field.name);
    }
    description.clustering_columns = ClusteringColumns(domains, shape.schema);
    for (const auto& [key, value] : metadata.configuration) {
        if (key.starts_with(kCheckPrefix)) {
            description.checks.push_back({key.substr(kCheckPrefix.size()), value});
        } else {
            description.properties.emplace(key, value);
        }
    }
    description.file_rules = FileRulesOf(description.properties);
    description.created_ms = metadata.created_time_ms.value_or(0);
    return description;
}

Metadata MakeMetadata(const table::TableMetadata& description, const Metadata* previous) {
    Metadata metadata;
    if (previous != nullptr) metadata = *previous;
    if (!description.id.empty()) metadata.id = description.id;
    metadata.name.reset();
    metadata.description.reset();
    if (!description.name.empty()) metadata.name = description.name;
    if (!description.description.empty()) metadata.description = description.description;
    metadata.schema_string = SerializeSchema(description.schema);
    metadata.partition_columns.clear();
    for (const std::string& name : description.partition_columns) {
        const int at = description.schema.Find(name);
        metadata.partition_columns.push_back(
            at < 0 ? name : description.schema.fields[static_cast<size_t>(at)].name);
    }
    metadata.configuration.clear();
    for (const auto& [key, value] : description.properties) {
        if (!IsProtocolProperty(key)) metadata.configuration.emplace(key, value);
    }
    for (const table::RowCheck& check : description.checks)
        metadata.configuration[std::string(kCheckPrefix) + check.name] = check.expression;
    if (description.created_ms > 0) metadata.created_time_ms = description.created_ms;
    return metadata;
}

bool NeedsMapping(std::string_view name) {
    return name.find_first_of(kForbiddenInNames) != std::string_view::npos;
}

void CheckColumns(const table::TableMetadata& description) {
    const table::Schema& schema = description.schema;
    for (const Field& field : schema.fields) CheckVariantRules(field);
    const std::vector<std::string>& partition_columns = description.partition_columns;
    const bool is_mapped = ColumnMappingOf(description.properties) != ColumnMapping::kNone;
    CheckNames(schema.fields, "", is_mapped);
    if (is_mapped) CheckIds(schema.fields);
    std::set<int> seen;
    for (const std::string& name : partition_columns) {
        const int at = schema.Find(name);
        if (at < 0) {
            throw Error(ErrorKind::kInvalidInput,
                        "the partition column '{}' is not a column of the table", name);
        }
        if (!seen.insert(at).second) {
            throw Error(ErrorKind::kInvalidInput, "the table is partitioned twice by '{}'", name);
        }
        const table::Type& type = schema.fields[static_cast<size_t>(at)].type;
        if (type.IsNested() || type.kind() == TypeKind::kBinary ||
            type.kind() == TypeKind::kVariant) {
            throw Error(ErrorKind::kInvalidInput,
                        "a column of type {} ('{}') cannot partition a table", type.ToString(),
                        name);
        }
    }
    if (!partition_columns.empty() && seen.size() == schema.fields.size()) {
        throw Error(ErrorKind::kInvalidInput,
                    "a table cannot be partitioned by all of its columns; leave one out");
    }
}

}  // namespace tarn::delta
