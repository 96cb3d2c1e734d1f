#include "engine/duck/variant_writer.h"

#include "base/check.h"
#include "engine/duck/variant_values.h"
#include "format/variant_writer.h"

namespace tarn::engine::duck {
namespace {

using duckdb::FlatVector;
using duckdb::ListVector;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::StringVector;
using duckdb::StructVector;
using duckdb::Vector;
using format::ShreddedType;
using format::Variant;
using Kind = Variant::Kind;
using Keys = std::vector<std::string_view>;

// Columns that hold whole values of a kind.
constexpr std::pair<Kind, LogicalTypeId> kColumns[] = {
    {Kind::kBoolean, LogicalTypeId::BOOLEAN},
    {Kind::kInteger, LogicalTypeId::BIGINT},
    {Kind::kFloat, LogicalTypeId::FLOAT},
    {Kind::kDouble, LogicalTypeId::DOUBLE},
    {Kind::kDate, LogicalTypeId::DATE},
    {Kind::kTimestamp, LogicalTypeId::TIMESTAMP_TZ},
    {Kind::kTimestampNtz, LogicalTypeId::TIMESTAMP},
    {Kind::kBinary, LogicalTypeId::BLOB},
    {Kind::kText, LogicalTypeId::VARCHAR},
    {Kind::kArray, LogicalTypeId::LIST},
    {Kind::kObject, LogicalTypeId::STRUCT},
};

// The widest decimal of so many bytes.
uint8_t DecimalWidth(uint8_t size_bytes) {
    if (size_bytes == 4) return 9;
    return size_bytes == 8 ? 18 : 38;
}

LogicalType TypedValueType(const ShreddedType& shredded);

// A part of a shredded value: shredded itself, and in bytes where it is of another kind.
LogicalType PartType(const ShreddedType& shredded) {
    return LogicalType::STRUCT(
        {{"value", LogicalType::BLOB}, {"typed_value", TypedValueType(shredded)}});
}

LogicalType TypedValueType(const ShreddedType& shredded) {
    if (shredded.kind == Kind::kDecimal)
        return LogicalType::DECIMAL(DecimalWidth(shredded.size_bytes), shredded.scale);
    if (shredded.kind == Kind::kArray) return LogicalType::LIST(PartType(shredded.parts.at(0)));
    if (shredded.kind == Kind::kObject) {
        duckdb::child_list_t<LogicalType> fields;
        for (size_t i = 0; i < shredded.parts.size(); i++)
            fields.emplace_back(shredded.names[i], PartType(shredded.parts[i]));
        return LogicalType::STRUCT(std::move(fields));
    }
    for (const auto& [kind, type] : kColumns) {
        if (kind == shredded.kind) return type;
    }
    Check(false, "a shredded kind has a column");
    return {};
}

// What fits a column; kNull where there is none.
ShreddedType ShreddedIn(const LogicalType& column) {
    ShreddedType shredded;
    if (column.id() == LogicalTypeId::DECIMAL) {
        const uint8_t width = duckdb::DecimalType::GetWidth(column);
        shredded.kind = Kind::kDecimal;
        shredded.size_bytes = width == 9 ? 4 : (width == 18 ? 8 : 16);
        shredded.scale = duckdb::DecimalType::GetScale(column);
        return shredded;
    }
    for (const auto& [kind, type] : kColumns) {
        if (type == column.id()) shredded.kind = kind;
    }
    return shredded;
}

void PutBytes(Vector& column, size_t row, std::string_view bytes) {
    FlatVector::GetData<duckdb::string_t>(column)[row] =
        StringVector::AddStringOrBlob(column, bytes.data(), bytes.size());
}

template <typename T>
void PutNumber(Vector& column, size_t row, T number) {
    FlatVector::GetData<T>(column)[row] = number;
}

void PutScalar(Vector& column, size_t row, const Variant& variant) {
    switch (column.GetType().InternalType()) {
        case duckdb::PhysicalType::BOOL:
            return PutNumber(column, row, variant.number != 0);
        case duckdb::PhysicalType::INT32:
            return PutNumber(column, row, static_cast<int32_t>(variant.number));
        case duckdb::PhysicalType::INT64:
            return PutNumber(column, row, static_cast<int64_t>(variant.number));
        case duckdb::PhysicalType::INT128: {
            duckdb::hugeint_t huge;
            huge.lower = static_cast<uint64_t>(variant.number);
            huge.upper = static_cast<int64_t>(variant.number >> 64);
            return PutNumber(column, row, huge);
        }
        case duckdb::PhysicalType::FLOAT:
            return PutNumber(column, row, static_cast<float>(variant.real));
        case duckdb::PhysicalType::DOUBLE:
            return PutNumber(column, row, variant.real);
        default:
            PutBytes(column, row, variant.bytes);
    }
}

// The vectors of one level of a stored variant: its bytes, and its value taken apart (Parquet,
// "Variant Shredding").
class StoredVariant {
public:
    // A struct whose parts are found by name.
    explicit StoredVariant(Vector& group) {
        const auto& types = duckdb::StructType::GetChildTypes(group.GetType());
        auto& parts = StructVector::GetEntries(group);
        for (size_t i = 0; i < types.size(); i++) {
            if (types[i].first == "value") value_ = parts[i].get();
            if (types[i].first == "typed_value") typed_ = parts[i].get();
        }
        if (typed_ == nullptr) return;
        shredded_ = ShreddedIn(typed_->GetType());
        if (shredded_.kind == Kind::kObject) {
            const auto& fields = duckdb::StructType::GetChildTypes(typed_->GetType());
            auto& entries = StructVector::GetEntries(*typed_);
            for (size_t i = 0; i < fields.size(); i++) {
                names_.push_back(fields[i].first);
                parts_.emplace_back(*entries[i]);
            }
        } else if (shredded_.kind == Kind::kArray) {
            parts_.emplace_back(ListVector::GetEntry(*typed_));
        }
    }

