#include "engine/duck/spark_arrays.h"

#include <algorithm>
#include <string>
#include <utility>

#include "duckdb/common/types/interval.hpp"
#include "duckdb/common/types/value_map.hpp"
#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "engine/duck/errors.h"
#include "engine/duck/expression_builder.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;
using Values = duckdb::vector<Value>;
using Input = duckdb::FunctionBindExpressionInput;
using Types = duckdb::vector<LogicalType>;

const Values& Items(const Value& list) { return duckdb::ListValue::GetChildren(list); }
LogicalType ItemType(const LogicalType& list) {
    return list.id() == LogicalTypeId::LIST ? duckdb::ListType::GetChildType(list)
                                            : LogicalType(LogicalTypeId::SQLNULL);
}
bool Same(const Value& left, const Value& right) { return Value::NotDistinctFrom(left, right); }

// Values of `list` of which each stands once, NULL too, in their order.
class Distinct {
public:
    void Add(const Value& value) {
        if (seen_.insert(value).second) values_.push_back(value);
    }
    Values Take() { return std::move(values_); }

private:
    duckdb::value_set_t seen_;
    Values values_;
};

Value Listed(const LogicalType& list, Values values) {
    return Value::LIST(ItemType(list), std::move(values));
}

Value ArrayDistinct(const Values& arguments, const LogicalType& type) {
    Distinct distinct;
    for (const Value& item : Items(arguments[0])) distinct.Add(item);
    return Listed(type, distinct.Take());
}

Value ArrayUnion(const Values& arguments, const LogicalType& type) {
    Distinct distinct;
    for (const Value& list : arguments)
        for (const Value& item : Items(list)) distinct.Add(item);
    return Listed(type, distinct.Take());
}

// The items of the first array that the second has, or that it lacks.
template <bool wants_common>
Value ArrayCompared(const Values& arguments, const LogicalType& type) {
    const Values& others = Items(arguments[1]);
    const duckdb::value_set_t known(others.begin(), others.end());
    Distinct distinct;
    for (const Value& item : Items(arguments[0])) {
        if ((known.count(item) > 0) == wants_common) distinct.Add(item);
    }
    return Listed(type, distinct.Take());
}

bool HasNull(const Values& items) {
    return std::any_of(items.begin(), items.end(), [](const Value& item) { return item.IsNull(); });
}

Value ArraysOverlap(const Values& arguments, const LogicalType& type) {
    const Values& left = Items(arguments[0]);
    const Values& right = Items(arguments[1]);
    const duckdb::value_set_t known(left.begin(), left.end());
    for (const Value& item : right)
        if (!item.IsNull() && known.count(item) > 0) return Value::BOOLEAN(true);
    const bool is_open = !left.empty() && !right.empty() && (HasNull(left) || HasNull(right));
    return is_open ? Value(type) : Value::BOOLEAN(false);
}

Value ArrayContains(const Values& arguments, const LogicalType& type) {
    const Values& items = Items(arguments[0]);
    for (const Value& item : items)
        if (!item.IsNull() && Same(item, arguments[1])) return Value::BOOLEAN(true);
    return HasNull(items) ? Value(type) : Value::BOOLEAN(false);
}

Value ArrayPosition(const Values& arguments, const LogicalType&) {
    const Values& items = Items(arguments[0]);
    for (size_t i = 0; i < items.size(); ++i)
        if (!items[i].IsNull() && Same(items[i], arguments[1]))
            return Value::BIGINT(static_cast<int64_t>(i) + 1);
    return Value::BIGINT(0);
}

Value ArrayRemove(const Values& arguments, const LogicalType& type) {
    Values kept;
    for (const Value& item : Items(arguments[0]))
        if (item.IsNull() || !Same(item, arguments[1])) kept.push_back(item);
    return Listed(type, std::move(kept));
}

constexpr int64_t kMostItems = 100'000'000;

void CheckCount(int64_t count) {
    if (count > kMostItems) {
        throw Error(ErrorKind::kLimitExceeded, "an array of {} elements is too large: at most {}",
                    count, kMostItems);
    }
}

