#include "engine/duck/store_cast.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "duckdb/function/cast/cast_function_set.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"
#include "engine/duck/dialect_setting.h"
#include "engine/duck/errors.h"
#include "engine/duck/row_shape.h"
#include "engine/duck/shown_rows.h"
#include "engine/duck/spark_casts.h"

namespace tarn::engine::duck {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::LogicalTypeId;

enum class Loss { kNone, kPossible, kApproximate };

bool IsInexact(const LogicalType& type) {
    return type.id() == LogicalTypeId::FLOAT || type.id() == LogicalTypeId::DOUBLE;
}

Loss LeafLoss(const LogicalType& from, const LogicalType& to) {
    const bool has_fraction = IsInexact(from) || from.id() == LogicalTypeId::DECIMAL;
    if (IsInexact(to)) {
        if (from.id() == LogicalTypeId::DECIMAL || from.id() == LogicalTypeId::DOUBLE)
            return Loss::kApproximate;
        return from.IsIntegral() ? Loss::kPossible : Loss::kNone;
    }
    switch (to.id()) {
        case LogicalTypeId::BOOLEAN:
            return from.IsNumeric() ? Loss::kPossible : Loss::kNone;
        case LogicalTypeId::DATE:
            return from.id() == LogicalTypeId::TIMESTAMP || from.id() == LogicalTypeId::TIMESTAMP_NS
                       ? Loss::kPossible
                       : Loss::kNone;
        case LogicalTypeId::TIMESTAMP:
            return from.id() == LogicalTypeId::TIMESTAMP_NS ? Loss::kPossible : Loss::kNone;
        case LogicalTypeId::DECIMAL: {
            if (IsInexact(from) || from.id() == LogicalTypeId::VARCHAR) return Loss::kPossible;
            const bool is_cut =
                from.id() == LogicalTypeId::DECIMAL &&
                duckdb::DecimalType::GetScale(from) > duckdb::DecimalType::GetScale(to);
            return is_cut ? Loss::kPossible : Loss::kNone;
        }
        default:
            return to.IsIntegral() && (has_fraction || from.id() == LogicalTypeId::VARCHAR)
                       ? Loss::kPossible
                       : Loss::kNone;
    }
}

Loss LossOf(const LogicalType& from, const LogicalType& to);

// Within a nested value: texts of one number are many, and none is compared there.
Loss InnerLoss(const LogicalType& from, const LogicalType& to) {
    const Loss loss = LossOf(from, to);
    const bool is_text = from.id() == LogicalTypeId::VARCHAR && loss == Loss::kPossible;
    return is_text ? Loss::kApproximate : loss;
}

Loss StructLoss(const LogicalType& from, const LogicalType& to) {
    const auto& given = duckdb::StructType::GetChildTypes(from);
    const auto& own = duckdb::StructType::GetChildTypes(to);
    const bool by_name = IsNamedStruct(from) && IsNamedStruct(to);
    Loss all = Loss::kNone;
    for (size_t i = 0; i < own.size(); i++) {
        for (size_t j = 0; j < given.size(); j++) {
            const bool is_same = by_name ? EqualsIgnoreCase(given[j].first, own[i].first) : i == j;
            if (is_same) all = std::max(all, InnerLoss(given[j].second, own[i].second));
        }
    }
    return all;
}

Loss LossOf(const LogicalType& from, const LogicalType& to) {
    if (from.id() != to.id() || !from.IsNested()) return LeafLoss(from, to);
    switch (from.id()) {
        case LogicalTypeId::LIST:
            return InnerLoss(duckdb::ListType::GetChildType(from),
                             duckdb::ListType::GetChildType(to));
        case LogicalTypeId::MAP:
            return std::max(
                InnerLoss(duckdb::MapType::KeyType(from), duckdb::MapType::KeyType(to)),
                InnerLoss(duckdb::MapType::ValueType(from), duckdb::MapType::ValueType(to)));
        case LogicalTypeId::STRUCT:
            return StructLoss(from, to);
        default:
            return Loss::kNone;
    }
}

// A text is compared with what it became as a number that holds more digits.
LogicalType ComparedAs(const LogicalType& from) {
    constexpr uint8_t kDigits = 38;
    constexpr uint8_t kFraction = 18;
    return from.id() == LogicalTypeId::VARCHAR ? LogicalType::DECIMAL(kDigits, kFraction) : from;
}

struct StoreCastData final : public duckdb::BoundCastData {
    StoreCastData(std::string given_table, std::string given_column, LogicalType given_from,
                  LogicalType given_to, duckdb::BoundCastInfo given_cast)
        : table(std::move(given_table)),
          column(std::move(given_column)),
          from(std::move(given_from)),
          to(std::move(given_to)),
          cast(std::move(given_cast)) {}

    duckdb::unique_ptr<BoundCastData> Copy() const override {
        auto copy = duckdb::make_uniq<StoreCastData>(table, column, from, to, cast.Copy());
        copy->must_keep = must_keep;
        return copy;
    }

    Error Refusal(ErrorKind kind, const std::string& why) const {
        return Error(kind, "{}: column {} of type {} {}", table, column, to.ToString(), why)
            .With("table", table)
            .With("column", column)
            .With("type", to.ToString());
    }

