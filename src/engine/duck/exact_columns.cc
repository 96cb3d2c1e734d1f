#include "engine/duck/exact_columns.h"

#include "engine/duck/scan_statistics.h"
#include "table/data_file_facts.h"

namespace tarn::engine::duck {
namespace {

using table::TypeKind;

// Beyond these digits a decimal may have passed through a floating-point number.
constexpr int kExactDigits = 15;

// Writers cut texts and times and leave NaN out; whole numbers, decimals and dates they give as
// they are.
bool HasExactStatistics(const table::Type& type) {
    switch (type.kind()) {
        case TypeKind::kByte:
        case TypeKind::kShort:
        case TypeKind::kInt:
        case TypeKind::kLong:
        case TypeKind::kDate:
            return true;
        case TypeKind::kDecimal:
            return type.precision() <= kExactDigits;
        default:
            return false;
    }
}

bool HasNaN(const table::Type& type) {
    return type.kind() == TypeKind::kFloat || type.kind() == TypeKind::kDouble;
}

void Widen(ExactColumn& column, const table::Value& low, const table::Value& high) {
    if (table::IsNull(column.min) || table::Compare(low, column.min) == std::strong_ordering::less)
        column.min = low;
    if (table::IsNull(column.max) ||
        table::Compare(high, column.max) == std::strong_ordering::greater)
        column.max = high;
}

void AddPartitionValue(ExactColumn& column, const table::Type& type, const table::Value& value,
                       uint64_t rows) {
    if (table::IsNull(value)) return;
    if (column.non_null) *column.non_null += rows;
    column.has_bounds = column.has_bounds && !HasNaN(type);
    Widen(column, value, value);
}

// Statistics of a file speak of its physical rows: of all rows that are left only where a vector
// deletes none, or where they say the same of every row.
void AddStatistics(ExactColumn& column, const table::Type& type, const table::DataFile& file,
                   const table::ColumnStatistics* known, uint64_t rows) {
    const bool is_tight = !file.deletion_vector && file.statistics->tight_bounds;
    const auto nulls = known != nullptr ? known->null_count : std::nullopt;
    if (nulls && *nulls == *file.statistics->record_count) return;
    if (!nulls || (*nulls > 0 && !is_tight) || *nulls > rows) {
        column.non_null.reset();
    } else if (column.non_null) {
        *column.non_null += rows - *nulls;
    }
    const bool has_bounds = is_tight && known != nullptr && HasExactStatistics(type) &&
                            !table::IsNull(known->min) && !table::IsNull(known->max);
    if (!has_bounds) {
        column.has_bounds = false;
        return;
    }
    Widen(column, known->min, known->max);
}

}  // namespace

std::optional<ExactColumns> ExactColumns::Gather(const table::Snapshot& snapshot,
                                                 const table::Predicate& predicate,
                                                 const std::vector<size_t>& columns) {
    ExactColumns exact;
    if (columns.empty() && predicate.IsTrue()) {
        const auto live = snapshot.LiveRows();
        if (!live) return std::nullopt;
        exact.rows_ = *live;
        return exact;
    }
    const table::TableMetadata& metadata = snapshot.Metadata();
    table::Schema named;
    for (const size_t column : columns) {
        named.fields.push_back(metadata.schema.fields[column]);
        exact.columns_[column].non_null = 0;
    }
    const auto plan = snapshot.Plan(table::Predicate::And({predicate, NamingAll(named)}));
    for (const table::DataFile& file : plan.files) {
        const auto rows = file.LiveRows();
        if (!rows) return std::nullopt;
        if (*rows == 0) continue;
        exact.rows_ += *rows;
        for (auto& [index, column] : exact.columns_) {
            const table::Field& field = metadata.schema.fields[index];
            const int partition = table::PartitionIndexOf(metadata, field.name);
            if (partition >= 0) {
                AddPartitionValue(column, field.type,
                                  file.partition_values.at(static_cast<size_t>(partition)), *rows);
                continue;
            }
            const std::string& name =
                field.physical_name.empty() ? field.name : field.physical_name;
            AddStatistics(column, field.type, file, table::FindStatistics(file, {name}), *rows);
        }
    }
    return exact;
}

}  // namespace tarn::engine::duck
