#include "engine/duck/spark_casts.h"

#include <utility>

#include "engine/duck/spark_text.h"
#include "engine/duck/spark_times.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;

class Casting {
public:
    Casting(duckdb::ClientContext& client, const LogicalType& type, bool tries)
        : make_(client), type_(type), tries_(tries) {}

    ExpressionPtr Of(ExpressionPtr value) const {
        const LogicalTypeId from = value->return_type.id();
        if (type_.id() == LogicalTypeId::VARCHAR) return ToText(std::move(value));
        if (type_.id() == LogicalTypeId::BLOB && from == LogicalTypeId::VARCHAR)
            return make_.Call("encode", std::move(value));
        if (type_.IsIntegral()) return ToWhole(std::move(value));
        const bool is_time = type_.id() == LogicalTypeId::TIMESTAMP_TZ;
        if (is_time && value->return_type.IsNumeric())
            return make_.Call("to_timestamp", make_.Cast(std::move(value), LogicalType::DOUBLE));
        if (from == LogicalTypeId::TIMESTAMP_TZ &&
            (type_.id() == LogicalTypeId::DOUBLE || type_.id() == LogicalTypeId::FLOAT))
            return make_.Cast(make_.Call("epoch", std::move(value)), type_, tries_);
        if (from == LogicalTypeId::VARCHAR) value = OfText(make_.Call("trim", std::move(value)));
        return make_.Cast(std::move(value), type_, tries_);
    }

private:
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
            case LogicalTypeId::TIMESTAMP_TZ:
                return make_.Cast(make_.Cast(std::move(value), LogicalType::TIMESTAMP), type_);
            case LogicalTypeId::FLOAT:
            case LogicalTypeId::DOUBLE:
            case LogicalTypeId::LIST:
            case LogicalTypeId::MAP:
            case LogicalTypeId::STRUCT:
                return make_.Call(kSparkText, std::move(value));
            default:
                return make_.Cast(std::move(value), type_);
        }
    }

    // Fractions are cut off; a text is digits with a sign; a time is its seconds since 1970.
    ExpressionPtr ToWhole(ExpressionPtr value) const {
        const LogicalType from = value->return_type;
        if (from.id() == LogicalTypeId::TIMESTAMP_TZ || from.id() == LogicalTypeId::TIMESTAMP) {
            return make_.Cast(make_.Call("floor", make_.Call("epoch", std::move(value))), type_,
                              tries_);
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
        ExpressionPtr is_number =
            make_.Call("regexp_full_match", value->Copy(), make_.Constant(Value("[+-]?[0-9]+")));
        ExpressionPtr text =
            make_.Call("concat", make_.Constant(Value("'")), value->Copy(),
                       make_.Constant(Value("' cannot be cast to " + type_.ToString() +
                                            ": it is no whole number; use "
                                            "try_cast to get NULL instead")));
        ExpressionPtr otherwise = tries_ ? make_.Cast(make_.Constant(Value()), type_)
                                         : make_.Failure(std::move(text), type_);
        ExpressionPtr number = make_.Cast(std::move(value), type_, tries_);
        return make_.Case(std::move(is_number), std::move(number), std::move(otherwise));
    }

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
