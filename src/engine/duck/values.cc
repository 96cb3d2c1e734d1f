#include "engine/duck/values.h"

#include "base/check.h"
#include "base/error.h"
#include "engine/duck/types.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;

duckdb::hugeint_t ToHuge(__int128 number) {
    duckdb::hugeint_t huge;
    huge.lower = static_cast<uint64_t>(number);
    huge.upper = static_cast<int64_t>(number >> 64);
    return huge;
}

__int128 FromHuge(const duckdb::hugeint_t& huge) {
    return (static_cast<__int128>(huge.upper) << 64) | static_cast<__int128>(huge.lower);
}

struct Visitor {
    duckdb::Value operator()(std::monostate) const { return duckdb::Value(LogicalType::SQLNULL); }
    duckdb::Value operator()(bool value) const { return duckdb::Value::BOOLEAN(value); }
    duckdb::Value operator()(int64_t value) const { return duckdb::Value::BIGINT(value); }
    duckdb::Value operator()(double value) const { return duckdb::Value::DOUBLE(value); }
    duckdb::Value operator()(const table::Decimal& value) const {
        return duckdb::Value::DECIMAL(ToHuge(value.unscaled), 38,
                                      static_cast<uint8_t>(value.scale));
    }
    duckdb::Value operator()(const std::string& value) const { return duckdb::Value(value); }
    duckdb::Value operator()(const table::Binary& value) const {
        return duckdb::Value::BLOB_RAW(value.bytes);
    }
    duckdb::Value operator()(const table::Date& value) const {
        return duckdb::Value::DATE(duckdb::date_t(value.days));
    }
    duckdb::Value operator()(const table::Timestamp& value) const {
        return duckdb::Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(value.micros));
    }
};

}  // namespace

duckdb::Value ToDuck(const table::Value& value) { return std::visit(Visitor{}, value); }

duckdb::Value ToDuck(const table::Value& value, const table::Type& type) {
    const LogicalType logical = ToLogicalType(type);
    if (table::IsNull(value)) return duckdb::Value(logical);
    if (const auto* timestamp = std::get_if<table::Timestamp>(&value)) {
        const duckdb::timestamp_t micros(timestamp->micros);
        return type.kind() == table::TypeKind::kTimestamp
                   ? duckdb::Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(micros.value))
                   : duckdb::Value::TIMESTAMP(micros);
    }
    return ToDuck(value).DefaultCastAs(logical);
}

table::Value FromDuck(const duckdb::Value& value, const table::Type& type) {
    if (value.IsNull()) return {};
    switch (type.kind()) {
        case table::TypeKind::kBoolean:
            return duckdb::BooleanValue::Get(value);
        case table::TypeKind::kByte:
        case table::TypeKind::kShort:
        case table::TypeKind::kInt:
        case table::TypeKind::kLong:
            return value.GetValue<int64_t>();
        case table::TypeKind::kFloat:
        case table::TypeKind::kDouble:
            return value.GetValue<double>();
        case table::TypeKind::kDecimal: {
            const auto wide =
                value.DefaultCastAs(LogicalType::DECIMAL(38, static_cast<uint8_t>(type.scale())));
            return table::Decimal{FromHuge(wide.GetValueUnsafe<duckdb::hugeint_t>()), type.scale()};
        }
        case table::TypeKind::kString:
            return duckdb::StringValue::Get(value);
        case table::TypeKind::kBinary:
            return table::Binary{duckdb::StringValue::Get(value)};
        case table::TypeKind::kDate:
            return table::Date{duckdb::DateValue::Get(value).days};
        case table::TypeKind::kTimestamp:
            return table::Timestamp{value.GetValueUnsafe<duckdb::timestamp_tz_t>().value};
        case table::TypeKind::kTimestampNtz:
            return table::Timestamp{value.GetValueUnsafe<duckdb::timestamp_t>().value};
        default:
            break;
    }
    throw Error(ErrorKind::kInternal, "a value of type {} is not a scalar", type.ToString());
}

}  // namespace tarn::engine::duck
