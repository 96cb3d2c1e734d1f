#include "engine/duck/spark_calls.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "engine/duck/expression_builder.h"
#include "engine/duck/spark_casts.h"
#include "engine/duck/spark_division.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;
using Input = duckdb::FunctionBindExpressionInput;

ExpressionPtr AsText(Input& input, ExpressionPtr value) {
    return SparkCast(input.context, std::move(value), LogicalType::VARCHAR, false);
}
LogicalTypeId IdOf(const ExpressionPtr& value) { return value->return_type.id(); }

// Bytes stay bytes, all else is a text.
ExpressionPtr BindTextOrBytes(Input& input) {
    ExpressionPtr value = ArgumentOf(input, 0);
    return IdOf(value) == LogicalTypeId::BLOB ? std::move(value) : AsText(input, std::move(value));
}

// A text as its bytes.
ExpressionPtr BindBytes(Input& input) {
    ExpressionPtr value = ArgumentOf(input, 0);
    if (IdOf(value) == LogicalTypeId::BLOB) return value;
    return ExpressionBuilder(input.context).Call("encode", AsText(input, std::move(value)));
}

ExpressionPtr BindLength(Input& input) {
    const ExpressionBuilder make(input.context);
    ExpressionPtr value = ArgumentOf(input, 0);
    const LogicalTypeId id = IdOf(value);
    if (id != LogicalTypeId::BLOB && id != LogicalTypeId::LIST)
        value = AsText(input, std::move(value));
    return make.Cast(
        make.Call(id == LogicalTypeId::BLOB ? "octet_length" : "len", std::move(value)),
        LogicalType::INTEGER);
}

ExpressionPtr BindReverse(Input& input) {
    const ExpressionBuilder make(input.context);
    ExpressionPtr value = ArgumentOf(input, 0);
    if (IdOf(value) == LogicalTypeId::LIST)
        return make.Call("spark_array_reverse", std::move(value));
    return make.Call("reverse", AsText(input, std::move(value)));
}

ExpressionPtr BindHex(Input& input) {
    const ExpressionBuilder make(input.context);
    ExpressionPtr value = ArgumentOf(input, 0);
    if (value->return_type.IsNumeric()) {
        return make.Call("spark_hex_of_number",
                         SparkCast(input.context, std::move(value), LogicalType::BIGINT, false));
    }
    if (IdOf(value) != LogicalTypeId::BLOB)
        value = make.Call("encode", AsText(input, std::move(value)));
    return make.Call("spark_hex_of_bytes", std::move(value));
}

// Of texts, bytes or arrays; a NULL among them gives NULL.
ExpressionPtr BindConcat(Input& input) {
    const ExpressionBuilder make(input.context);
    bool are_bytes = true;
    bool has_list = false;
    for (ExpressionPtr& child : input.children) {
        child = WithOwnType(input.context, std::move(child));
        are_bytes = are_bytes && IdOf(child) == LogicalTypeId::BLOB;
        has_list = has_list || IdOf(child) == LogicalTypeId::LIST;
    }
    const bool has_void = std::any_of(
        input.children.begin(), input.children.end(),
        [](const ExpressionPtr& child) { return IdOf(child) == LogicalTypeId::SQLNULL; });
    if (has_list && has_void)
        throw duckdb::BinderException("concat takes arrays or texts, not arrays and NULL");
    ExpressionPtr all;
    for (ExpressionPtr& child : input.children) {
        ExpressionPtr next =
            has_list || are_bytes ? std::move(child) : AsText(input, std::move(child));
        all = all ? make.Call("||", std::move(all), std::move(next)) : std::move(next);
    }
    return has_list || are_bytes ? std::move(all) : make.Cast(std::move(all), LogicalType::VARCHAR);
}

// NULL is left out, also in arrays, of which each element is one more.
ExpressionPtr BindConcatWs(Input& input) {
    const ExpressionBuilder make(input.context);
    ExpressionPtr separator = AsText(input, ArgumentOf(input, 0));
    const LogicalType texts = LogicalType::LIST(LogicalType::VARCHAR);
    ExpressionPtr all = make.Constant(Value::LIST(LogicalType::VARCHAR, duckdb::vector<Value>()));
    for (size_t i = 1; i < input.children.size(); ++i) {
        ExpressionPtr value = ArgumentOf(input, i);
        ExpressionPtr list = IdOf(value) == LogicalTypeId::LIST
                                 ? make.Cast(std::move(value), texts)
                                 : make.Call("list_value", AsText(input, std::move(value)));
        all = make.Call("list_concat", std::move(all), std::move(list));
    }
    return make.Call("spark_joined", std::move(all), std::move(separator));
}