// (array, place, value): behind its ends NULL fills what lies between.
Value ArrayInsert(const Values& arguments, const LogicalType& type) {
    if (arguments[0].IsNull() || arguments[1].IsNull()) return Value(type);
    Values items = Items(arguments[0]);
    const int64_t place = arguments[1].GetValue<int64_t>();
    const auto size = static_cast<int64_t>(items.size());
    if (place == 0)
        throw Error(ErrorKind::kInvalidInput,
                    "array_insert counts places from 1, or -1 from the end");
    CheckCount(std::abs(place));
    const LogicalType item = ItemType(type);
    if (place > 0) {
        if (place > size + 1) items.resize(static_cast<size_t>(place) - 1, Value(item));
        items.insert(items.begin() + place - 1, arguments[2]);
    } else {
        const int64_t at = size + place + 1;
        if (at < 0) items.insert(items.begin(), static_cast<size_t>(-at), Value(item));
        items.insert(items.begin() + std::max<int64_t>(at, 0), arguments[2]);
    }
    return Listed(type, std::move(items));
}

Value ArrayRepeat(const Values& arguments, const LogicalType& type) {
    if (arguments[1].IsNull()) return Value(type);
    const int64_t count = std::max<int64_t>(arguments[1].GetValue<int64_t>(), 0);
    CheckCount(count);
    return Listed(type, Values(static_cast<size_t>(count), arguments[0]));
}

Value Slice(const Values& arguments, const LogicalType& type) {
    const Values& items = Items(arguments[0]);
    const auto size = static_cast<int64_t>(items.size());
    const int64_t from = arguments[1].GetValue<int64_t>();
    const int64_t length = arguments[2].GetValue<int64_t>();
    if (from == 0)
        throw Error(ErrorKind::kInvalidInput, "slice counts places from 1, or -1 from the end");
    if (length < 0) throw Error(ErrorKind::kInvalidInput, "slice takes a length of 0 or more");
    const int64_t begin = from > 0 ? from - 1 : size + from;
    if (begin < 0 || begin >= size) return Listed(type, {});
    const int64_t end = std::min(size, begin + std::min(length, size));
    return Listed(type, Values(items.begin() + begin, items.begin() + end));
}

Value ArrayReverse(const Values& arguments, const LogicalType& type) {
    const Values& items = Items(arguments[0]);
    return Listed(type, Values(items.rbegin(), items.rend()));
}

// The texts that are not NULL, with the separator between them.
Value Joined(const Values& arguments, const LogicalType&) {
    std::string text;
    bool is_first = true;
    for (const Value& item : Items(arguments[0])) {
        if (item.IsNull()) continue;
        if (!is_first) text += duckdb::StringValue::Get(arguments[1]);
        is_first = false;
        text += duckdb::StringValue::Get(item);
    }
    return Value(text);
}

Value Flatten(const Values& arguments, const LogicalType& type) {
    Values all;
    for (const Value& list : Items(arguments[0])) {
        if (list.IsNull()) return Value(type);
        all.insert(all.end(), Items(list).begin(), Items(list).end());
    }
    return Listed(type, std::move(all));
}

// Of truth values: is any (or every one) true, where NULL is neither.
template <bool decides>
Value Decide(const Values& arguments, const LogicalType& type) {
    bool has_null = false;
    for (const Value& item : Items(arguments[0])) {
        if (item.IsNull()) {
            has_null = true;
        } else if (item.GetValue<bool>() == decides) {
            return Value::BOOLEAN(decides);
        }
    }
    return has_null ? Value(type) : Value::BOOLEAN(!decides);
}