    void Put(size_t row, Variant variant, const Keys& keys) const {
        if (!format::Fits(shredded_, variant)) {
            PutBytes(*value_, row, format::WriteVariant(variant, keys));
            ClearTyped(row);
            return;
        }
        if (shredded_.kind == Kind::kObject) return PutObject(row, std::move(variant), keys);
        FlatVector::SetNull(*value_, row, true);
        if (shredded_.kind == Kind::kArray) return PutArray(row, std::move(variant), keys);
        PutScalar(*typed_, row, variant);
    }

    void PutMissing(size_t row) const {
        FlatVector::SetNull(*value_, row, true);
        ClearTyped(row);
    }

private:
    void ClearTyped(size_t row) const {
        if (typed_ == nullptr) return;
        if (shredded_.kind == Kind::kArray)
            FlatVector::GetData<duckdb::list_entry_t>(*typed_)[row] = {0, 0};
        FlatVector::SetNull(*typed_, row, true);
        if (shredded_.kind != Kind::kObject) return;
        for (const StoredVariant& part : parts_) part.PutMissing(row);
    }

    // What has no column of its own stays in bytes.
    void PutObject(size_t row, Variant object, const Keys& keys) const {
        std::vector<bool> is_put(parts_.size());
        Variant rest;
        rest.kind = Kind::kObject;
        for (size_t i = 0; i < object.items.size(); i++) {
            const auto name = std::lower_bound(names_.begin(), names_.end(), object.keys[i]);
            if (name == names_.end() || *name != object.keys[i]) {
                rest.keys.push_back(object.keys[i]);
                rest.items.push_back(std::move(object.items[i]));
                continue;
            }
            const auto at = static_cast<size_t>(name - names_.begin());
            parts_[at].Put(row, std::move(object.items[i]), keys);
            is_put[at] = true;
        }
        for (size_t i = 0; i < parts_.size(); i++) {
            if (!is_put[i]) parts_[i].PutMissing(row);
        }
        if (rest.items.empty()) return FlatVector::SetNull(*value_, row, true);
        PutBytes(*value_, row, format::WriteVariant(rest, keys));
    }

    void PutArray(size_t row, Variant array, const Keys& keys) const {
        const size_t begin = ListVector::GetListSize(*typed_);
        ListVector::Reserve(*typed_, begin + array.items.size());
        ListVector::SetListSize(*typed_, begin + array.items.size());
        FlatVector::GetData<duckdb::list_entry_t>(*typed_)[row] = {begin, array.items.size()};
        for (size_t i = 0; i < array.items.size(); i++)
            parts_[0].Put(begin + i, std::move(array.items[i]), keys);
    }

    Vector* value_ = nullptr;
    Vector* typed_ = nullptr;
    ShreddedType shredded_;             // without the parts
    std::vector<std::string> names_;    // of an object's parts, sorted
    std::vector<StoredVariant> parts_;  // of an object; the one of an array
};

}  // namespace

LogicalType StoredVariantType(const ShreddedType& shredded) {
    duckdb::child_list_t<LogicalType> parts = {{"metadata", LogicalType::BLOB},
                                               {"value", LogicalType::BLOB}};
    if (shredded.kind != Kind::kNull) parts.emplace_back("typed_value", TypedValueType(shredded));
    return LogicalType::STRUCT(std::move(parts));
}

void EncodeVariants(Vector& variants, Vector& group, size_t count) {
    VariantRows rows(variants, count);
    Vector& metadata = *StructVector::GetEntries(group)[0];
    const StoredVariant stored(group);
    for (size_t row = 0; row < count; row++) {
        auto variant = rows.At(row);
        if (!variant) {
            FlatVector::SetNull(metadata, row, true);
            stored.PutMissing(row);
            FlatVector::SetNull(group, row, true);
            continue;
        }
        const Keys keys = format::KeysOf(*variant);
        PutBytes(metadata, row, format::WriteVariantKeys(keys));
        stored.Put(row, std::move(*variant), keys);
    }
}

}  // namespace tarn::engine::duck
