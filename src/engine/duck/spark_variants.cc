#include "engine/duck/spark_variants.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "base/text.h"
#include "duckdb/common/types/blob.hpp"
#include "duckdb/common/types/date.hpp"
#include "duckdb/common/types/timestamp.hpp"
#include "duckdb/common/types/uuid.hpp"
#include "duckdb/execution/expression_executor.hpp"
#include "engine/duck/errors.h"
#include "engine/duck/expression_builder.h"
#include "engine/duck/json_tree.h"
#include "engine/duck/spark_casts.h"
#include "engine/duck/spark_text.h"
#include "engine/duck/variant_values.h"
#include "engine/duck/variants.h"
#include "format/variant.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;
using format::Variant;
using Input = duckdb::FunctionBindExpressionInput;
using Kind = Variant::Kind;

std::string WholeText(__int128 number) {
    duckdb::hugeint_t huge;
    huge.upper = static_cast<int64_t>(number >> 64);
    huge.lower = static_cast<uint64_t>(number);
    return huge.ToString();
}

// Without zeros behind the point.
std::string DecimalText(const Variant& value) {
    std::string digits = WholeText(value.number < 0 ? -value.number : value.number);
    const size_t scale = value.scale;
    if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
    std::string text = (value.number < 0 ? "-" : "") + digits.substr(0, digits.size() - scale);
    const std::string behind = digits.substr(digits.size() - scale);
    const size_t kept = behind.find_last_not_of('0') + 1;
    return kept == 0 ? text : text + "." + behind.substr(0, kept);
}

// The text of what holds nothing within; empty for arrays and objects.
std::string PlainText(const Variant& value) {
    const auto number = static_cast<int64_t>(value.number);
    switch (value.kind) {
        case Kind::kNull:
            return "null";
        case Kind::kBoolean:
            return value.number != 0 ? "true" : "false";
        case Kind::kInteger:
            return WholeText(value.number);
        case Kind::kDecimal:
            return DecimalText(value);
        case Kind::kFloat:
            return SparkTextOf(static_cast<float>(value.real));
        case Kind::kDouble:
            return SparkTextOf(value.real);
        case Kind::kDate:
            return duckdb::Date::ToString(duckdb::date_t(static_cast<int32_t>(number)));
        case Kind::kTimestamp:
            return duckdb::Timestamp::ToString(duckdb::timestamp_t(number)) + "+00:00";
        case Kind::kTimestampNtz:
            return duckdb::Timestamp::ToString(duckdb::timestamp_t(number));
        case Kind::kUuid:
            return Value::UUID(duckdb::BaseUUID::FromBlob(
                                   reinterpret_cast<duckdb::const_data_ptr_t>(value.bytes.data())))
                .ToString();
        case Kind::kBinary:
            return duckdb::Blob::ToBase64(
                duckdb::string_t(value.bytes.data(), static_cast<uint32_t>(value.bytes.size())));
        default:
            return std::string(value.bytes);
    }
}

// The places of an object's members in the order of their names, as Spark keeps them.
std::vector<size_t> ByName(const Variant& object) {
    std::vector<size_t> places(object.items.size());
    std::iota(places.begin(), places.end(), size_t{0});
    std::sort(places.begin(), places.end(),
              [&](size_t a, size_t b) { return object.keys[a] < object.keys[b]; });
    return places;
}

void AppendVariant(std::string& out, const Variant& value) {
    const bool is_object = value.kind == Kind::kObject;
    if (value.kind == Kind::kArray || is_object) {
        out += is_object ? '{' : '[';
        std::vector<size_t> places(value.items.size());
        std::iota(places.begin(), places.end(), size_t{0});
        if (is_object) places = ByName(value);
        for (size_t i = 0; i < places.size(); ++i) {
            if (i > 0) out += ',';
            if (is_object) {
                AppendJsonString(out, value.keys[places[i]]);
                out += ':';
            }
            AppendVariant(out, value.items[places[i]]);
        }
        out += is_object ? '}' : ']';
        return;
    }
    const bool is_bare = value.kind <= Kind::kDouble;
    if (is_bare) {
        out += PlainText(value);
    } else {
        AppendJsonString(out, PlainText(value));
    }
}

std::string JsonOf(const Variant& value) {
    std::string text;
    AppendVariant(text, value);
    return text;
}

std::string TextOf(const Variant& value) {
    const bool is_nested = value.kind == Kind::kArray || value.kind == Kind::kObject;
    return is_nested ? JsonOf(value) : PlainText(value);
}

