#include "engine/duck/spark_json.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/json_text.h"
#include "base/text.h"
#include "duckdb/common/types/blob.hpp"
#include "engine/duck/expression_builder.h"
#include "engine/duck/json_tree.h"
#include "engine/duck/scalar_adapter.h"
#include "engine/duck/spark_text.h"
#include "engine/duck/spark_variants.h"
#include "engine/duck/text_options.h"
#include "engine/duck/time_pattern.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;
using std::string;
using std::string_view;

constexpr const char* kToJson = "spark_json_of";

std::optional<string> GetJsonObject(string_view text, string_view path) {
    const auto wanted = JsonPath::Parse(path);
    if (!wanted) return std::nullopt;
    const auto tree = ReadJson(text);
    return tree ? wanted->Find(*tree) : std::nullopt;
}

std::optional<string> JsonField(string_view text, string_view name) {
    const auto tree = ReadJson(text);
    const JsonTree* member = tree ? tree->Member(name) : nullptr;
    return member != nullptr ? JsonAsText(*member) : std::nullopt;
}

std::optional<int32_t> JsonArrayLength(string_view text) {
    const auto tree = ReadJson(text);
    if (!tree || tree->kind != JsonKind::kArray) return std::nullopt;
    return static_cast<int32_t>(tree->items.size());
}

string SchemaOfJson(string_view text) {
    const auto tree = ReadJson(text);
    if (!tree) throw Error(ErrorKind::kInvalidInput, "'{}' is no JSON", text);
    return JsonSchema(*tree);
}

void GiveObjectKeys(duckdb::DataChunk& arguments, duckdb::ExpressionState&,
                    duckdb::Vector& result) {
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    for (duckdb::idx_t row = 0; row < arguments.size(); row++) {
        const Value text = arguments.data[0].GetValue(row);
        const auto tree = text.IsNull() ? std::nullopt : ReadJson(duckdb::StringValue::Get(text));
        if (!tree || tree->kind != JsonKind::kObject) {
            result.SetValue(row, Value(result.GetType()));
            continue;
        }
        duckdb::vector<Value> keys(tree->names.begin(), tree->names.end());
        result.SetValue(row, Value::LIST(LogicalType::VARCHAR, std::move(keys)));
    }
}

// Values of a type out of JSON; NULL where the JSON is none of it.
class FromJson {
public:
    FromJson(duckdb::ClientContext& client, const TextOptions& options)
        : client_(client), options_(options) {}

    // Of a whole text: a record that cannot be read has NULL in all fields.
    Value Root(string_view text, const LogicalType& type) const {
        if (text.find_first_not_of(" \t\r\n") == string_view::npos) return Value(type);
        const auto tree = ReadJson(text);
        const bool is_record = type.id() == LogicalTypeId::STRUCT;
        const bool is_right = tree && (!is_record || tree->kind == JsonKind::kObject ||
                                       tree->kind == JsonKind::kNull);
        if (!is_right && options_.fails)
            throw Error(ErrorKind::kInvalidInput, "'{}' is no JSON of {}", text, type.ToString());
        const bool is_list_of_one =
            tree && type.id() == LogicalTypeId::LIST && tree->kind == JsonKind::kObject &&
            duckdb::ListType::GetChildType(type).id() == LogicalTypeId::STRUCT;
        if (is_list_of_one) {
            const LogicalType& child = duckdb::ListType::GetChildType(type);
            return Value::LIST(child, {Of(*tree, child)});
        }
        static const JsonTree kNothing{JsonKind::kObject, {}, {}, {}};
        if (is_record && !is_right) return Corrupt(text, Of(kNothing, type));
        if (is_record && tree->kind == JsonKind::kNull) return Of(kNothing, type);
        return tree ? Of(*tree, type) : Value(type);
    }

private:
    // The record with its text in the column that is there for it.
    Value Corrupt(string_view text, const Value& record) const {
        duckdb::vector<Value> fields = duckdb::StructValue::GetChildren(record);
        const auto& types = duckdb::StructType::GetChildTypes(record.type());
        for (size_t i = 0; i < fields.size(); ++i) {
            const bool is_for_it = EqualsIgnoreCase(types[i].first, options_.corrupt_column) &&
                                   types[i].second.id() == LogicalTypeId::VARCHAR;
            if (is_for_it) fields[i] = Value(string(text));
        }
        return Value::STRUCT(record.type(), std::move(fields));
    }