Value SequenceOfNumbers(const Values& arguments, const LogicalType& type) {
    const int64_t from = arguments[0].GetValue<int64_t>();
    const int64_t to = arguments[1].GetValue<int64_t>();
    const int64_t step =
        arguments.size() > 2 ? arguments[2].GetValue<int64_t>() : (from <= to ? 1 : -1);
    if (from != to && (step == 0 || (step > 0) != (from < to)))
        throw Error(ErrorKind::kInvalidInput, "a step of {} never leads from {} to {}", step, from,
                    to);
    const __int128 count = step == 0 ? 1 : (static_cast<__int128>(to) - from) / step + 1;
    CheckCount(static_cast<int64_t>(std::min<__int128>(count, INT64_MAX)));
    Values items;
    for (int64_t i = 0; i < static_cast<int64_t>(count); ++i)
        items.push_back(Value::Numeric(ItemType(type), from + i * step));
    return Listed(type, std::move(items));
}

// Of times: (from, to, interval). The interval counts from the first one, so that months keep the
// day where they have it.
Value SequenceOfTimes(const Values& arguments, const LogicalType& type) {
    const auto from = arguments[0].GetValue<duckdb::timestamp_t>();
    const auto to = arguments[1].GetValue<duckdb::timestamp_t>();
    const auto step = arguments[2].GetValue<duckdb::interval_t>();
    const bool is_up = duckdb::Interval::Add(from, step).value > from.value;
    const bool is_down = duckdb::Interval::Add(from, step).value < from.value;
    if (from.value != to.value && (from.value < to.value ? !is_up : !is_down))
        throw Error(ErrorKind::kInvalidInput,
                    "the step never leads from the first time to the last");
    Values items;
    for (int32_t i = 0;; ++i) {
        CheckCount(i);
        duckdb::interval_t many = step;
        many.months *= i;
        many.days *= i;
        many.micros *= i;
        const auto at = duckdb::Interval::Add(from, many);
        if (is_up ? at.value > to.value : at.value < to.value) break;
        items.push_back(Value::TIMESTAMP(at).DefaultCastAs(ItemType(type)));
        if (at.value == to.value) break;
    }
    return Listed(type, std::move(items));
}

using Evaluate = Value (*)(const Values&, const LogicalType&);

template <Evaluate evaluate, bool takes_nulls>
void Run(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    const LogicalType type = result.GetType();
    for (duckdb::idx_t row = 0; row < arguments.size(); row++) {
        Values values;
        bool has_null = false;
        for (duckdb::Vector& column : arguments.data) {
            values.push_back(column.GetValue(row));
            has_null = has_null || values.back().IsNull();
        }
        if (has_null && !takes_nulls) {
            duckdb::FlatVector::SetNull(result, row, true);
        } else {
            result.SetValue(row, Guarded([&] { return evaluate(values, type); }));
        }
    }
}

using Bind = duckdb::bind_scalar_function_t;
using Arguments = duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>;

LogicalType Common(duckdb::ClientContext& client, const LogicalType& left,
                   const LogicalType& right) {
    return duckdb::LogicalType::NormalizeType(
        duckdb::LogicalType::MaxLogicalType(client, left, right));
}

// All arguments are arrays of one type.
LogicalType CommonList(duckdb::ClientContext& client, const Arguments& arguments) {
    LogicalType item = ItemType(arguments[0]->return_type);
    for (const auto& argument : arguments)
        item = Common(client, item, ItemType(argument->return_type));
    return LogicalType::LIST(item);
}

duckdb::unique_ptr<duckdb::FunctionData> BindLists(duckdb::ClientContext& client,
                                                   duckdb::ScalarFunction& function,
                                                   Arguments& arguments) {
    const LogicalType list = CommonList(client, arguments);
    function.arguments = Types(arguments.size(), list);
    if (function.return_type.id() == LogicalTypeId::ANY) function.SetReturnType(list);
    return nullptr;
}

// An array and, last, one of its items; whole numbers in between.
duckdb::unique_ptr<duckdb::FunctionData> BindItem(duckdb::ClientContext& client,
                                                  duckdb::ScalarFunction& function,
                                                  Arguments& arguments) {
    const bool has_no_array = arguments[0]->return_type.id() == LogicalTypeId::SQLNULL;
    if (has_no_array) throw duckdb::BinderException("%s takes an array, not NULL", function.name);
    const LogicalType item =
        Common(client, ItemType(arguments[0]->return_type), arguments.back()->return_type);
    function.arguments = {LogicalType::LIST(item)};
    if (arguments.size() == 3) function.arguments.push_back(LogicalType::BIGINT);
    function.arguments.push_back(item);
    if (function.return_type.id() == LogicalTypeId::ANY)
        function.SetReturnType(LogicalType::LIST(item));
    return nullptr;
}

