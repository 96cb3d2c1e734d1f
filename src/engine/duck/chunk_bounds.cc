#include "engine/duck/chunk_bounds.h"

#include <optional>
#include <vector>

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalTypeId;
using duckdb_parquet::Type;
using Node = duckdb::ParquetColumnSchema;

struct Trust {
    bool old_bounds = false;
    bool bounds = true;
    bool bloom_filter = false;
    std::optional<size_t> length;  // of a bound
};

// In the order of the physical type's signed numbers, or of text.
Trust TrustOf(const Node& leaf, bool has_wrong_decimals) {
    Trust trust;
    switch (leaf.parquet_type) {
        case Type::BOOLEAN:
            trust.length = 1;
            return trust;
        case Type::INT32:
        case Type::INT64:
            trust.length = leaf.parquet_type == Type::INT32 ? sizeof(int32_t) : sizeof(int64_t);
            trust.old_bounds = !leaf.type.IsUnsigned();
            trust.bloom_filter = leaf.type.IsIntegral();
            return trust;
        case Type::FLOAT:
        case Type::DOUBLE:
            trust.length = leaf.parquet_type == Type::FLOAT ? sizeof(float) : sizeof(double);
            trust.old_bounds = true;
            return trust;
        case Type::BYTE_ARRAY:
        case Type::FIXED_LEN_BYTE_ARRAY:
            trust.bloom_filter = leaf.type.id() == LogicalTypeId::VARCHAR;
            trust.bounds = !(has_wrong_decimals && leaf.type.id() == LogicalTypeId::DECIMAL);
            if (leaf.parquet_type == Type::FIXED_LEN_BYTE_ARRAY &&
                leaf.type.id() != LogicalTypeId::BLOB && leaf.type.id() != LogicalTypeId::VARCHAR)
                trust.length = leaf.type_length;
            return trust;
        default:
            trust.bounds = false;
            return trust;
    }
}

bool HasLength(const std::string& bound, const std::optional<size_t>& length) {
    return !length || bound.size() == *length;
}

// The footer says no more than can be trusted.
duckdb_parquet::ColumnMetaData Trusted(const duckdb_parquet::ColumnMetaData& said,
                                       const Trust& trust) {
    duckdb_parquet::ColumnMetaData chunk = said;
    auto& isset = chunk.statistics.__isset;
    const auto& bounds = chunk.statistics;
    isset.min = isset.min && trust.old_bounds && HasLength(bounds.min, trust.length);
    isset.max = isset.max && trust.old_bounds && HasLength(bounds.max, trust.length);
    isset.min_value = isset.min_value && trust.bounds && HasLength(bounds.min_value, trust.length);
    isset.max_value = isset.max_value && trust.bounds && HasLength(bounds.max_value, trust.length);
    chunk.__isset.bloom_filter_offset = chunk.__isset.bloom_filter_offset && trust.bloom_filter;
    return chunk;
}

bool SaysTheSame(const duckdb_parquet::ColumnMetaData& a, const duckdb_parquet::ColumnMetaData& b) {
    const auto& left = a.statistics.__isset;
    const auto& right = b.statistics.__isset;
    return left.min == right.min && left.max == right.max && left.min_value == right.min_value &&
           left.max_value == right.max_value &&
           a.__isset.bloom_filter_offset == b.__isset.bloom_filter_offset;
}

void AddLeaves(const Node& node, std::vector<const Node*>& leaves) {
    for (const Node& child : node.children) AddLeaves(child, leaves);
    const bool is_stored = node.schema_type == duckdb::ParquetColumnSchemaType::COLUMN;
    if (node.children.empty() && is_stored) leaves.push_back(&node);
}

std::vector<const Node*> FilteredLeaves(duckdb::ParquetReader& reader) {
    std::vector<const Node*> leaves;
    for (const auto& entry : reader.filters->filters) {
        const auto column = reader.column_ids[duckdb::MultiFileLocalIndex(entry.first)].GetId();
        AddLeaves(reader.root_schema->children.at(column), leaves);
    }
    return leaves;
}

}  // namespace

void DistrustBounds(duckdb::ParquetReader& reader) {
    if (!reader.filters) return;
    const duckdb_parquet::FileMetaData& footer = *reader.metadata->metadata;
    const bool has_wrong_decimals = footer.created_by.starts_with("parquet-cpp version");
    duckdb::unique_ptr<duckdb_parquet::FileMetaData> changed;
    for (const Node* leaf : FilteredLeaves(reader)) {
        const Trust trust = TrustOf(*leaf, has_wrong_decimals);
        for (size_t group = 0; group < footer.row_groups.size(); group++) {
            const auto& columns = footer.row_groups[group].columns;
            if (leaf->column_index >= columns.size()) continue;
            const auto& said = columns[leaf->column_index].meta_data;
            auto trusted = Trusted(said, trust);
            if (SaysTheSame(said, trusted)) continue;
            if (!changed) changed = duckdb::make_uniq<duckdb_parquet::FileMetaData>(footer);
            changed->row_groups[group].columns[leaf->column_index].meta_data = std::move(trusted);
        }
    }
    if (!changed) return;
    // The footer may be shared with other readers.
    reader.metadata = duckdb::make_shared_ptr<duckdb::ParquetFileMetadataCache>(
        std::move(changed), reader.GetHandle(), nullptr,
        duckdb::make_uniq<duckdb_parquet::FileCryptoMetaData>(*reader.metadata->crypto_metadata),
        reader.metadata->footer_size);
}

}  // namespace tarn::engine::duck