    Value Of(const JsonTree& tree, const LogicalType& type) const {
        if (tree.kind == JsonKind::kNull) return Value(type);
        switch (type.id()) {
            case LogicalTypeId::STRUCT:
                return OfRecord(tree, type);
            case LogicalTypeId::LIST:
                return OfList(tree, type);
            case LogicalTypeId::MAP:
                return OfMap(tree, type);
            case LogicalTypeId::VARCHAR:
                return Value(JsonAsText(tree).value_or(""));
            default:
                break;
        }
        Value value = OfPlain(tree, type);
        if (value.IsNull() && options_.fails) {
            throw Error(ErrorKind::kInvalidInput, "'{}' is no {}", JsonAsText(tree).value_or(""),
                        type.ToString());
        }
        return value;
    }

    Value OfRecord(const JsonTree& tree, const LogicalType& type) const {
        if (tree.kind != JsonKind::kObject) return Value(type);
        duckdb::vector<Value> fields;
        for (const auto& [name, child] : duckdb::StructType::GetChildTypes(type)) {
            const JsonTree* member = tree.Member(name);
            fields.push_back(member != nullptr ? Of(*member, child) : Value(child));
        }
        return Value::STRUCT(type, std::move(fields));
    }

    Value OfList(const JsonTree& tree, const LogicalType& type) const {
        if (tree.kind != JsonKind::kArray) return Value(type);
        const LogicalType& child = duckdb::ListType::GetChildType(type);
        duckdb::vector<Value> items;
        for (const JsonTree& item : tree.items) {
            items.push_back(Of(item, child));
            const bool is_none = items.back().IsNull() && item.kind != JsonKind::kNull;
            if (is_none) return Value(type);
        }
        return Value::LIST(child, std::move(items));
    }

    Value OfMap(const JsonTree& tree, const LogicalType& type) const {
        if (tree.kind != JsonKind::kObject) return Value(type);
        const LogicalType& key = duckdb::MapType::KeyType(type);
        const LogicalType& value = duckdb::MapType::ValueType(type);
        duckdb::vector<Value> keys;
        duckdb::vector<Value> values;
        for (size_t i = 0; i < tree.names.size(); ++i) {
            const auto same = std::find(tree.names.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                        tree.names.end(), tree.names[i]);
            if (same != tree.names.end()) continue;  // the last of a name counts
            keys.push_back(Value(tree.names[i]).DefaultCastAs(key));
            values.push_back(Of(tree.items[i], value));
        }
        return Value::MAP(key, value, std::move(keys), std::move(values));
    }

    Value OfPlain(const JsonTree& tree, const LogicalType& type) const {
        const bool is_text = tree.kind == JsonKind::kText;
        const bool is_number = tree.kind == JsonKind::kWhole || tree.kind == JsonKind::kFraction;
        switch (type.id()) {
            case LogicalTypeId::BOOLEAN:
                return tree.kind == JsonKind::kBoolean ? Value::BOOLEAN(tree.text == "true")
                                                       : Value(type);
            case LogicalTypeId::FLOAT:
            case LogicalTypeId::DOUBLE:
                return is_number || (is_text && IsNoNumber(tree.text)) ? Cast(tree.text, type)
                                                                       : Value(type);
            case LogicalTypeId::DECIMAL:
                return is_number || is_text ? Cast(tree.text, type) : Value(type);
            case LogicalTypeId::DATE:
                return is_text ? OfDate(tree.text) : Value(type);
            case LogicalTypeId::TIMESTAMP:
            case LogicalTypeId::TIMESTAMP_TZ:
                return is_text ? OfTime(tree.text, type) : Value(type);
            case LogicalTypeId::BLOB:
                if (!is_text) return Value(type);
                return Value::BLOB(duckdb::Blob::FromBase64(duckdb::string_t(tree.text)));
            default:
                return tree.kind == JsonKind::kWhole ? Cast(tree.text, type) : Value(type);
        }
    }

    static bool IsNoNumber(const string& text) {
        return text == "NaN" || text == "Infinity" || text == "-Infinity" || text == "+Infinity" ||
               text == "INF" || text == "-INF" || text == "+INF";
    }

