#include "engine/duck/spark_casts.h"

#include <utility>

#include "engine/duck/spark_intervals.h"
#include "engine/duck/spark_text.h"
#include "engine/duck/spark_times.h"
#include "engine/duck/spark_variants.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;

class Casting {
public:
    Casting(duckdb::ClientContext& client, const LogicalType& type, bool tries)
        : client_(client), make_(client), type_(type), tries_(tries) {}

    ExpressionPtr Of(ExpressionPtr value) const {
        const LogicalTypeId from = value->return_type.id();
        if (type_.id() == LogicalTypeId::VARCHAR) return ToText(std::move(value));
        if (type_.id() == LogicalTypeId::BLOB && from == LogicalTypeId::VARCHAR)
            return make_.Call("encode", std::move(value));
        if (from == LogicalTypeId::INTERVAL && type_.IsNumeric())
            return make_.Cast(CountOfUnits(make_, std::move(value)), type_, tries_);
        if (type_.IsIntegral()) return ToWhole(std::move(value));
        const bool is_time = type_.id() == LogicalTypeId::TIMESTAMP_TZ;
        if (is_time && value->return_type.IsNumeric())
            return make_.Call("to_timestamp", make_.Cast(std::move(value), LogicalType::DOUBLE));
        if (from == LogicalTypeId::TIMESTAMP_TZ &&
            (type_.id() == LogicalTypeId::DOUBLE || type_.id() == LogicalTypeId::FLOAT))
            return make_.Cast(make_.Call("epoch", std::move(value)), type_, tries_);
        if (type_.id() == LogicalTypeId::DECIMAL) value = ToExact(std::move(value));
        if (from == LogicalTypeId::STRUCT && type_.id() == LogicalTypeId::STRUCT)
            return ByPlace(std::move(value));
        if (from == LogicalTypeId::VARCHAR) value = OfText(make_.Call("trim", std::move(value)));
        return make_.Cast(std::move(value), type_, tries_);
    }

private:
    // What a decimal is made of: the digits that a double is shown with, a time's seconds.
    ExpressionPtr ToExact(ExpressionPtr value) const {
        const LogicalTypeId from = value->return_type.id();
        if (from == LogicalTypeId::TIMESTAMP || from == LogicalTypeId::TIMESTAMP_TZ)
            value = make_.Call("epoch", std::move(value));
        if (value->return_type.id() == LogicalTypeId::FLOAT)
            return make_.Call(kSparkText, std::move(value));
        if (value->return_type.id() == LogicalTypeId::DOUBLE)
            return make_.Call(kShortText, std::move(value));
        return value;
    }

    // The fields of a record keep their places, whatever their names.
    ExpressionPtr ByPlace(ExpressionPtr record) const {
        const auto& from = duckdb::StructType::GetChildTypes(record->return_type);
        const auto& to = duckdb::StructType::GetChildTypes(type_);
        if (from.size() != to.size()) return make_.Cast(std::move(record), type_, tries_);
        duckdb::vector<ExpressionPtr> fields;
        for (size_t i = 0; i < from.size(); ++i) {
            const auto place = make_.Constant(Value::BIGINT(static_cast<int64_t>(i) + 1));
            ExpressionPtr field = make_.Call("struct_extract_at", record->Copy(), place->Copy());
            fields.push_back(SparkCast(client_, std::move(field), to[i].second, tries_));
        }
        ExpressionPtr is_null = make_.IsNull(std::move(record));
        return make_.Case(std::move(is_null), make_.Constant(Value(type_)),
                          make_.Cast(make_.CallOf("row", std::move(fields)), type_));
    }

    // A text as the engine's own cast is to read it.
    ExpressionPtr OfText(ExpressionPtr text) const {
        if (type_.id() == LogicalTypeId::DATE) return make_.Call(kSparkDateText, std::move(text));
        if (type_.id() == LogicalTypeId::TIMESTAMP || type_.id() == LogicalTypeId::TIMESTAMP_TZ)
            return make_.Call(kSparkTimeText, std::move(text));
        return text;
    }

