#include "engine/duck/variant_reader.h"

#include <optional>

#include "base/error.h"
#include "duckdb/common/types/uuid.hpp"
#include "duckdb/common/types/variant.hpp"
#include "duckdb/common/types/variant_value.hpp"
#include "format/variant.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;
using duckdb::VariantValue;
using duckdb::Vector;
using format::Variant;
using Keys = std::vector<std::string_view>;

constexpr int64_t kNanosPerMicro = 1000;

duckdb::hugeint_t ToHuge(__int128 number) {
    duckdb::hugeint_t huge;
    huge.lower = static_cast<uint64_t>(number);
    huge.upper = static_cast<int64_t>(number >> 64);
    return huge;
}

bool HasDigits(__int128 number, int digits) {
    __int128 limit = 1;
    for (int i = 0; i < digits; i++) limit *= 10;
    return number < limit && number > -limit;
}

// The width decides how DuckDB stores a decimal; some writers use more digits than their bytes
// promise.
Value DecimalOf(const Variant& variant) {
    const auto fits = [&](int width) {
        return variant.scale <= width && HasDigits(variant.number, width);
    };
    if (fits(9)) return Value::DECIMAL(static_cast<int32_t>(variant.number), 9, variant.scale);
    if (fits(18)) return Value::DECIMAL(static_cast<int64_t>(variant.number), 18, variant.scale);
    if (fits(38)) return Value::DECIMAL(ToHuge(variant.number), 38, variant.scale);
    throw Error(ErrorKind::kCorrupt, "a decimal of a variant has more than 38 digits");
}

Value IntegerOf(const Variant& variant) {
    const auto number = static_cast<int64_t>(variant.number);
    switch (variant.size_bytes) {
        case 1:
            return Value::TINYINT(static_cast<int8_t>(number));
        case 2:
            return Value::SMALLINT(static_cast<int16_t>(number));
        case 4:
            return Value::INTEGER(static_cast<int32_t>(number));
        default:
            return Value::BIGINT(number);
    }
}

int64_t MicrosOfNanos(int64_t nanos) {
    return nanos / kNanosPerMicro - (nanos % kNanosPerMicro < 0 ? 1 : 0);
}

Value ScalarOf(const Variant& variant) {
    const auto number = static_cast<int64_t>(variant.number);
    const auto* bytes = reinterpret_cast<duckdb::const_data_ptr_t>(variant.bytes.data());
    switch (variant.kind) {
        case Variant::Kind::kBoolean:
            return Value::BOOLEAN(number != 0);
        case Variant::Kind::kInteger:
            return IntegerOf(variant);
        case Variant::Kind::kDecimal:
            return DecimalOf(variant);
        case Variant::Kind::kFloat:
            return Value::FLOAT(static_cast<float>(variant.real));
        case Variant::Kind::kDouble:
            return Value::DOUBLE(variant.real);
        case Variant::Kind::kDate:
            return Value::DATE(duckdb::date_t(static_cast<int32_t>(number)));
        case Variant::Kind::kTime:
            return Value::TIME(duckdb::dtime_t(number));
        case Variant::Kind::kTimestamp:
            return Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(number));
        case Variant::Kind::kTimestampNtz:
            return Value::TIMESTAMP(duckdb::timestamp_t(number));
        case Variant::Kind::kTimestampNanos:  // DuckDB has no instants finer than microseconds
            return Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(MicrosOfNanos(number)));
        case Variant::Kind::kTimestampNtzNanos: {
            duckdb::timestamp_ns_t nanos;
            nanos.value = number;
            return Value::TIMESTAMPNS(nanos);
        }
        case Variant::Kind::kBinary:
            return Value::BLOB(bytes, variant.bytes.size());
        case Variant::Kind::kText:
            return Value(std::string(variant.bytes));
        case Variant::Kind::kUuid:
            return Value::UUID(duckdb::BaseUUID::FromBlob(bytes));
        default:
            return Value();
    }
}

VariantValue ToDuck(const Variant& variant) {
    if (variant.kind == Variant::Kind::kArray) {
        VariantValue array(duckdb::VariantValueType::ARRAY);
        for (const Variant& item : variant.items) array.AddItem(ToDuck(item));
        return array;
    }
    if (variant.kind == Variant::Kind::kObject) {
        VariantValue object(duckdb::VariantValueType::OBJECT);
        for (size_t i = 0; i < variant.items.size(); i++)
            object.AddChild(std::string(variant.keys[i]), ToDuck(variant.items[i]));
        return object;
    }
    return VariantValue(ScalarOf(variant));
}

std::string_view ViewOf(const duckdb::string_t& text) { return {text.GetData(), text.GetSize()}; }

// One level of a stored variant: its bytes, or its value taken apart (Parquet, "Variant
// Shredding").
class StoredVariant {
public:
    // A flat struct; its parts are found by name.
    explicit StoredVariant(Vector& group) {
        const auto& types = duckdb::StructType::GetChildTypes(group.GetType());
        auto& parts = duckdb::StructVector::GetEntries(group);
        for (size_t i = 0; i < types.size(); i++) {
            if (types[i].first == "value") value_ = parts[i].get();
            if (types[i].first == "typed_value") typed_ = parts[i].get();
        }
        if (typed_ == nullptr) return;
        if (typed_->GetType().id() == LogicalTypeId::STRUCT) {
            const auto& fields = duckdb::StructType::GetChildTypes(typed_->GetType());
            auto& entries = duckdb::StructVector::GetEntries(*typed_);
            for (size_t i = 0; i < fields.size(); i++) {
                names_.push_back(fields[i].first);
                parts_.emplace_back(*entries[i]);
            }
        } else if (typed_->GetType().id() == LogicalTypeId::LIST) {
            parts_.emplace_back(duckdb::ListVector::GetEntry(*typed_));
        }
    }