    const std::string table;
    const std::string column;
    const LogicalType from;
    const LogicalType to;
    const duckdb::BoundCastInfo cast;
    bool must_keep = false;  // every value, or the statement fails
};

// The values that became others are named.
void CheckKept(const StoreCastData& data, duckdb::Vector& given, duckdb::Vector& cast, idx_t count,
               duckdb::optional_idx position) {
    const LogicalType type = ComparedAs(data.from);
    duckdb::Vector before(type, std::max<idx_t>(count, STANDARD_VECTOR_SIZE));
    duckdb::Vector after(type, std::max<idx_t>(count, STANDARD_VECTOR_SIZE));
    std::string ignored;
    const bool is_text = data.from.id() == LogicalTypeId::VARCHAR;
    // What does not fit is none of these: it was cast already.
    if (is_text) {
        if (!duckdb::VectorOperations::DefaultTryCast(given, before, count, &ignored)) return;
    } else {
        before.Reference(given);
    }
    duckdb::VectorOperations::DefaultTryCast(cast, after, count, &ignored);
    duckdb::SelectionVector changed(std::max<idx_t>(count, 1));
    const idx_t lost =
        duckdb::VectorOperations::DistinctFrom(before, after, nullptr, count, &changed, nullptr);
    if (lost == 0) return;
    std::vector<std::string> shown;
    for (idx_t i = 0; i < std::min<idx_t>(lost, kShownRows); i++) {
        const auto row = changed.get_index(i);
        shown.push_back(fmt::format("{} (it would become {})", ShownValue(given.GetValue(row)),
                                    ShownValue(cast.GetValue(row))));
    }
    ThrowIntoDuck(
        data.Refusal(
            ErrorKind::kInvalidInput,
            fmt::format("cannot hold {}{}: write CAST(... AS {}) or round(...) where "
                        "another value is meant",
                        Join(shown, ", "), lost > kShownRows ? ", ..." : "", data.to.ToString())),
        position);
}

bool Run(duckdb::Vector& given, duckdb::Vector& result, idx_t count,
         duckdb::CastParameters& parameters) {
    auto& data = parameters.cast_data->Cast<StoreCastData>();
    duckdb::CastParameters inner(parameters, data.cast.cast_data.get(), parameters.local_state);
    bool is_cast = false;
    try {
        is_cast = data.cast.function(given, result, count, inner);
    } catch (const duckdb::ConversionException& exception) {
        const Error error = FromException(exception);
        ThrowIntoDuck(
            data.Refusal(error.kind(),
                         fmt::format("cannot take a value of type {}: {}; give one of its type, or "
                                     "TRY_CAST(... AS {}), which is NULL for such a value",
                                     data.from.ToString(), error.message(), data.to.ToString())),
            parameters.query_location);
    }
    if (data.must_keep) CheckKept(data, given, result, count, parameters.query_location);
    return is_cast;
}

duckdb::unique_ptr<duckdb::FunctionLocalState> MakeLocalState(
    duckdb::CastLocalStateParameters& parameters) {
    const auto& data = parameters.cast_data->Cast<StoreCastData>();
    if (data.cast.init_local_state == nullptr) return nullptr;
    duckdb::CastLocalStateParameters inner(parameters, data.cast.cast_data.get());
    return data.cast.init_local_state(inner);
}

}  // namespace

bool IsStoreCast(const duckdb::Expression& value) {
    if (value.GetExpressionClass() != duckdb::ExpressionClass::BOUND_CAST) return false;
    const auto& cast = value.Cast<duckdb::BoundCastExpression>();
    return !cast.try_cast && cast.GetQueryLocation() == cast.child->GetQueryLocation();
}

bool MayLose(const LogicalType& from, const LogicalType& to) {
    return LossOf(from, to) == Loss::kPossible;
}

void GuardStoreCast(duckdb::ClientContext& client, const std::string& table,
                    const std::string& column, ExpressionPtr& value) {
    if (!IsStoreCast(*value)) return;
    const bool is_spark = DialectOf(client) == sql::Dialect::kSpark;
    const LogicalType to = value->return_type;
    const LogicalType from = value->Cast<duckdb::BoundCastExpression>().child->return_type;
    if (is_spark && !to.IsNested()) {
        const auto place = value->GetQueryLocation();
        value = SparkCast(client, std::move(value->Cast<duckdb::BoundCastExpression>().child), to,
                          false);
        value->SetQueryLocation(place);
        if (value->GetExpressionClass() != duckdb::ExpressionClass::BOUND_CAST) return;
    }
    auto& cast = value->Cast<duckdb::BoundCastExpression>();
    if (dynamic_cast<StoreCastData*>(cast.bound_cast.cast_data.get()) != nullptr) return;
    auto data = duckdb::make_uniq<StoreCastData>(table, column, cast.child->return_type, to,
                                                 std::move(cast.bound_cast));
    data->must_keep = !is_spark && MayLose(from, to);
    cast.bound_cast = duckdb::BoundCastInfo(Run, std::move(data), MakeLocalState);
}

}  // namespace tarn::engine::duck
