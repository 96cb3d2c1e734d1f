#include "engine/duck/table_entry.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "duckdb/parser/constraints/not_null_constraint.hpp"
#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/operator/logical_get.hpp"
#include "duckdb/planner/operator/logical_projection.hpp"
#include "duckdb/planner/operator/logical_update.hpp"
#include "duckdb/storage/table_storage_info.hpp"
#include "engine/duck/catalog.h"
#include "engine/duck/column_comment.h"
#include "engine/duck/errors.h"
#include "engine/duck/generated_columns.h"
#include "engine/duck/metadata_column.h"
#include "engine/duck/rule_functions.h"
#include "engine/duck/scan.h"
#include "engine/duck/store_cast.h"
#include "engine/duck/types.h"

namespace tarn::engine::duck {
std::shared_ptr<TableEntry> TableEntry::Make(Core& core, duckdb::SchemaCatalogEntry& in_schema,
                                             DirectoryEntry row, table::SnapshotPtr snapshot,
                                             bool is_latest) {
    duckdb::CreateTableInfo info(in_schema, row.name.name);
    const table::TableMetadata& metadata = snapshot->Metadata();
    CheckDistinct(metadata.schema.fields);
    for (const table::Field& field : metadata.schema.fields) {
        const duckdb::LogicalIndex index(info.columns.LogicalColumnCount());
        duckdb::ColumnDefinition column(field.name, ToLogicalType(field.type));
        if (auto value = DefaultOf(in_schema.ParentCatalog().GetName(), row.name, field))
            column.SetDefaultValue(std::move(value));
        if (auto comment = CommentOf(field)) column.SetComment(duckdb::Value(*comment));
        info.columns.AddColumn(std::move(column));
        if (!field.nullable)
            info.constraints.push_back(duckdb::make_uniq<duckdb::NotNullConstraint>(index));
    }
    if (!metadata.description.empty()) info.comment = duckdb::Value(metadata.description);
    return std::make_shared<TableEntry>(core, in_schema, info, std::move(row), std::move(snapshot),
                                        is_latest);
}

TableEntry::TableEntry(Core& core, duckdb::SchemaCatalogEntry& in_schema,
                       duckdb::CreateTableInfo& info, DirectoryEntry row,
                       table::SnapshotPtr snapshot, bool is_latest)
    : TableCatalogEntry(in_schema.ParentCatalog(), in_schema, info),
      core_(core),
      row_(std::move(row)),
      snapshot_(std::move(snapshot)),
      is_latest_(is_latest) {
    const table::TableMetadata& description = metadata();
    partition_index_.resize(description.schema.fields.size(), -1);
    for (size_t i = 0; i < description.partition_columns.size(); i++) {
        const int column = description.schema.Find(description.partition_columns[i]);
        if (column < 0) {
            throw Error(ErrorKind::kCorrupt, "{}: the partition column {} is not in the schema",
                        row_.name.ToString(), description.partition_columns[i]);
        }
        partition_index_[static_cast<size_t>(column)] = static_cast<int>(i);
    }
}

std::shared_ptr<TableEntry> TableEntry::WithSnapshot(table::SnapshotPtr snapshot) const {
    // DuckDB's accessors of the parent are not const; the entry itself is not changed.
    auto& in_schema = const_cast<duckdb::SchemaCatalogEntry&>(schema);
    return Make(core_, in_schema, row_, std::move(snapshot), is_latest_);
}

TableEntry& TableEntry::Of(duckdb::TableCatalogEntry& entry) {
    if (entry.ParentCatalog().GetCatalogType() != LakeCatalog::kType) {
        throw Error(ErrorKind::kInternal, "{} is not a table of the lake", entry.name);
    }
    auto* found = dynamic_cast<TableEntry*>(&entry);
    if (found == nullptr)
        throw Error(ErrorKind::kUnsupported, "{} is a system table and is only read", entry.name);
    return *found;
}

int64_t TableEntry::NumberOf(const table::DataFile& file) {
    const std::lock_guard lock(mutex_);
    const std::string vector_id =
        file.deletion_vector ? file.deletion_vector->unique_id : std::string();
    auto [found, is_new] = numbers_.emplace(std::pair{file.location, vector_id},
                                            static_cast<int64_t>(numbered_.size()));
    if (is_new) numbered_.push_back(file);
    return found->second;
}

table::DataFile TableEntry::FileNumbered(int64_t number) {
    const std::lock_guard lock(mutex_);
    Check(number >= 0 && static_cast<size_t>(number) < numbered_.size(),
          "a row id names a file of the scan");
    return numbered_[static_cast<size_t>(number)];
}

duckdb::unique_ptr<duckdb::BaseStatistics> TableEntry::StatisticsOf(size_t column) {
    std::call_once(bounds_once_, [this] { bounds_ = GatherBounds(*snapshot_); });
    if (column >= bounds_.size()) return nullptr;
    return ToStatistics(bounds_[column], metadata().schema.fields[column].type);
}

duckdb::unique_ptr<duckdb::BaseStatistics> TableEntry::GetStatistics(duckdb::ClientContext&,
                                                                     duckdb::column_t column) {
    return Guarded([&] { return StatisticsOf(column); });
}

duckdb::TableFunction TableEntry::GetScanFunction(
    duckdb::ClientContext& client, duckdb::unique_ptr<duckdb::FunctionData>& bind_data) {
    return Guarded([&] { return BindScan(client, shared_from_this(), bind_data); });
}

// The version was chosen when the entry was looked up; what is bound here is that entry.
duckdb::TableFunction TableEntry::GetScanFunction(
    duckdb::ClientContext& client, duckdb::unique_ptr<duckdb::FunctionData>& bind_data,
    const duckdb::EntryLookupInfo&) {
    return GetScanFunction(client, bind_data);
}

duckdb::TableStorageInfo TableEntry::GetStorageInfo(duckdb::ClientContext&) {
    duckdb::TableStorageInfo info;
    if (const auto rows = snapshot_->EstimatedRows()) info.cardinality = *rows;
    return info;
}

duckdb::virtual_column_map_t TableEntry::GetVirtualColumns() const {
    return ScanVirtualColumns(*snapshot_);
}

duckdb::vector<duckdb::column_t> TableEntry::GetRowIdColumns() const {
    if (!snapshot_->Rules().row_tracking) return {duckdb::COLUMN_IDENTIFIER_ROW_ID};
    // Rows that are updated take their identity along.
    return {duckdb::COLUMN_IDENTIFIER_ROW_ID,
            static_cast<duckdb::column_t>(MetadataPart::kMaterializedRowId)};
}

namespace {

// The place of the column in the scan, added when it is not there yet: DuckDB's own
// LogicalUpdate::BindExtraColumns adds a column once more when WHERE names it already, and the
// Parquet reader reads a column that is listed twice wrongly.
duckdb::idx_t PlaceInScan(duckdb::LogicalGet& get, duckdb::PhysicalIndex column) {
    const auto& ids = get.GetColumnIds();
    duckdb::idx_t position = 0;
    while (position < ids.size() && ids[position].GetPrimaryIndex() != column.index) position++;
    if (position == ids.size()) get.AddColumnId(column.index);
    return position;
}

duckdb::unique_ptr<duckdb::Expression> Project(duckdb::LogicalProjection& projection,
                                               duckdb::unique_ptr<duckdb::Expression> value) {
    auto reference = duckdb::make_uniq<duckdb::BoundColumnRefExpression>(
        value->return_type,
        duckdb::ColumnBinding(projection.table_index, projection.expressions.size()));
    projection.expressions.push_back(std::move(value));
    return reference;
}

void RefuseNewIdentity(const TableEntry& entry, const duckdb::LogicalUpdate& update) {
    for (const auto& column : update.columns) {
        const table::Field& field = entry.metadata().schema.fields[column.index];
        if (!field.rules.identity) continue;
        throw Error(ErrorKind::kUnsupported,
                    "{}: the identity column {} is not updated; leave it out of SET",
                    entry.row().name.ToString(), field.name);
    }
}

bool HasGenerated(const table::Schema& schema) {
    return std::any_of(schema.fields.begin(), schema.fields.end(), [](const table::Field& field) {
        return field.rules.generated_as.has_value();
    });
}

// Of a MERGE's subqueries no plan was made yet, and what none was made for is not copied.
duckdb::unique_ptr<duckdb::Expression> CopyOf(const duckdb::Expression& given,
                                              const TableEntry& table, size_t column) {
    if (!given.HasSubquery()) return given.Copy();
    throw Error(ErrorKind::kUnsupported,
                "{}: SET {} is a subquery, and the table has generated columns: give its value as "
                "a column of the source",
                table.row().name.ToString(), table.metadata().schema.fields[column].name);
}

}  // namespace

// An UPDATE writes whole new rows, so that every column is projected: with the value that SET gives
// it, computed when it is generated and SET gives none, or as it was.
void TableEntry::BindUpdateConstraints(duckdb::Binder&, duckdb::LogicalGet& get,
                                       duckdb::LogicalProjection& projection,
                                       duckdb::LogicalUpdate& update,
                                       duckdb::ClientContext& client) {
    Guarded([&] {
        RefuseNewIdentity(*this, update);
        update.update_is_del_and_insert = true;
        RowExpressions row(columns.PhysicalColumnCount());
        std::vector<bool> is_set(row.size());
        const bool has_generated = HasGenerated(metadata().schema);
        std::vector<size_t> computed;  // of update.columns: SET generated = DEFAULT
        for (size_t i = 0; i < update.columns.size(); i++) {
            const auto column = update.columns[i].index;
            auto& value = update.expressions[i];
            is_set[column] = true;
            const bool is_default =
                value->GetExpressionType() == duckdb::ExpressionType::VALUE_DEFAULT;
            if (is_default && metadata().schema.fields[column].rules.generated_as) {
                computed.push_back(i);
                continue;
            }
            if (is_default) value = Project(projection, update.bound_defaults[column]->Copy());
            const auto& binding = value->Cast<duckdb::BoundColumnRefExpression>().binding;
            auto& given = projection.expressions[binding.column_index];
            // Before generated columns are computed from it.
            if (!given->return_type.IsNested()) {
                GuardStoreCast(client, row_.name.ToString(), metadata().schema.fields[column].name,
                               given);
            }
            if (has_generated) row[column] = CopyOf(*given, *this, column);
        }
        for (const auto& column : columns.Physical()) {
            const auto physical = column.Physical();
            const bool is_generated =
                metadata().schema.fields[physical.index].rules.generated_as.has_value();
            if (is_set[physical.index] || is_generated) continue;
            row[physical.index] = duckdb::make_uniq<duckdb::BoundColumnRefExpression>(
                column.Type(), duckdb::ColumnBinding(get.table_index, PlaceInScan(get, physical)));
        }
        if (has_generated) ComputeGenerated(client, *this, row);
        for (size_t i : computed)
            update.expressions[i] = Project(projection, std::move(row[update.columns[i].index]));
        for (size_t i = 0; i < row.size(); i++) {
            if (is_set[i]) continue;
            update.columns.emplace_back(i);
            update.expressions.push_back(Project(projection, std::move(row[i])));
        }
    });
}

}  // namespace tarn::engine::duck
