#include "engine/duck/nested_values.h"

#include <algorithm>

namespace tarn::engine::duck {
namespace {

using duckdb::FlatVector;
using duckdb::ListVector;
using duckdb::LogicalTypeId;
using duckdb::StructVector;
using duckdb::Vector;

bool IsList(const duckdb::LogicalType& type) {
    return type.id() == LogicalTypeId::LIST || type.id() == LogicalTypeId::MAP;
}

}  // namespace

void FlattenNested(Vector& vector, size_t count) {
    vector.Flatten(count);
    if (vector.GetType().InternalType() == duckdb::PhysicalType::STRUCT) {
        for (auto& child : StructVector::GetEntries(vector)) FlattenNested(*child, count);
    } else if (vector.GetType().InternalType() == duckdb::PhysicalType::LIST) {
        FlattenNested(ListVector::GetEntry(vector), ListVector::GetListSize(vector));
    }
}

void ConvertNested(Vector& from, Vector& to, size_t count, const PartConversion& convert) {
    if (from.GetType() == to.GetType()) {
        to.Reference(from);
        return;
    }
    const bool are_structs =
        from.GetType().id() == LogicalTypeId::STRUCT && to.GetType().id() == LogicalTypeId::STRUCT;
    const bool are_lists = IsList(from.GetType()) && IsList(to.GetType());
    if (!are_structs && !are_lists) return convert(from, to, count);
    FlatVector::Validity(to).Copy(FlatVector::Validity(from), count);
    if (are_structs) {
        auto& parts = StructVector::GetEntries(from);
        auto& made = StructVector::GetEntries(to);
        for (size_t i = 0; i < made.size(); i++) ConvertNested(*parts[i], *made[i], count, convert);
        return;
    }
    const size_t size = ListVector::GetListSize(from);
    const auto* entries = FlatVector::GetData<duckdb::list_entry_t>(from);
    std::copy_n(entries, count, FlatVector::GetData<duckdb::list_entry_t>(to));
    ListVector::Reserve(to, size);
    ConvertNested(ListVector::GetEntry(from), ListVector::GetEntry(to), size, convert);
    ListVector::SetListSize(to, size);
}

}  // namespace tarn::engine::duck
