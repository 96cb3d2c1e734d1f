#include "engine/duck/stored_values.h"

#include "base/error.h"
#include "duckdb/execution/expression_executor_state.hpp"
#include "duckdb/function/scalar_function.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "engine/duck/errors.h"
#include "engine/duck/nested_values.h"
#include "engine/duck/variant_reader.h"

namespace tarn::engine::duck {
namespace {

using duckdb::FlatVector;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Vector;

constexpr int64_t kNanosPerMicro = 1000;
constexpr int64_t kMicrosPerDay = 86'400'000'000;

// Each value of a column without parts.
template <typename From, typename To, typename Function>
void ConvertEach(Vector& stored, Vector& result, size_t count, const Function& convert) {
    const auto& validity = FlatVector::Validity(stored);
    FlatVector::Validity(result).Copy(validity, count);
    const From* from = FlatVector::GetData<From>(stored);
    To* to = FlatVector::GetData<To>(result);
    for (size_t i = 0; i < count; i++) {
        if (validity.RowIsValid(i)) to[i] = convert(from[i]);
    }
}

int64_t MicrosOfNanos(int64_t nanos) {
    return nanos / kNanosPerMicro - (nanos % kNanosPerMicro < 0 ? 1 : 0);
}

void ConvertInstants(Vector& stored, Vector& result, size_t count, const format::HybridZone& zone) {
    bool is_known = true;
    ConvertEach<int64_t, int64_t>(stored, result, count, [&](int64_t micros) {
        const auto moved = format::MicrosOfHybrid(micros, zone);
        is_known = is_known && moved;
        return moved.value_or(0);
    });
    if (is_known) return;
    throw Error(ErrorKind::kUnsupported,
                "an instant before 1900 was written in the Julian calendar and the time zone {}, "
                "whose clocks of that time are not known exactly",
                zone.name);
}

// By what the column is read as.
void ConvertPart(Vector& stored, Vector& result, size_t count, const format::HybridZone& zone) {
    switch (stored.GetType().id()) {
        case LogicalTypeId::STRUCT:
            return DecodeVariants(stored, result, count);
        case LogicalTypeId::TIMESTAMP_NS:
            return ConvertEach<int64_t, int64_t>(stored, result, count, MicrosOfNanos);
        case LogicalTypeId::TIMESTAMP:
            return ConvertInstants(stored, result, count, zone);
        case LogicalTypeId::INTEGER:
            if (result.GetType().id() == LogicalTypeId::DATE)
                return ConvertEach<int32_t, int32_t>(stored, result, count, format::DaysOfHybrid);
            return ConvertEach<int32_t, int64_t>(stored, result, count, [](int32_t days) {
                return format::DaysOfHybrid(days) * kMicrosPerDay;
            });
        default:
            throw Error(ErrorKind::kInternal, "{} is not stored for {}",
                        stored.GetType().ToString(), result.GetType().ToString());
    }
}

struct FromFile final : public duckdb::FunctionData {
    FromFile(std::string file_location, format::HybridZone file_zone)
        : location(std::move(file_location)), zone(std::move(file_zone)) {}
    duckdb::unique_ptr<duckdb::FunctionData> Copy() const override {
        return duckdb::make_uniq<FromFile>(location, zone);
    }
    bool Equals(const duckdb::FunctionData& other) const override {
        return location == other.Cast<FromFile>().location;
    }
    const std::string location;
    const format::HybridZone zone;
};

void Execute(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, Vector& result) {
    const auto& function = state.expr.Cast<duckdb::BoundFunctionExpression>();
    const auto& file = function.bind_info->Cast<FromFile>();
    try {
        FlattenNested(arguments.data[0], arguments.size());
        ConvertNested(arguments.data[0], result, arguments.size(),
                      [&](Vector& stored, Vector& part, size_t count) {
                          ConvertPart(stored, part, count, file.zone);
                      });
    } catch (const Error& error) {
        ThrowIntoDuck(Error(error.kind(), "{}: {}", file.location, error.message()));
    }
}

}  // namespace

duckdb::unique_ptr<duckdb::Expression> ReadStored(duckdb::unique_ptr<duckdb::Expression> stored,
                                                  const LogicalType& wanted,
                                                  const std::string& location,
                                                  const format::HybridZone& zone) {
    duckdb::ScalarFunction function("tarn_read_stored", {stored->return_type}, wanted, Execute);
    function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> operands;
    operands.push_back(std::move(stored));
    return duckdb::make_uniq<duckdb::BoundFunctionExpression>(
        wanted, std::move(function), std::move(operands),
        duckdb::make_uniq<FromFile>(location, zone));
}

}  // namespace tarn::engine::duck
