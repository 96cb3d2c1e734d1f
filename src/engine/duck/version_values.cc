#include "engine/duck/version_values.h"

#include "base/error.h"

namespace tarn::engine::duck {
namespace {

constexpr int64_t kMicrosPerMs = 1000;

int64_t FloorDivide(int64_t number, int64_t by) { return number / by - (number % by < 0 ? 1 : 0); }

}  // namespace

table::Version VersionIn(const duckdb::Value& value) {
    const bool is_text = value.type().id() == duckdb::LogicalTypeId::VARCHAR;
    duckdb::Value number = value;
    if (value.IsNull() || (!is_text && !value.type().IsIntegral()) ||
        !number.DefaultTryCastAs(duckdb::LogicalType::BIGINT, true)) {
        throw Error(ErrorKind::kInvalidInput, "expected the number of a version, found {}",
                    value.ToString());
    }
    return {number.GetValue<int64_t>()};
}

table::AtTime TimeIn(duckdb::ClientContext& client, const duckdb::Value& value) {
    // The cast gives NULL for a text that is no time.
    const auto instant = value.CastAs(client, duckdb::LogicalType::TIMESTAMP_TZ);
    if (instant.IsNull())
        throw Error(ErrorKind::kInvalidInput, "expected a time, found {}", value.ToString());
    return {FloorDivide(instant.GetValue<duckdb::timestamp_tz_t>().value, kMicrosPerMs)};
}

}  // namespace tarn::engine::duck