    ExpressionPtr ToText(ExpressionPtr value) const {
        switch (value->return_type.id()) {
            case LogicalTypeId::VARCHAR:
                return value;
            case LogicalTypeId::BLOB:
                return make_.Call("decode", std::move(value));
            case LogicalTypeId::VARIANT:
                return make_.Call(kVariantText, std::move(value));
            case LogicalTypeId::TIMESTAMP_TZ:
                return make_.Cast(make_.Cast(std::move(value), LogicalType::TIMESTAMP), type_);
            case LogicalTypeId::DECIMAL:
                return make_.Cast(WithWholeDigit(std::move(value)), type_);
            case LogicalTypeId::FLOAT:
            case LogicalTypeId::DOUBLE:
            case LogicalTypeId::LIST:
            case LogicalTypeId::MAP:
            case LogicalTypeId::STRUCT:
            case LogicalTypeId::INTERVAL:
                return make_.Call(kSparkText, std::move(value));
            default:
                return make_.Cast(std::move(value), type_);
        }
    }

    // The engine writes a decimal that has all digits behind its point without the zero before it.
    ExpressionPtr WithWholeDigit(ExpressionPtr decimal) const {
        const auto width = duckdb::DecimalType::GetWidth(decimal->return_type);
        const auto scale = duckdb::DecimalType::GetScale(decimal->return_type);
        constexpr uint8_t kMostDigits = 38;
        if (width > scale || width == kMostDigits) return decimal;
        return make_.Cast(std::move(decimal), LogicalType::DECIMAL(width + 1, scale));
    }

    // Fractions are cut off; a text is digits with a sign; a time is its seconds since 1970.
    ExpressionPtr ToWhole(ExpressionPtr value) const {
        const LogicalType from = value->return_type;
        if (from.id() == LogicalTypeId::TIMESTAMP_TZ || from.id() == LogicalTypeId::TIMESTAMP) {
            return make_.Cast(make_.Call("floor", make_.Call("epoch", std::move(value))), type_,
                              tries_);
        }
        constexpr uint8_t kMostDigits = 38;
        constexpr uint8_t kBehindPoint = 6;
        if (from.id() == LogicalTypeId::VARIANT) {
            value = make_.Cast(std::move(value), LogicalType::DECIMAL(kMostDigits, kBehindPoint),
                               tries_);
            return make_.Cast(make_.Call("trunc", std::move(value)), type_, tries_);
        }
        const bool has_fraction = from.id() == LogicalTypeId::DECIMAL ||
                                  from.id() == LogicalTypeId::DOUBLE ||
                                  from.id() == LogicalTypeId::FLOAT;
        if (has_fraction) return make_.Cast(make_.Call("trunc", std::move(value)), type_, tries_);
        if (from.id() != LogicalTypeId::VARCHAR) {
            // A literal that was cast is no literal any more: its type says how many digits it has.
            if (from == type_) value = make_.Cast(std::move(value), LogicalType::HUGEINT);
            return make_.Cast(std::move(value), type_, tries_);
        }
        value = make_.Call("trim", std::move(value));
        ExpressionPtr is_no_number = make_.Not(
            make_.Call("regexp_full_match", value->Copy(), make_.Constant(Value("[+-]?[0-9]+"))));
        ExpressionPtr text =
            make_.Call("concat", make_.Constant(Value("'")), value->Copy(),
                       make_.Constant(Value("' cannot be cast to " + type_.ToString() +
                                            ": it is no whole number; use "
                                            "try_cast to get NULL instead")));
        ExpressionPtr otherwise = tries_ ? make_.Cast(make_.Constant(Value()), type_)
                                         : make_.Failure(std::move(text), type_);
        ExpressionPtr number = make_.Cast(std::move(value), type_, tries_);
        // NULL is no failure.
        return make_.Case(std::move(is_no_number), std::move(otherwise), std::move(number));
    }

    duckdb::ClientContext& client_;
    ExpressionBuilder make_;
    const LogicalType& type_;
    bool tries_;
};

ExpressionPtr Bind(duckdb::FunctionBindExpressionInput& input, bool tries) {
    return SparkCast(input.context, std::move(input.children[0]), input.children[1]->return_type,
                     tries);
}

}  // namespace

ExpressionPtr SparkCast(duckdb::ClientContext& client, ExpressionPtr value, const LogicalType& type,
                        bool tries) {
    return Casting(client, type, tries).Of(WithOwnType(client, std::move(value)));
}

ExpressionPtr BindSparkCast(duckdb::FunctionBindExpressionInput& input) {
    return Bind(input, false);
}

ExpressionPtr BindSparkTryCast(duckdb::FunctionBindExpressionInput& input) {
    return Bind(input, true);
}

}  // namespace tarn::engine::duck