    // Nothing where it is missing.
    std::optional<VariantValue> At(size_t row, const Keys& keys) const {
        const bool has_bytes =
            value_ != nullptr && duckdb::FlatVector::Validity(*value_).RowIsValid(row);
        const bool has_typed =
            typed_ != nullptr && duckdb::FlatVector::Validity(*typed_).RowIsValid(row);
        if (!has_typed) {
            if (!has_bytes) return std::nullopt;
            return ToDuck(ParsedAt(row, keys));
        }
        switch (typed_->GetType().id()) {
            case LogicalTypeId::STRUCT:
                return ObjectAt(row, has_bytes, keys);
            case LogicalTypeId::LIST:
                if (has_bytes) Conflict();
                return ArrayAt(row, keys);
            default:
                if (has_bytes) Conflict();
                return VariantValue(typed_->GetValue(row));
        }
    }

private:
    [[noreturn]] static void Conflict() {
        throw Error(ErrorKind::kCorrupt, "a variant is stored twice, in bytes and shredded");
    }

    Variant ParsedAt(size_t row, const Keys& keys) const {
        return format::ParseVariant(
            ViewOf(duckdb::FlatVector::GetData<duckdb::string_t>(*value_)[row]), keys);
    }

    // What is not shredded stands beside it in bytes.
    VariantValue ObjectAt(size_t row, bool has_bytes, const Keys& keys) const {
        VariantValue object(duckdb::VariantValueType::OBJECT);
        for (size_t i = 0; i < parts_.size(); i++) {
            if (auto item = parts_[i].At(row, keys)) object.AddChild(names_[i], std::move(*item));
        }
        if (!has_bytes) return object;
        const Variant rest = ParsedAt(row, keys);
        if (rest.kind != Variant::Kind::kObject) Conflict();
        for (size_t i = 0; i < rest.items.size(); i++) {
            if (std::find(names_.begin(), names_.end(), rest.keys[i]) != names_.end()) Conflict();
            object.AddChild(std::string(rest.keys[i]), ToDuck(rest.items[i]));
        }
        return object;
    }

    VariantValue ArrayAt(size_t row, const Keys& keys) const {
        VariantValue array(duckdb::VariantValueType::ARRAY);
        const auto entry = duckdb::FlatVector::GetData<duckdb::list_entry_t>(*typed_)[row];
        for (size_t i = 0; i < entry.length; i++) {
            auto item = parts_[0].At(entry.offset + i, keys);
            array.AddItem(item ? std::move(*item) : VariantValue::NullValue());
        }
        return array;
    }

    Vector* value_ = nullptr;
    Vector* typed_ = nullptr;
    std::vector<std::string> names_;    // of an object's parts
    std::vector<StoredVariant> parts_;  // of an object; the one of an array
};

// DuckDB makes vectors of variants of which none is the variant null at the top: a boolean, which
// has no bytes either, holds its place.
void Store(std::vector<std::optional<VariantValue>> variants, Vector& result) {
    duckdb::vector<VariantValue> values;
    std::vector<size_t> nulls;
    for (size_t row = 0; row < variants.size(); row++) {
        if (!variants[row]) {
            values.emplace_back();
        } else if (variants[row]->IsNull()) {
            nulls.push_back(row);
            values.emplace_back(Value::BOOLEAN(true));
        } else {
            values.push_back(std::move(*variants[row]));
        }
    }
    VariantValue::ToVARIANT(values, result);
    const auto* entries =
        duckdb::FlatVector::GetData<duckdb::list_entry_t>(duckdb::VariantVector::GetValues(result));
    auto* types =
        duckdb::FlatVector::GetData<uint8_t>(duckdb::VariantVector::GetValuesTypeId(result));
    for (const size_t row : nulls)
        types[entries[row].offset] = static_cast<uint8_t>(duckdb::VariantLogicalType::VARIANT_NULL);
    result.Flatten(variants.size());
}

}  // namespace

void DecodeVariants(Vector& group, Vector& result, size_t count) {
    const auto& types = duckdb::StructType::GetChildTypes(group.GetType());
    size_t metadata_at = 0;
    while (types.at(metadata_at).first != "metadata") metadata_at++;
    const Vector& metadata = *duckdb::StructVector::GetEntries(group)[metadata_at];
    const auto* texts = duckdb::FlatVector::GetData<duckdb::string_t>(metadata);
    const StoredVariant stored(group);
    std::string_view last_metadata;
    Keys keys;
    std::vector<std::optional<VariantValue>> variants(count);
    for (size_t row = 0; row < count; row++) {
        if (!duckdb::FlatVector::Validity(group).RowIsValid(row) ||
            !duckdb::FlatVector::Validity(metadata).RowIsValid(row))
            continue;
        const std::string_view text = ViewOf(texts[row]);
        if (last_metadata.empty() || text != last_metadata) keys = format::ParseVariantKeys(text);
        last_metadata = text;
        auto variant = stored.At(row, keys);
        variants[row] = variant ? std::move(*variant) : VariantValue::NullValue();
    }
    Store(std::move(variants), result);
}

}  // namespace tarn::engine::duck