    Value Cast(const string& text, const LogicalType& type) const {
        Value value;
        string error;
        if (!Value(text).TryCastAs(client_, type, value, &error)) return Value(type);
        return value;
    }

    Value OfDate(const string& text) const {
        if (!options_.date_pattern) return Cast(text.substr(0, 10), LogicalType::DATE);
        const auto micros = options_.date_pattern->Read(text);
        if (!micros) return Value(LogicalType::DATE);
        return Value::TIMESTAMP(duckdb::timestamp_t(*micros)).DefaultCastAs(LogicalType::DATE);
    }

    Value OfTime(const string& text, const LogicalType& type) const {
        if (!options_.time_pattern) return Cast(text, type);
        const auto micros = options_.time_pattern->Read(text);
        if (!micros) return Value(type);
        const duckdb::timestamp_t time(*micros);
        if (type.id() == LogicalTypeId::TIMESTAMP) return Value::TIMESTAMP(time);
        if (options_.time_pattern->HasZone())
            return Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(time));
        return Value::TIMESTAMP(time).CastAs(client_, type);
    }

    duckdb::ClientContext& client_;
    const TextOptions& options_;
};

// (text, NULL of the type, options)
duckdb::unique_ptr<duckdb::FunctionData> BindFromJson(
    duckdb::ClientContext& client, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
    function.SetReturnType(TakeWantedType(client, "from_json", arguments));
    auto data = BindTextOptions(client, arguments, 1);
    function.arguments = {LogicalType::VARCHAR};
    function.varargs = LogicalType(LogicalTypeId::INVALID);
    return data;
}

void GiveFromJson(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                  duckdb::Vector& result) {
    const FromJson reader(state.GetContext(), TextOptionsOf(state));
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    for (duckdb::idx_t row = 0; row < arguments.size(); row++) {
        const Value text = arguments.data[0].GetValue(row);
        result.SetValue(row, text.IsNull() ? Value(result.GetType()) : Guarded([&] {
                            return reader.Root(duckdb::StringValue::Get(text), result.GetType());
                        }));
    }
}

class ToJson {
public:
    ToJson(duckdb::ClientContext& client, const TextOptions& options)
        : client_(client), options_(options) {}

    void Append(string& out, const Value& value) const {
        if (value.IsNull()) {
            out += "null";
            return;
        }
        switch (value.type().id()) {
            case LogicalTypeId::STRUCT:
                return AppendRecord(out, value);
            case LogicalTypeId::LIST:
                return AppendList(out, value);
            case LogicalTypeId::MAP:
                return AppendMap(out, value);
            case LogicalTypeId::FLOAT:
            case LogicalTypeId::DOUBLE: {
                const string text = SparkTextOf(value);
                const bool is_number = std::isfinite(value.GetValue<double>());
                out += is_number ? text : "\"" + text + "\"";
                return;
            }
            case LogicalTypeId::BLOB:
                return AppendJsonString(
                    out, duckdb::Blob::ToBase64(duckdb::string_t(duckdb::StringValue::Get(value))));
            case LogicalTypeId::TIMESTAMP:
            case LogicalTypeId::TIMESTAMP_TZ:
                return AppendTime(out, value);
            case LogicalTypeId::DATE:
                return AppendDate(out, value);
            default:
                break;
        }
        const bool is_bare =
            value.type().IsNumeric() || value.type().id() == LogicalTypeId::BOOLEAN;
        if (is_bare) {
            out += value.ToString();
        } else {
            AppendJsonString(out, value.ToString());
        }
    }

private:
    void AppendRecord(string& out, const Value& value) const {
        const auto& types = duckdb::StructType::GetChildTypes(value.type());
        const auto& fields = duckdb::StructValue::GetChildren(value);
        out += '{';
        bool is_first = true;
        for (size_t i = 0; i < fields.size(); ++i) {
            if (fields[i].IsNull() && options_.drops_nulls) continue;
            if (!is_first) out += ',';
            is_first = false;
            AppendJsonString(out, types[i].first);
            out += ':';
            Append(out, fields[i]);
        }
        out += '}';
    }

    void AppendList(string& out, const Value& value) const {
        out += '[';
        bool is_first = true;
        for (const Value& item : duckdb::ListValue::GetChildren(value)) {
            if (!is_first) out += ',';
            is_first = false;
            Append(out, item);
        }
        out += ']';
    }