// Of what is no array there are no elements.
void CheckArray(const duckdb::ScalarFunction& function, const LogicalType& type) {
    if (type.id() == LogicalTypeId::LIST || type.id() == LogicalTypeId::SQLNULL) return;
    ThrowIntoDuck(Error(ErrorKind::kInvalidInput, "{} takes an array, not a value of type {}",
                        function.name.substr(std::string_view("spark_").size()), type.ToString()));
}

duckdb::unique_ptr<duckdb::FunctionData> BindArray(duckdb::ClientContext&,
                                                   duckdb::ScalarFunction& function,
                                                   Arguments& arguments) {
    const LogicalType type = arguments[0]->return_type;
    CheckArray(function, type);
    function.arguments = Types(arguments.size(), LogicalType::BIGINT);
    function.arguments[0] = type;
    if (function.return_type.id() == LogicalTypeId::ANY) function.SetReturnType(type);
    return nullptr;
}

duckdb::unique_ptr<duckdb::FunctionData> BindTruths(duckdb::ClientContext&,
                                                    duckdb::ScalarFunction& function, Arguments&) {
    function.arguments = {LogicalType::LIST(LogicalType::BOOLEAN)};
    return nullptr;
}

duckdb::unique_ptr<duckdb::FunctionData> BindRepeat(duckdb::ClientContext&,
                                                    duckdb::ScalarFunction& function,
                                                    Arguments& arguments) {
    const LogicalType type = LogicalType::NormalizeType(arguments[0]->return_type);
    function.arguments = {type, LogicalType::BIGINT};
    function.SetReturnType(LogicalType::LIST(type));
    return nullptr;
}

duckdb::unique_ptr<duckdb::FunctionData> BindFlatten(duckdb::ClientContext&,
                                                     duckdb::ScalarFunction& function,
                                                     Arguments& arguments) {
    const LogicalType inner = ItemType(arguments[0]->return_type);
    CheckArray(function, arguments[0]->return_type);
    CheckArray(function, inner);
    function.arguments = {arguments[0]->return_type};
    function.SetReturnType(inner.id() == LogicalTypeId::LIST
                               ? inner
                               : LogicalType::LIST(LogicalType(LogicalTypeId::SQLNULL)));
    return nullptr;
}

duckdb::unique_ptr<duckdb::FunctionData> BindNumbers(duckdb::ClientContext& client,
                                                     duckdb::ScalarFunction& function,
                                                     Arguments& arguments) {
    LogicalType type = LogicalType(LogicalTypeId::SQLNULL);
    for (const auto& argument : arguments) type = Common(client, type, argument->return_type);
    if (!type.IsIntegral()) type = LogicalType::INTEGER;
    function.arguments = Types(arguments.size(), type);
    function.SetReturnType(LogicalType::LIST(type));
    return nullptr;
}

// sequence(from, to, step)
ExpressionPtr BindSequence(Input& input) {
    const ExpressionBuilder make(input.context);
    ExpressionPtr from = WithOwnType(input.context, std::move(input.children[0]));
    ExpressionPtr to = WithOwnType(input.context, std::move(input.children[1]));
    const LogicalType type = from->return_type;
    const bool is_time = type.id() == LogicalTypeId::DATE ||
                         type.id() == LogicalTypeId::TIMESTAMP ||
                         type.id() == LogicalTypeId::TIMESTAMP_TZ;
    if (!is_time) {
        if (input.children.size() == 2)
            return make.Call("spark_sequence_of_numbers", std::move(from), std::move(to));
        return make.Call("spark_sequence_of_numbers", std::move(from), std::move(to),
                         WithOwnType(input.context, std::move(input.children[2])));
    }
    ExpressionPtr step = input.children.size() > 2 ? std::move(input.children[2])
                                                   : make.Constant(Value::INTERVAL(0, 1, 0));
    return make.Cast(
        make.Call("spark_sequence_of_times", make.Cast(std::move(from), LogicalType::TIMESTAMP),
                  make.Cast(std::move(to), LogicalType::TIMESTAMP), std::move(step)),
        LogicalType::LIST(type));
}

