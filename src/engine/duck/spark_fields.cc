#include "engine/duck/spark_fields.h"

#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "duckdb.hpp"
#include "duckdb/execution/expression_executor.hpp"
#include "engine/duck/errors.h"
#include "engine/duck/expression_builder.h"
#include "engine/duck/spark_calls.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;
using Input = duckdb::FunctionBindExpressionInput;

// Of the struct's fields; InvalidInput where there is none of that name.
size_t FieldAt(const LogicalType& type, const std::string& name, const duckdb::Expression& value) {
    const auto& fields = duckdb::StructType::GetChildTypes(type);
    std::vector<std::string> names;
    for (size_t i = 0; i < fields.size(); ++i) {
        if (EqualsIgnoreCase(fields[i].first, name)) return i;
        names.push_back(fields[i].first);
    }
    const auto near = NearestWord(name, names);
    ThrowIntoDuck(Error(ErrorKind::kInvalidInput, "there is no field {} in {}{}", name,
                        SparkTypeName(type), near ? "; did you mean " + *near + "?" : ""),
                  value.GetQueryLocation());
}

// spark_field(value, 'name')
ExpressionPtr BindField(Input& input) {
    const ExpressionBuilder make(input.context);
    const std::string name =
        duckdb::ExpressionExecutor::EvaluateScalar(input.context, *input.children[1]).ToString();
    ExpressionPtr value = ArgumentOf(input, 0);
    const LogicalType type = value->return_type;
    if (type.id() == LogicalTypeId::STRUCT) {
        FieldAt(type, name, *value);
        return make.Call("struct_extract", std::move(value), make.Constant(Value(name)));
    }
    if (type.id() == LogicalTypeId::MAP) {
        ExpressionPtr key = make.Cast(make.Constant(Value(name)), duckdb::MapType::KeyType(type));
        return make.Call("map_extract_value", std::move(value), std::move(key));
    }
    const bool is_array_of_structs =
        type.id() == LogicalTypeId::LIST &&
        duckdb::ListType::GetChildType(type).id() == LogicalTypeId::STRUCT;
    if (is_array_of_structs) {
        const size_t field = FieldAt(duckdb::ListType::GetChildType(type), name, *value);
        return make.Call("spark_field_of_items", std::move(value),
                         make.Constant(Value::BIGINT(static_cast<int64_t>(field))));
    }
    if (type.id() == LogicalTypeId::SQLNULL) return make.Constant(Value(type));
    ThrowIntoDuck(Error(ErrorKind::kInvalidInput,
                        "a value of type {} has no field {}: structs, arrays of structs and maps "
                        "have",
                        SparkTypeName(type), name),
                  value->GetQueryLocation());
}

duckdb::unique_ptr<duckdb::FunctionData> BindFieldOfItems(
    duckdb::ClientContext& client, duckdb::ScalarFunction& function,
    duckdb::vector<ExpressionPtr>& arguments) {
    const LogicalType list = arguments[0]->return_type;
    const auto field = static_cast<size_t>(
        duckdb::ExpressionExecutor::EvaluateScalar(client, *arguments[1]).GetValue<int64_t>());
    const auto& fields = duckdb::StructType::GetChildTypes(duckdb::ListType::GetChildType(list));
    function.arguments = {list, LogicalType::BIGINT};
    function.SetReturnType(LogicalType::LIST(fields[field].second));
    return nullptr;
}

// An array with the field of each item; NULL for an item that is.
void FieldOfItems(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
    const duckdb::idx_t rows = arguments.size();
    const auto field = static_cast<size_t>(arguments.data[1].GetValue(0).GetValue<int64_t>());
    duckdb::Vector lists(arguments.data[0].GetType());
    lists.Reference(arguments.data[0]);
    lists.Flatten(rows);
    const duckdb::idx_t count = duckdb::ListVector::GetListSize(lists);
    duckdb::Vector items(duckdb::ListType::GetChildType(lists.GetType()));
    items.Reference(duckdb::ListVector::GetEntry(lists));
    items.Flatten(count);
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    duckdb::ListVector::Reserve(result, count);
    duckdb::Vector& values = duckdb::ListVector::GetEntry(result);
    duckdb::VectorOperations::Copy(*duckdb::StructVector::GetEntries(items)[field], values, count,
                                   0, 0);
    for (duckdb::idx_t i = 0; i < count; i++) {
        if (duckdb::FlatVector::IsNull(items, i)) duckdb::FlatVector::SetNull(values, i, true);
    }
    duckdb::ListVector::SetListSize(result, count);
    const auto* from = duckdb::FlatVector::GetData<duckdb::list_entry_t>(lists);
    auto* to = duckdb::FlatVector::GetData<duckdb::list_entry_t>(result);
    for (duckdb::idx_t row = 0; row < rows; row++) {
        if (duckdb::FlatVector::IsNull(lists, row)) {
            duckdb::FlatVector::SetNull(result, row, true);
        } else {
            to[row] = from[row];
        }
    }
}

// The rows of explode, with their place of posexplode, as a list of structs.
template <bool with_place>
ExpressionPtr BindExploded(Input& input) {
    const ExpressionBuilder make(input.context);
    ExpressionPtr value = ArgumentOf(input, 0);
    const LogicalType type = value->return_type;
    const bool is_map = type.id() == LogicalTypeId::MAP;
    if (!is_map && type.id() != LogicalTypeId::LIST) {
        ThrowIntoDuck(
            Error(ErrorKind::kInvalidInput,
                  "explode takes an array or a map, not a value of type {}", SparkTypeName(type)),
            value->GetQueryLocation());
    }
    duckdb::child_list_t<LogicalType> fields;
    duckdb::vector<ExpressionPtr> lists;
    if (with_place) {
        ExpressionPtr length = make.Call(is_map ? "cardinality" : "len", value->Copy());
        fields.emplace_back("pos", LogicalType::INTEGER);
        lists.push_back(make.Call("range", make.Cast(std::move(length), LogicalType::BIGINT)));
    }
    if (is_map) {
        fields.emplace_back("key", duckdb::MapType::KeyType(type));
        fields.emplace_back("value", duckdb::MapType::ValueType(type));
        lists.push_back(make.Call("map_keys", value->Copy()));
        lists.push_back(make.Call("map_values", std::move(value)));
    } else {
        fields.emplace_back("col", duckdb::ListType::GetChildType(type));
        lists.push_back(std::move(value));
    }
    return make.Cast(make.CallOf("list_zip", std::move(lists)),
                     LogicalType::LIST(LogicalType::STRUCT(std::move(fields))));
}

}  // namespace

void RegisterSparkFields(duckdb::ExtensionLoader& loader) {
    RegisterRewritten(loader, "spark_field", 2, BindField);
    RegisterRewritten(loader, "spark_exploded", 1, BindExploded<false>);
    RegisterRewritten(loader, "spark_posexploded", 1, BindExploded<true>);
    loader.RegisterFunction(
        duckdb::ScalarFunction("spark_field_of_items", {LogicalType::ANY, LogicalType::BIGINT},
                               LogicalType::ANY, FieldOfItems, BindFieldOfItems));
}

}  // namespace tarn::engine::duck
