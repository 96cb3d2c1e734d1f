#include "engine/duck/foreign_parquet.h"

#include <algorithm>

#include <parquet_reader.hpp>
#include <parquet_statistics.hpp>

#include "base/text.h"
#include "engine/duck/errors.h"
#include "engine/duck/file_calendar.h"
#include "engine/duck/store_file_system.h"
#include "engine/duck/types.h"
#include "engine/duck/values.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb_parquet::ColumnMetaData;
using Node = duckdb::ParquetColumnSchema;

// INT96 holds instants, as Spark and Hive wrote them.
LogicalType TypeOf(const Node& node) {
    if (node.type_info == duckdb::ParquetExtraTypeInfo::IMPALA_TIMESTAMP)
        return LogicalType::TIMESTAMP_TZ;
    if (node.type.id() == LogicalTypeId::LIST && node.children.size() == 1)
        return LogicalType::LIST(TypeOf(node.children[0]));
    if (node.type.id() == LogicalTypeId::STRUCT) {
        duckdb::child_list_t<LogicalType> children;
        for (const Node& child : node.children) children.emplace_back(child.name, TypeOf(child));
        return LogicalType::STRUCT(std::move(children));
    }
    return node.type;
}

// Are the bounds that a footer gives of such a leaf in the order of its values.
bool HasOrder(const Node& leaf, bool is_hybrid) {
    using Physical = duckdb_parquet::Type;
    if (leaf.parquet_type == Physical::BYTE_ARRAY) return leaf.type.id() == LogicalTypeId::VARCHAR;
    if (leaf.parquet_type != Physical::INT32 && leaf.parquet_type != Physical::INT64) return false;
    return leaf.type.IsIntegral() || leaf.type.id() == LogicalTypeId::DECIMAL ||
           (!is_hybrid && leaf.type.IsTemporal());
}

class Gatherer {
public:
    Gatherer(const duckdb_parquet::FileMetaData& footer, bool is_hybrid,
             table::FileStatistics& statistics)
        : footer_(footer), is_hybrid_(is_hybrid), statistics_(statistics) {}

    void Visit(const std::vector<std::string>& parents, const Node& node, const table::Type& type) {
        std::vector<std::string> path = parents;
        path.push_back(node.name);
        if (type.kind() == table::TypeKind::kStruct) {
            for (size_t i = 0; i < type.children().size(); ++i)
                Visit(path, node.children[i], type.children()[i].type);
            return;
        }
        if (type.IsNested() || !node.children.empty()) return;
        statistics_.columns.push_back(Read(std::move(path), node, type));
    }

private:
    // NULL where a row group does not tell its bound.
    void TakeBound(duckdb::Value& bound, const ColumnMetaData& chunk, const std::string* text,
                   const Node& leaf, bool is_least) {
        if (chunk.statistics.null_count == chunk.num_values) return;
        if (text == nullptr) {
            is_bounded_ = false;
            return;
        }
        auto value = duckdb::ParquetStatisticsUtils::ConvertValue(leaf.type, leaf, *text);
        if (bound.IsNull() || (is_least ? value < bound : value > bound)) bound = std::move(value);
    }

    table::ColumnStatistics Read(std::vector<std::string> path, const Node& leaf,
                                 const table::Type& type) {
        table::ColumnStatistics column;
        column.path = std::move(path);
        is_bounded_ = HasOrder(leaf, is_hybrid_);
        duckdb::Value least;
        duckdb::Value most;
        column.null_count = 0;
        for (const auto& group : footer_.row_groups) {
            const ColumnMetaData& chunk = group.columns.at(leaf.column_index).meta_data;
            const auto& said = chunk.statistics;
            if (!said.__isset.null_count) {
                column.null_count.reset();
                is_bounded_ = false;
            }
            if (column.null_count) *column.null_count += static_cast<uint64_t>(said.null_count);
            if (!is_bounded_) continue;
            TakeBound(least, chunk, said.__isset.min_value ? &said.min_value : nullptr, leaf, true);
            TakeBound(most, chunk, said.__isset.max_value ? &said.max_value : nullptr, leaf, false);
        }
        if (!is_bounded_ || least.IsNull()) return column;
        column.min = FromDuck(least.DefaultCastAs(ToLogicalType(type)), type);
        column.max = FromDuck(most.DefaultCastAs(ToLogicalType(type)), type);
        return column;
    }

    const duckdb_parquet::FileMetaData& footer_;
    const bool is_hybrid_;
    table::FileStatistics& statistics_;
    bool is_bounded_ = false;  // of the leaf that is read
};

[[noreturn]] void FailDiffers(const std::string& column, const std::string& first_file,
                              const std::string& first, const std::string& file,
                              const std::string& second) {
    throw Error(ErrorKind::kInvalidInput,
                "column {}: it is {} in {} and {} in {}; files of one table have the same columns: "
                "write those that differ again, or move them out of the folder",
                column, first, first_file, second, file);
}

// The first field with what the second knows more (fields of structs).
table::Type Merged(const table::Type& first, const table::Type& second, const std::string& column,
                   const std::string& first_file, const std::string& file) {
    const auto kind = first.kind();
    if (kind != second.kind() || !first.IsNested()) {
        if (first == second) return first;
        FailDiffers(column, first_file, first.ToString(), file, second.ToString());
    }
    if (kind == table::TypeKind::kStruct) {
        std::vector<table::Field> fields = first.children();
        MergeForeignFields(fields, first_file, second.children(), file);
        return table::Type::Struct(std::move(fields));
    }
    const auto part = [&](size_t i) {
        return Merged(first.children()[i].type, second.children()[i].type, column, first_file,
                      file);
    };
    if (kind == table::TypeKind::kArray) return table::Type::Array(part(0), true);
    return table::Type::Map(part(0), part(1), true);
}

}  // namespace

ForeignParquet ReadForeignParquet(duckdb::ClientContext& client, const std::string& location) {
    ForeignParquet file;
    const duckdb::ParquetReader reader(client, StoreFileSystem::FileToRead(location),
                                       duckdb::ParquetOptions(client));
    const duckdb_parquet::FileMetaData& footer = *reader.GetFileMetadata();
    const FileCalendar calendar = CalendarOf(footer);
    file.statistics.record_count = reader.NumRows();
    Gatherer gatherer(footer, calendar.is_hybrid, file.statistics);
    for (const Node& node : reader.root_schema->children) {
        table::Field field;
        field.name = node.name;
        field.physical_name = node.name;
        field.type = ToTableType(TypeOf(node), node.name, file.notices);
        gatherer.Visit({}, node, field.type);
        file.fields.push_back(std::move(field));
    }
    return file;
}

void MergeForeignFields(std::vector<table::Field>& fields, const std::string& first_file,
                        const std::vector<table::Field>& more, const std::string& file) {
    for (const table::Field& field : more) {
        const auto known = std::find_if(fields.begin(), fields.end(), [&](const auto& one) {
            return EqualsIgnoreCase(one.name, field.name);
        });
        if (known == fields.end()) {
            fields.push_back(field);
            continue;
        }
        if (known->name != field.name)
            FailDiffers(field.name, first_file, "called " + known->name, file,
                        "called " + field.name);
        known->type = Merged(known->type, field.type, field.name, first_file, file);
    }
}

}  // namespace tarn::engine::duck