    void AppendMap(string& out, const Value& value) const {
        out += '{';
        bool is_first = true;
        for (const Value& entry : duckdb::MapValue::GetChildren(value)) {
            const auto& pair = duckdb::StructValue::GetChildren(entry);
            if (!is_first) out += ',';
            is_first = false;
            AppendJsonString(out, SparkTextOf(pair[0]));
            out += ':';
            Append(out, pair[1]);
        }
        out += '}';
    }

    void AppendTime(string& out, const Value& value) const {
        const bool is_instant = value.type().id() == LogicalTypeId::TIMESTAMP_TZ;
        static const TimePattern kInstant = TimePattern::Parse("yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
        static const TimePattern kClock = TimePattern::Parse("yyyy-MM-dd'T'HH:mm:ss.SSS");
        const TimePattern& pattern = options_.time_pattern ? *options_.time_pattern
                                     : is_instant          ? kInstant
                                                           : kClock;
        const int64_t clock =
            value.CastAs(client_, LogicalType::TIMESTAMP).GetValue<duckdb::timestamp_t>().value;
        const int64_t instant = is_instant ? value.GetValue<duckdb::timestamp_tz_t>().value : clock;
        AppendJsonString(out, pattern.Format({clock, (clock - instant) / 1000000, "UTC"}));
    }

    void AppendDate(string& out, const Value& value) const {
        if (!options_.date_pattern) return AppendJsonString(out, value.ToString());
        constexpr int64_t kDayMicros = 86400000000;
        const int64_t micros = int64_t{value.GetValue<duckdb::date_t>().days} * kDayMicros;
        AppendJsonString(out, options_.date_pattern->Format({micros, 0, "UTC"}));
    }

    duckdb::ClientContext& client_;
    const TextOptions& options_;
};

// (value, options)
duckdb::unique_ptr<duckdb::FunctionData> BindToJson(
    duckdb::ClientContext& client, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
    auto data = BindTextOptions(client, arguments, 1);
    function.arguments = {arguments[0]->return_type};
    function.varargs = LogicalType(LogicalTypeId::INVALID);
    return data;
}

void GiveToJson(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                duckdb::Vector& result) {
    const ToJson writer(state.GetContext(), TextOptionsOf(state));
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    for (duckdb::idx_t row = 0; row < arguments.size(); row++) {
        const Value value = arguments.data[0].GetValue(row);
        if (value.IsNull()) {
            duckdb::FlatVector::SetNull(result, row, true);
            continue;
        }
        string text;
        writer.Append(text, value);
        result.SetValue(row, Value(text));
    }
}

// to_json(value, options): of a variant the JSON that it is.
ExpressionPtr BindToJsonOf(duckdb::FunctionBindExpressionInput& input) {
    const ExpressionBuilder make(input.context);
    const bool is_variant = input.children[0]->return_type.id() == LogicalTypeId::VARIANT;
    return is_variant ? make.Call(kVariantJson, std::move(input.children[0]))
                      : make.CallOf(kToJson, std::move(input.children));
}

}  // namespace

void RegisterSparkJson(duckdb::ExtensionLoader& loader) {
    const LogicalType text = LogicalType::VARCHAR;
    duckdb::ScalarFunction from_json("spark_from_json", {text, LogicalType::ANY}, LogicalType::ANY,
                                     GiveFromJson, BindFromJson);
    duckdb::ScalarFunction to_json(kToJson, {LogicalType::ANY}, text, GiveToJson, BindToJson);
    for (duckdb::ScalarFunction* function : {&from_json, &to_json}) {
        function->varargs = LogicalType::ANY;
        function->null_handling = duckdb::FunctionNullHandling::SPECIAL_HANDLING;
        function->SetFallible();
        loader.RegisterFunction(*function);
    }
    RegisterRewritten(loader, "spark_to_json", -1, BindToJsonOf);
    duckdb::ScalarFunction keys("spark_json_object_keys", {text}, LogicalType::LIST(text),
                                GiveObjectKeys);
    for (const duckdb::ScalarFunction& function :
         {keys, Adapted<GetJsonObject>("spark_get_json_object"),
          Adapted<JsonField>("spark_json_field"),
          Adapted<JsonArrayLength>("spark_json_array_length"),
          Adapted<SchemaOfJson>("spark_schema_of_json")})
        loader.RegisterFunction(function);
}

}  // namespace tarn::engine::duck
