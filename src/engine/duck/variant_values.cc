#include "engine/duck/variant_values.h"

#include "base/error.h"
#include "duckdb/common/enum_util.hpp"
#include "duckdb/common/serializer/varint.hpp"
#include "duckdb/common/types/date.hpp"
#include "duckdb/common/types/timestamp.hpp"
#include "duckdb/common/types/uuid.hpp"
#include "duckdb/function/scalar/variant_utils.hpp"

namespace tarn::engine::duck {
namespace {

using duckdb::Load;
using duckdb::VariantLogicalType;
using format::Variant;

constexpr int64_t kMicrosPerMilli = 1000;
constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kNanosPerMicro = 1000;
constexpr int kDecimalDigits = 38;

[[noreturn]] void Refuse(std::string_view what) {
    throw Error(ErrorKind::kInvalidInput,
                "a variant holds {}, which readers of Delta tables do not know; cast it to VARCHAR "
                "before it becomes a variant",
                what);
}

template <typename T>
T LoadAs(const char* bytes) {
    return Load<T>(reinterpret_cast<duckdb::const_data_ptr_t>(bytes));
}

Variant OfKind(Variant::Kind kind, __int128 number = 0, uint8_t size_bytes = 0) {
    Variant value;
    value.kind = kind;
    value.number = number;
    value.size_bytes = size_bytes;
    return value;
}

// In the fewest bytes.
Variant Smallest(__int128 number) {
    const auto fits = [&](int bits) {
        const __int128 limit = static_cast<__int128>(1) << (bits - 1);
        return number >= -limit && number < limit;
    };
    for (uint8_t size_bytes = 1; size_bytes <= 8;
         size_bytes = static_cast<uint8_t>(2 * size_bytes)) {
        if (fits(8 * size_bytes)) return OfKind(Variant::Kind::kInteger, number, size_bytes);
    }
    __int128 limit = 1;
    for (int i = 0; i < kDecimalDigits; i++) limit *= 10;
    if (number <= -limit || number >= limit) Refuse("a whole number of more than 38 digits");
    return OfKind(Variant::Kind::kDecimal, number, 16);
}

__int128 FromHuge(const duckdb::hugeint_t& huge) {
    return static_cast<__int128>(huge.upper) << 64 | static_cast<__int128>(huge.lower);
}

Variant Instant(Variant::Kind kind, int64_t count, int64_t micros_of_one) {
    int64_t micros = 0;
    if (!duckdb::Timestamp::IsFinite(duckdb::timestamp_t(count)) ||
        __builtin_mul_overflow(count, micros_of_one, &micros))
        Refuse("a timestamp without end");
    return OfKind(kind, micros, 8);
}

Variant DecimalOf(const duckdb::VariantDecimalData& decimal) {
    const auto* bytes = reinterpret_cast<const char*>(decimal.value_ptr);
    Variant value = OfKind(Variant::Kind::kDecimal);
    value.scale = static_cast<uint8_t>(decimal.scale);
    value.size_bytes = decimal.width <= 9 ? 4 : (decimal.width <= 18 ? 8 : 16);
    switch (decimal.GetPhysicalType()) {
        case duckdb::PhysicalType::INT16:
            value.number = LoadAs<int16_t>(bytes);
            break;
        case duckdb::PhysicalType::INT32:
            value.number = LoadAs<int32_t>(bytes);
            break;
        case duckdb::PhysicalType::INT64:
            value.number = LoadAs<int64_t>(bytes);
            break;
        default:
            value.number = FromHuge(LoadAs<duckdb::hugeint_t>(bytes));
    }
    return value;
}

}  // namespace

VariantRows::VariantRows(duckdb::Vector& variants, size_t count)
    : format_([&] {
          duckdb::RecursiveUnifiedVectorFormat format;
          duckdb::Vector::RecursiveToUnifiedFormat(variants, count, format);
          return format;
      }()),
      data_(format_) {}

std::optional<Variant> VariantRows::At(size_t row) {
    if (!data_.RowIsValid(row)) return std::nullopt;
    return Read(row, 0, 0);
}

// The signed ones keep their width, the others get what their value needs.
Variant VariantRows::Whole(VariantLogicalType type, const char* bytes) {
    const auto signed_of = [](int64_t number, uint8_t size_bytes) {
        return OfKind(Variant::Kind::kInteger, number, size_bytes);
    };
    switch (type) {
        case VariantLogicalType::INT8:
            return signed_of(LoadAs<int8_t>(bytes), 1);
        case VariantLogicalType::INT16:
            return signed_of(LoadAs<int16_t>(bytes), 2);
        case VariantLogicalType::INT32:
            return signed_of(LoadAs<int32_t>(bytes), 4);
        case VariantLogicalType::INT64:
            return signed_of(LoadAs<int64_t>(bytes), 8);
        case VariantLogicalType::INT128:
            return Smallest(FromHuge(LoadAs<duckdb::hugeint_t>(bytes)));
        case VariantLogicalType::UINT8:
            return Smallest(LoadAs<uint8_t>(bytes));
        case VariantLogicalType::UINT16:
            return Smallest(LoadAs<uint16_t>(bytes));
        case VariantLogicalType::UINT32:
            return Smallest(LoadAs<uint32_t>(bytes));
        case VariantLogicalType::UINT64:
            return Smallest(LoadAs<uint64_t>(bytes));
        default: {
            const auto huge = LoadAs<duckdb::uhugeint_t>(bytes);
            if (huge.upper > INT64_MAX) Refuse("a whole number of more than 38 digits");
            return Smallest(static_cast<__int128>(huge.upper) << 64 |
                            static_cast<__int128>(huge.lower));
        }
    }
}

Variant VariantRows::Nested(size_t row, uint32_t index, bool is_object, int depth) {
    Variant value = OfKind(is_object ? Variant::Kind::kObject : Variant::Kind::kArray);
    const auto nested = duckdb::VariantUtils::DecodeNestedData(data_, row, index);
    value.items.reserve(nested.child_count);
    for (uint32_t i = 0; i < nested.child_count; i++) {
        const uint32_t child = nested.children_idx + i;
        if (is_object) {
            const duckdb::string_t& key = data_.GetKey(row, data_.GetKeysIndex(row, child));
            value.keys.emplace_back(key.GetData(), key.GetSize());
        }
        value.items.push_back(Read(row, data_.GetValuesIndex(row, child), depth + 1));
    }
    return value;
}

Variant VariantRows::Read(size_t row, uint32_t index, int depth) {
    if (depth > format::kMaxVariantDepth) {
        throw Error(ErrorKind::kLimitExceeded, "a variant is nested more than {} deep",
                    format::kMaxVariantDepth);
    }
    const VariantLogicalType type = data_.GetTypeId(row, index);
    const char* bytes = data_.GetData(row).GetData() + data_.GetByteOffset(row, index);
    switch (type) {
        case VariantLogicalType::VARIANT_NULL:
            return {};
        case VariantLogicalType::BOOL_TRUE:
            return OfKind(Variant::Kind::kBoolean, 1);
        case VariantLogicalType::BOOL_FALSE:
            return OfKind(Variant::Kind::kBoolean, 0);
        case VariantLogicalType::INT8:
        case VariantLogicalType::INT16:
        case VariantLogicalType::INT32:
        case VariantLogicalType::INT64:
        case VariantLogicalType::INT128:
        case VariantLogicalType::UINT8:
        case VariantLogicalType::UINT16:
        case VariantLogicalType::UINT32:
        case VariantLogicalType::UINT64:
        case VariantLogicalType::UINT128:
            return Whole(type, bytes);
        case VariantLogicalType::FLOAT:
        case VariantLogicalType::DOUBLE: {
            const bool is_float = type == VariantLogicalType::FLOAT;
            Variant value = OfKind(is_float ? Variant::Kind::kFloat : Variant::Kind::kDouble);
            value.real = is_float ? LoadAs<float>(bytes) : LoadAs<double>(bytes);
            return value;
        }
        case VariantLogicalType::DECIMAL:
            return DecimalOf(duckdb::VariantUtils::DecodeDecimalData(data_, row, index));
        case VariantLogicalType::OBJECT:
        case VariantLogicalType::ARRAY:
            return Nested(row, index, type == VariantLogicalType::OBJECT, depth);
        default:
            return Rest(type, bytes);
    }
}

// What stands in as many bytes as it says, and points of time.
Variant VariantRows::Rest(VariantLogicalType type, const char* bytes) {
    switch (type) {
        case VariantLogicalType::VARCHAR:
        case VariantLogicalType::BLOB: {
            auto at = reinterpret_cast<duckdb::const_data_ptr_t>(bytes);
            const auto size = duckdb::VarintDecode<uint32_t>(at);
            const bool is_text = type == VariantLogicalType::VARCHAR;
            Variant value = OfKind(is_text ? Variant::Kind::kText : Variant::Kind::kBinary);
            value.bytes = {reinterpret_cast<const char*>(at), size};
            return value;
        }
        case VariantLogicalType::UUID: {
            std::string& text = texts_.emplace_back(sizeof(duckdb::hugeint_t), '\0');
            duckdb::BaseUUID::ToBlob(LoadAs<duckdb::hugeint_t>(bytes),
                                     reinterpret_cast<duckdb::data_ptr_t>(text.data()));
            Variant value = OfKind(Variant::Kind::kUuid);
            value.bytes = text;
            return value;
        }
        case VariantLogicalType::DATE: {
            const duckdb::date_t date(LoadAs<int32_t>(bytes));
            if (!duckdb::Date::IsFinite(date)) Refuse("a date without end");
            return OfKind(Variant::Kind::kDate, date.days, 4);
        }
        case VariantLogicalType::TIMESTAMP_MICROS_TZ:
            return Instant(Variant::Kind::kTimestamp, LoadAs<int64_t>(bytes), 1);
        case VariantLogicalType::TIMESTAMP_MICROS:
            return Instant(Variant::Kind::kTimestampNtz, LoadAs<int64_t>(bytes), 1);
        case VariantLogicalType::TIMESTAMP_MILIS:
            return Instant(Variant::Kind::kTimestampNtz, LoadAs<int64_t>(bytes), kMicrosPerMilli);
        case VariantLogicalType::TIMESTAMP_SEC:
            return Instant(Variant::Kind::kTimestampNtz, LoadAs<int64_t>(bytes), kMicrosPerSecond);
        case VariantLogicalType::TIMESTAMP_NANOS: {
            const auto nanos = LoadAs<int64_t>(bytes);
            if (nanos % kNanosPerMicro != 0) Refuse("a timestamp with nanoseconds");
            return Instant(Variant::Kind::kTimestampNtz, nanos / kNanosPerMicro, 1);
        }
        default:
            Refuse("a value of type " + duckdb::EnumUtil::ToString(type));
    }
}

}  // namespace tarn::engine::duck