// element_at(array, place), element_at(map, key): places count from 1, or -1 from the end.
template <bool tries>
ExpressionPtr BindElementAt(Input& input) {
    const ExpressionBuilder make(input.context);
    ExpressionPtr value = WithOwnType(input.context, std::move(input.children[0]));
    ExpressionPtr place = WithOwnType(input.context, std::move(input.children[1]));
    if (value->return_type.id() == LogicalTypeId::MAP)
        return make.Call("map_extract_value", std::move(value), std::move(place));
    place = make.Cast(std::move(place), LogicalType::BIGINT);
    ExpressionPtr length = make.Cast(make.Call("len", value->Copy()), LogicalType::BIGINT);
    ExpressionPtr is_outside = make.Call("spark_not_in_array", place->Copy(), std::move(length),
                                         make.Constant(Value::BOOLEAN(tries)));
    ExpressionPtr element = make.Call("list_extract", std::move(value), std::move(place));
    const LogicalType type = element->return_type;
    return make.Case(std::move(is_outside), make.Constant(Value(type)), std::move(element));
}

void CheckPlace(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    for (duckdb::idx_t row = 0; row < arguments.size(); row++) {
        const Value place_value = arguments.data[0].GetValue(row);
        const Value length_value = arguments.data[1].GetValue(row);
        const bool tries = arguments.data[2].GetValue(row).GetValue<bool>();
        if (place_value.IsNull() || length_value.IsNull()) {
            result.SetValue(row, Value::BOOLEAN(true));
            continue;
        }
        const auto place = place_value.GetValue<int64_t>();
        const auto length = length_value.GetValue<int64_t>();
        if (place == 0) {
            ThrowIntoDuck(Error(ErrorKind::kInvalidInput,
                                "element_at counts places from 1, or -1 from the end"));
        }
        const bool is_outside = place > length || -place > length;
        if (is_outside && !tries) {
            ThrowIntoDuck(Error(ErrorKind::kInvalidInput,
                                "the array has {} elements, none at place {}: use try_element_at "
                                "to get NULL instead",
                                length, place));
        }
        result.SetValue(row, Value::BOOLEAN(is_outside));
    }
}

// map_concat(a, b, ..): a key that stands twice is an error.
ExpressionPtr BindMapConcat(Input& input) {
    const ExpressionBuilder make(input.context);
    ExpressionPtr all;
    for (ExpressionPtr& map : input.children) {
        ExpressionPtr entries = make.Call("map_entries", std::move(map));
        all = all ? make.Call("||", std::move(all), std::move(entries)) : std::move(entries);
    }
    return make.Call("map_from_entries", std::move(all));
}

// arrays_zip(a, b, ..) as (names, a, b, ..): NULL among them gives NULL.
ExpressionPtr BindZip(Input& input) {
    const ExpressionBuilder make(input.context);
    const Value names =
        duckdb::ExpressionExecutor::EvaluateScalar(input.context, *input.children[0]);
    duckdb::child_list_t<LogicalType> fields;
    duckdb::vector<ExpressionPtr> lists;
    ExpressionPtr lengths = make.Constant(Value::BIGINT(0));
    for (size_t i = 1; i < input.children.size(); ++i) {
        ExpressionPtr& list = input.children[i];
        fields.emplace_back(Items(names)[i - 1].ToString(), ItemType(list->return_type));
        lengths = make.Call("+", std::move(lengths), make.Call("len", list->Copy()));
        lists.push_back(std::move(list));
    }
    const LogicalType type = LogicalType::LIST(LogicalType::STRUCT(std::move(fields)));
    ExpressionPtr zipped = make.Cast(make.CallOf("list_zip", std::move(lists)), type);
    return make.Case(make.IsNull(std::move(lengths)), make.Constant(Value(type)),
                     std::move(zipped));
}

}  // namespace