// A variant's type, of which an array has one for all of its elements.
struct VariantType {
    std::string name = "VOID";
    int whole = 0;  // of a decimal the digits before its point
    int scale = 0;

    std::string Text() const {
        return name == "DECIMAL" ? fmt::format("DECIMAL({},{})", whole + scale, scale) : name;
    }
};

VariantType Merged(const VariantType& left, const VariantType& right) {
    if (left.name == "VOID") return right;
    if (right.name == "VOID" || left.Text() == right.Text()) return left;
    const auto as_decimal = [](VariantType type) {
        constexpr int kLongDigits = 20;
        return type.name == "BIGINT" ? VariantType{"DECIMAL", kLongDigits, 0} : type;
    };
    const auto is_number = [](const VariantType& type) {
        return type.name == "BIGINT" || type.name == "DECIMAL" || type.name == "DOUBLE";
    };
    if (!is_number(left) || !is_number(right)) return {"VARIANT"};
    if (left.name == "DOUBLE" || right.name == "DOUBLE") return {"DOUBLE"};
    const VariantType a = as_decimal(left);
    const VariantType b = as_decimal(right);
    return {"DECIMAL", std::max(a.whole, b.whole), std::max(a.scale, b.scale)};
}

VariantType TypeOfVariant(const Variant& value) {
    switch (value.kind) {
        case Kind::kNull:
            return {};
        case Kind::kBoolean:
            return {"BOOLEAN"};
        case Kind::kInteger:
            return {"BIGINT"};
        case Kind::kDecimal: {
            const std::string text = DecimalText(value);
            const size_t point = std::min(text.find('.'), text.size());
            const int scale = static_cast<int>(text.size() - std::min(point + 1, text.size()));
            const int whole = static_cast<int>(point) - (value.number < 0 ? 1 : 0);
            return {"DECIMAL", text.starts_with("0.") ? 0 : whole, scale};
        }
        case Kind::kFloat:
            return {"FLOAT"};
        case Kind::kDouble:
            return {"DOUBLE"};
        case Kind::kDate:
            return {"DATE"};
        case Kind::kTimestamp:
            return {"TIMESTAMP"};
        case Kind::kTimestampNtz:
            return {"TIMESTAMP_NTZ"};
        case Kind::kBinary:
            return {"BINARY"};
        case Kind::kUuid:
            return {"UUID"};
        case Kind::kArray: {
            VariantType item;
            for (const Variant& one : value.items) item = Merged(item, TypeOfVariant(one));
            return {"ARRAY<" + item.Text() + ">"};
        }
        case Kind::kObject: {
            std::vector<std::string> fields;
            for (const size_t place : ByName(value)) {
                fields.push_back(fmt::format("{}: {}", value.keys[place],
                                             TypeOfVariant(value.items[place]).Text()));
            }
            return {"OBJECT<" + Join(fields, ", ") + ">"};
        }
        default:
            return {"STRING"};
    }
}

std::string SchemaOf(const Variant& value) { return TypeOfVariant(value).Text(); }

template <std::string (*write)(const Variant&)>
void Write(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
    Guarded([&] {
        VariantRows rows(arguments.data[0], arguments.size());
        result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
        for (duckdb::idx_t row = 0; row < arguments.size(); row++) {
            if (const auto variant = rows.At(row)) {
                duckdb::FlatVector::GetData<duckdb::string_t>(result)[row] =
                    duckdb::StringVector::AddString(result, write(*variant));
            } else {
                duckdb::FlatVector::SetNull(result, row, true);
            }
        }
        return 0;
    });
}

std::string PathIn(Input& input, size_t place) {
    const duckdb::Expression& path = *input.children[place];
    if (!path.IsFoldable())
        ThrowIntoDuck(Error(ErrorKind::kUnsupported, "the path into a variant must be a constant"));
    return duckdb::ExpressionExecutor::EvaluateScalar(input.context, path).ToString();
}

// One step after the other, $.a.b[0].
ExpressionPtr AtPath(const ExpressionBuilder& make, ExpressionPtr variant,
                     const std::string& path) {
    const auto steps = JsonPath::Parse(path);
    if (!steps || steps->HasWildcard())
        ThrowIntoDuck(Error(ErrorKind::kInvalidInput, "'{}' is no path into a variant", path));
    for (const JsonPath::Step& step : steps->steps()) {
        variant = make.Call(
            "variant_extract", std::move(variant),
            make.Constant(step.name ? Value(*step.name)
                                    : Value::UINTEGER(static_cast<uint32_t>(*step.index + 1))));
    }
    return variant;
}