ExpressionPtr BindElt(Input& input) {
    const ExpressionBuilder make(input.context);
    ExpressionPtr place =
        SparkCast(input.context, ArgumentOf(input, 0), LogicalType::BIGINT, false);
    duckdb::vector<ExpressionPtr> texts;
    for (size_t i = 1; i < input.children.size(); ++i)
        texts.push_back(AsText(input, ArgumentOf(input, i)));
    ExpressionPtr list = make.CallOf("list_value", std::move(texts));
    return make.Cast(make.Call("spark_element", std::move(list),
                               make.Call("-", std::move(place), make.Constant(Value::BIGINT(1)))),
                     LogicalType::VARCHAR);
}

ExpressionPtr BindTypeOf(Input& input) {
    const duckdb::Expression& written = *input.children[0];
    const auto digits = DigitsOf(written);
    if (digits && written.return_type.id() == LogicalTypeId::DECIMAL) {
        return ExpressionBuilder::Constant(
            Value(fmt::format("decimal({},{})", digits->width, digits->scale)));
    }
    ExpressionPtr value = ArgumentOf(input, 0);
    return ExpressionBuilder::Constant(Value(SparkTypeName(value->return_type)));
}

// abs, negative and sign of a text read it as a double; those of a decimal stay one.
ExpressionPtr BindNumber(Input& input) {
    ExpressionPtr value = ArgumentOf(input, 0);
    const bool is_number = value->return_type.IsNumeric() || IdOf(value) == LogicalTypeId::INTERVAL;
    if (is_number) return value;
    return SparkCast(input.context, std::move(value), LogicalType::DOUBLE, false);
}

// explode(map) is keys and values, cardinality counts either.
ExpressionPtr BindSize(Input& input) {
    const ExpressionBuilder make(input.context);
    ExpressionPtr value = ArgumentOf(input, 0);
    const bool is_map = IdOf(value) == LogicalTypeId::MAP;
    return make.Cast(make.Call(is_map ? "cardinality" : "len", std::move(value)),
                     LogicalType::INTEGER);
}

}  // namespace

std::string SparkTypeName(const LogicalType& type) {
    switch (type.id()) {
        case LogicalTypeId::SQLNULL:
            return "void";
        case LogicalTypeId::INTEGER:
            return "int";
        case LogicalTypeId::VARCHAR:
            return "string";
        case LogicalTypeId::BLOB:
            return "binary";
        case LogicalTypeId::INTERVAL:
            return type.HasAlias() ? type.GetAlias() : "interval";
        case LogicalTypeId::TIMESTAMP:
            return "timestamp_ntz";
        case LogicalTypeId::TIMESTAMP_TZ:
            return "timestamp";
        case LogicalTypeId::LIST:
            return "array<" + SparkTypeName(duckdb::ListType::GetChildType(type)) + ">";
        case LogicalTypeId::MAP:
            return "map<" + SparkTypeName(duckdb::MapType::KeyType(type)) + "," +
                   SparkTypeName(duckdb::MapType::ValueType(type)) + ">";
        case LogicalTypeId::STRUCT: {
            std::vector<std::string> fields;
            for (const auto& [name, child] : duckdb::StructType::GetChildTypes(type))
                fields.push_back(name + ":" + SparkTypeName(child));
            return "struct<" + Join(fields, ",") + ">";
        }
        default:
            return AsciiLower(type.ToString());
    }
}

void RegisterSparkCalls(duckdb::ExtensionLoader& loader) {
    RegisterRewritten(loader, "spark_text_or_bytes", 1, BindTextOrBytes);
    RegisterRewritten(loader, "spark_bytes", 1, BindBytes);
    RegisterRewritten(loader, "spark_length", 1, BindLength);
    RegisterRewritten(loader, "spark_reverse", 1, BindReverse);
    RegisterRewritten(loader, "spark_hex", 1, BindHex);
    RegisterRewritten(loader, "spark_concat", -1, BindConcat);
    RegisterRewritten(loader, "spark_concat_ws", -1, BindConcatWs);
    RegisterRewritten(loader, "spark_elt", -2, BindElt);
    RegisterRewritten(loader, "spark_typeof", 1, BindTypeOf);
    RegisterRewritten(loader, "spark_number", 1, BindNumber);
    RegisterRewritten(loader, "spark_size", 1, BindSize);
}

}  // namespace tarn::engine::duck