void RegisterSparkArrays(duckdb::ExtensionLoader& loader) {
    const LogicalType any = LogicalType::ANY;
    const LogicalType truth = LogicalType::BOOLEAN;
    struct Row {
        const char* name;
        size_t count;
        LogicalType result;
        duckdb::scalar_function_t run;
        Bind bind;
    };
    const Row rows[] = {
        {"spark_array_distinct", 1, any, Run<ArrayDistinct, false>, BindLists},
        {"spark_array_union", 2, any, Run<ArrayUnion, false>, BindLists},
        {"spark_array_intersect", 2, any, Run<ArrayCompared<true>, false>, BindLists},
        {"spark_array_except", 2, any, Run<ArrayCompared<false>, false>, BindLists},
        {"spark_arrays_overlap", 2, truth, Run<ArraysOverlap, false>, BindLists},
        {"spark_array_contains", 2, truth, Run<ArrayContains, false>, BindItem},
        {"spark_array_position", 2, LogicalType::BIGINT, Run<ArrayPosition, false>, BindItem},
        {"spark_array_remove", 2, any, Run<ArrayRemove, false>, BindItem},
        {"spark_array_insert", 3, any, Run<ArrayInsert, true>, BindItem},
        {"spark_array_repeat", 2, any, Run<ArrayRepeat, true>, BindRepeat},
        {"spark_slice", 3, any, Run<Slice, false>, BindArray},
        {"spark_array_reverse", 1, any, Run<ArrayReverse, false>, BindArray},
        {"spark_flatten", 1, any, Run<Flatten, false>, BindFlatten},
        {"spark_any", 1, truth, Run<Decide<true>, false>, BindTruths},
        {"spark_all", 1, truth, Run<Decide<false>, false>, BindTruths},
        {"spark_sequence_of_numbers", 2, any, Run<SequenceOfNumbers, false>, BindNumbers},
        {"spark_sequence_of_numbers", 3, any, Run<SequenceOfNumbers, false>, BindNumbers},
    };
    duckdb::case_insensitive_map_t<duckdb::ScalarFunctionSet> sets;
    for (const Row& row : rows) {
        duckdb::ScalarFunction function(row.name, Types(row.count, any), row.result, row.run,
                                        row.bind);
        function.null_handling = duckdb::FunctionNullHandling::SPECIAL_HANDLING;
        function.SetFallible();
        auto& set = sets.emplace(row.name, duckdb::ScalarFunctionSet(row.name)).first->second;
        set.AddFunction(function);
    }
    duckdb::ScalarFunction times(
        "spark_sequence_of_times",
        {LogicalType::TIMESTAMP, LogicalType::TIMESTAMP, LogicalType::INTERVAL},
        LogicalType::LIST(LogicalType::TIMESTAMP), Run<SequenceOfTimes, false>);
    times.SetFallible();
    const LogicalType text = LogicalType::VARCHAR;
    loader.RegisterFunction(duckdb::ScalarFunction("spark_joined", {LogicalType::LIST(text), text},
                                                   text, Run<Joined, false>));
    loader.RegisterFunction(times);
    duckdb::ScalarFunction check(
        "spark_not_in_array", {LogicalType::BIGINT, LogicalType::BIGINT, truth}, truth, CheckPlace);
    check.null_handling = duckdb::FunctionNullHandling::SPECIAL_HANDLING;
    check.SetFallible();
    loader.RegisterFunction(check);
    for (auto& [name, set] : sets) loader.RegisterFunction(std::move(set));
    RegisterRewritten(loader, "spark_sequence", -2, BindSequence);
    RegisterRewritten(loader, "spark_element_at", 2, BindElementAt<false>);
    RegisterRewritten(loader, "spark_try_element_at", 2, BindElementAt<true>);
    RegisterRewritten(loader, "spark_map_concat", -1, BindMapConcat);
    RegisterRewritten(loader, "spark_arrays_zip", -1, BindZip);
}

}  // namespace tarn::engine::duck