ExpressionPtr Get(Input& input, bool tries) {
    const LogicalType wanted = input.children[2]->return_type;
    const ExpressionBuilder make(input.context);
    ExpressionPtr variant = make.Cast(std::move(input.children[0]), LogicalType::VARIANT());
    ExpressionPtr found = AtPath(make, std::move(variant), PathIn(input, 1));
    if (wanted.id() == LogicalTypeId::VARIANT) return found;
    return SparkCast(input.context, std::move(found), wanted, tries);
}
ExpressionPtr BindGet(Input& input) { return Get(input, false); }
ExpressionPtr BindTryGet(Input& input) { return Get(input, true); }

// value:a.b, of a variant and of a text that is JSON.
ExpressionPtr BindAtPath(Input& input) {
    const ExpressionBuilder make(input.context);
    ExpressionPtr value = WithOwnType(input.context, std::move(input.children[0]));
    if (value->return_type.id() == LogicalTypeId::VARIANT)
        return AtPath(make, std::move(value), PathIn(input, 1));
    if (value->return_type.id() != LogicalTypeId::VARCHAR) {
        ThrowIntoDuck(Error(ErrorKind::kInvalidInput,
                            "a path behind ':' leads into a variant or a text of JSON, not into a "
                            "value of type {}",
                            value->return_type.ToString()));
    }
    return make.Call("spark_get_json_object", make.Cast(std::move(value), LogicalType::VARCHAR),
                     std::move(input.children[1]));
}

// The value at the end of the path; null where there is none.
const Variant* Find(const Variant& whole, const JsonPath& path) {
    const Variant* at = &whole;
    for (const JsonPath::Step& step : path.steps()) {
        size_t place = 0;
        if (step.name) {
            if (at->kind != Kind::kObject) return nullptr;
            place = static_cast<size_t>(std::find(at->keys.begin(), at->keys.end(), *step.name) -
                                        at->keys.begin());
        } else {
            if (at->kind != Kind::kArray) return nullptr;
            place = static_cast<size_t>(*step.index);
        }
        if (place >= at->items.size()) return nullptr;
        at = &at->items[place];
    }
    return at;
}

// Is there a variant null at the path, which to the engine is NULL as what is not there.
void IsNullAt(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
    Guarded([&] {
        VariantRows rows(arguments.data[0], arguments.size());
        result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
        for (duckdb::idx_t row = 0; row < arguments.size(); row++) {
            const Value text = arguments.data[1].GetValue(row);
            const auto path = JsonPath::Parse(text.IsNull() ? std::string() : text.ToString());
            if (!path || path->HasWildcard()) {
                throw Error(ErrorKind::kInvalidInput, "'{}' is no path into a variant",
                            text.ToString());
            }
            const auto variant = rows.At(row);
            const Variant* const found = variant ? Find(*variant, *path) : nullptr;
            duckdb::FlatVector::GetData<bool>(result)[row] =
                found != nullptr && found->kind == Kind::kNull;
        }
        return 0;
    });
}

}  // namespace

void RegisterSparkVariants(duckdb::ExtensionLoader& loader) {
    const auto add = [&](const char* name, duckdb::scalar_function_t function) {
        duckdb::ScalarFunction made(name, {LogicalType::VARIANT()}, LogicalType::VARCHAR,
                                    std::move(function));
        made.SetFallible();
        loader.RegisterFunction(made);
    };
    add(kVariantText, Write<TextOf>);
    add(kVariantJson, Write<JsonOf>);
    add("spark_schema_of_variant", Write<SchemaOf>);
    duckdb::ScalarFunction is_null_at("spark_is_null_at",
                                      {LogicalType::VARIANT(), LogicalType::VARCHAR},
                                      LogicalType::BOOLEAN, IsNullAt);
    is_null_at.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
    is_null_at.SetFallible();
    loader.RegisterFunction(is_null_at);
    RegisterRewritten(loader, "spark_variant_get", 3, BindGet);
    RegisterRewritten(loader, "spark_try_variant_get", 3, BindTryGet);
    RegisterRewritten(loader, "spark_at_path", 2, BindAtPath);
}

}  // namespace tarn::engine::duck
