#include "engine/duck/row_identity.h"

namespace tarn::engine::duck {
namespace {

table::Field HiddenColumn(const std::string& name) {
    table::Field field;
    field.name = name;
    field.physical_name = name;
    field.type = table::Type(table::TypeKind::kLong);
    return field;
}

// `own` gives what a row has that its file says nothing of.
template <typename Own>
void Fill(duckdb::Vector& row_ids, duckdb::Vector& in_file, duckdb::idx_t count,
          duckdb::Vector& filled, Own&& own) {
    duckdb::UnifiedVectorFormat ids;
    duckdb::UnifiedVectorFormat given;
    row_ids.ToUnifiedFormat(count, ids);
    in_file.ToUnifiedFormat(count, given);
    filled.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    auto* values = duckdb::FlatVector::GetData<int64_t>(filled);
    auto& validity = duckdb::FlatVector::Validity(filled);
    for (duckdb::idx_t i = 0; i < count; i++) {
        const auto place = given.sel->get_index(i);
        std::optional<int64_t> value;
        if (given.validity.RowIsValid(place)) {
            value = duckdb::UnifiedVectorFormat::GetData<int64_t>(given)[place];
        } else {
            value = own(duckdb::UnifiedVectorFormat::GetData<int64_t>(ids)[ids.sel->get_index(i)]);
        }
        validity.Set(i, value.has_value());
        values[i] = value.value_or(0);
    }
}

}  // namespace

std::shared_ptr<const WriteTarget> MovedRowsTarget(const TableEntry& entry) {
    return MovedRowsTarget(entry, entry.metadata());
}

std::shared_ptr<const WriteTarget> MovedRowsTarget(const TableEntry& entry,
                                                   const table::TableMetadata& written_as) {
    const auto tracking = entry.snapshot()->Rules().row_tracking;
    if (!tracking) {
        return std::make_shared<const WriteTarget>(entry.core(), entry.row().name,
                                                   entry.row().location, written_as);
    }
    table::TableMetadata moved = written_as;
    moved.schema.fields.push_back(HiddenColumn(tracking->row_id_column));
    moved.schema.fields.push_back(HiddenColumn(tracking->commit_version_column));
    return std::make_shared<const WriteTarget>(entry.core(), entry.row().name, entry.row().location,
                                               moved);
}

const table::DataFile& RowIdentity::FileOf(int64_t row_id) {
    const int64_t number = row_id >> kRowBits;
    if (number != number_) {
        file_ = entry_.FileNumbered(number);
        number_ = number;
    }
    return file_;
}

void RowIdentity::FillIds(duckdb::Vector& row_ids, duckdb::Vector& in_file, duckdb::idx_t count,
                          duckdb::Vector& ids) {
    Fill(row_ids, in_file, count, ids, [this](int64_t row_id) -> std::optional<int64_t> {
        const auto& base = FileOf(row_id).base_row_id;
        if (!base) return std::nullopt;
        return *base + (row_id & kRowMask);
    });
}

void RowIdentity::FillVersions(duckdb::Vector& row_ids, duckdb::Vector& in_file,
                               duckdb::idx_t count, duckdb::Vector& versions) {
    Fill(row_ids, in_file, count, versions,
         [this](int64_t row_id) { return FileOf(row_id).default_row_commit_version; });
}

}  // namespace tarn::engine::duck
