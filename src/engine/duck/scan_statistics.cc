#include "engine/duck/scan_statistics.h"

#include "duckdb/storage/statistics/numeric_stats.hpp"
#include "engine/duck/types.h"
#include "engine/duck/values.h"
#include "table/data_file_facts.h"

namespace tarn::engine::duck {
namespace {

constexpr uint64_t kMaxFiles = 2'000;

bool HasExactBounds(const table::Type& type) {
    switch (type.kind()) {
        case table::TypeKind::kByte:
        case table::TypeKind::kShort:
        case table::TypeKind::kInt:
        case table::TypeKind::kLong:
        case table::TypeKind::kDecimal:
        case table::TypeKind::kDate:
            return true;
        default:
            return false;
    }
}

// One column's bounds, as file after file is added.
class Gathered {
public:
    void AddConstant(const table::Value& value) {
        has_null_ |= table::IsNull(value);
        if (!table::IsNull(value)) Widen(value, value);
    }
    void AddUnknown() { knows_bounds_ = knows_nulls_ = false; }
    void Add(const table::ColumnStatistics& column, std::optional<uint64_t> rows) {
        if (!column.null_count) knows_nulls_ = false;
        has_null_ |= column.null_count.value_or(1) > 0;
        const bool has_only_null = rows && column.null_count == rows;
        if (has_only_null) return;
        if (table::IsNull(column.min) || table::IsNull(column.max)) {
            knows_bounds_ = false;
        } else {
            Widen(column.min, column.max);
        }
    }
    ColumnBounds Take(const table::Type& type) && {
        ColumnBounds bounds;
        bounds.has_no_null = knows_nulls_ && !has_null_;
        if (!knows_bounds_ || !HasExactBounds(type)) return bounds;
        bounds.min = std::move(min_);
        bounds.max = std::move(max_);
        return bounds;
    }

private:
    void Widen(const table::Value& low, const table::Value& high) {
        if (table::IsNull(min_) || table::Compare(low, min_) == std::strong_ordering::less)
            min_ = low;
        if (table::IsNull(max_) || table::Compare(high, max_) == std::strong_ordering::greater)
            max_ = high;
    }

    table::Value min_;
    table::Value max_;
    bool has_null_ = false;
    bool knows_bounds_ = true;
    bool knows_nulls_ = true;
};

}  // namespace

table::Predicate NamingAll(const table::Schema& schema) {
    std::vector<table::Predicate> parts;
    for (const table::Field& field : schema.fields) {
        if (field.type.IsNested()) continue;
        parts.push_back(table::Predicate::Or(
            {table::Predicate::IsNull({field.name}), table::Predicate::IsNotNull({field.name})}));
    }
    return table::Predicate::And(std::move(parts));
}

std::vector<ColumnBounds> GatherBounds(const table::Snapshot& snapshot) {
    if (snapshot.Totals().files > kMaxFiles) return {};
    const table::TableMetadata& metadata = snapshot.Metadata();
    const auto& fields = metadata.schema.fields;
    std::vector<Gathered> gathered(fields.size());
    for (const table::DataFile& file : snapshot.Plan(NamingAll(metadata.schema)).files) {
        for (size_t i = 0; i < fields.size(); i++) {
            const int partition = table::PartitionIndexOf(metadata, fields[i].name);
            if (partition >= 0) {
                gathered[i].AddConstant(file.partition_values.at(static_cast<size_t>(partition)));
                continue;
            }
            const std::string& name =
                fields[i].physical_name.empty() ? fields[i].name : fields[i].physical_name;
            const table::ColumnStatistics* found = table::FindStatistics(file, {name});
            found != nullptr ? gathered[i].Add(*found, file.statistics->record_count)
                             : gathered[i].AddUnknown();
        }
    }
    std::vector<ColumnBounds> bounds;
    for (size_t i = 0; i < fields.size(); i++)
        bounds.push_back(std::move(gathered[i]).Take(fields[i].type));
    return bounds;
}

duckdb::unique_ptr<duckdb::BaseStatistics> ToStatistics(const ColumnBounds& bounds,
                                                        const table::Type& type) {
    const bool has_bounds = !table::IsNull(bounds.min) && !table::IsNull(bounds.max);
    if ((!has_bounds && !bounds.has_no_null) || type.IsNested()) return nullptr;
    auto statistics = duckdb::BaseStatistics::CreateUnknown(ToLogicalType(type));
    if (has_bounds) {
        duckdb::NumericStats::SetMin(statistics, ToDuck(bounds.min, type));
        duckdb::NumericStats::SetMax(statistics, ToDuck(bounds.max, type));
    }
    if (bounds.has_no_null) statistics.Set(duckdb::StatsInfo::CANNOT_HAVE_NULL_VALUES);
    return statistics.ToUnique();
}

}  // namespace tarn::engine::duck
