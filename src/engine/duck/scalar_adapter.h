// Makes a function of DuckDB's of a plain C++ function of values: texts as std::string_view, blobs
// as Bytes, numbers and dates as they are. The result may be an optional: nothing is NULL. An
// argument that is NULL gives NULL, and the function is not called. tarn::Error may be thrown.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "duckdb.hpp"
#include "engine/duck/errors.h"

namespace tarn::engine::duck {

// The bytes of a BLOB.
struct Bytes {
    std::string data;
};

// What DuckDB calls the type, how its vectors keep it, and how it is handed over.
template <class T>
struct ValueKind;

template <class T, duckdb::LogicalTypeId id>
struct PlainKind {
    using Stored = T;
    static duckdb::LogicalType Type() { return duckdb::LogicalType(id); }
    static T Take(const T& stored) { return stored; }
    static void Give(duckdb::Vector& vector, duckdb::idx_t row, const T& value) {
        duckdb::FlatVector::GetData<T>(vector)[row] = value;
    }
};
template <>
struct ValueKind<bool> : PlainKind<bool, duckdb::LogicalTypeId::BOOLEAN> {};
template <>
struct ValueKind<int8_t> : PlainKind<int8_t, duckdb::LogicalTypeId::TINYINT> {};
template <>
struct ValueKind<int32_t> : PlainKind<int32_t, duckdb::LogicalTypeId::INTEGER> {};
template <>
struct ValueKind<int64_t> : PlainKind<int64_t, duckdb::LogicalTypeId::BIGINT> {};
template <>
struct ValueKind<double> : PlainKind<double, duckdb::LogicalTypeId::DOUBLE> {};
template <>
struct ValueKind<duckdb::date_t> : PlainKind<duckdb::date_t, duckdb::LogicalTypeId::DATE> {};
template <>
struct ValueKind<duckdb::timestamp_t>
    : PlainKind<duckdb::timestamp_t, duckdb::LogicalTypeId::TIMESTAMP> {};
template <>
struct ValueKind<duckdb::interval_t>
    : PlainKind<duckdb::interval_t, duckdb::LogicalTypeId::INTERVAL> {};

template <>
struct ValueKind<std::string> {
    static duckdb::LogicalType Type() { return duckdb::LogicalType::VARCHAR; }
    static void Give(duckdb::Vector& vector, duckdb::idx_t row, const std::string& value) {
        duckdb::FlatVector::GetData<duckdb::string_t>(vector)[row] =
            duckdb::StringVector::AddStringOrBlob(vector, value);
    }
};
template <>
struct ValueKind<std::string_view> {
    using Stored = duckdb::string_t;
    static duckdb::LogicalType Type() { return duckdb::LogicalType::VARCHAR; }
    static std::string_view Take(const duckdb::string_t& stored) {
        return {stored.GetData(), stored.GetSize()};
    }
};
template <>
struct ValueKind<Bytes> {
    using Stored = duckdb::string_t;
    static duckdb::LogicalType Type() { return duckdb::LogicalType::BLOB; }
    static Bytes Take(const duckdb::string_t& stored) { return {stored.GetString()}; }
    static void Give(duckdb::Vector& vector, duckdb::idx_t row, const Bytes& value) {
        duckdb::FlatVector::GetData<duckdb::string_t>(vector)[row] =
            duckdb::StringVector::AddStringOrBlob(vector, value.data);
    }
};

template <class T>
struct Unwrapped {
    using Type = T;
};
template <class T>
struct Unwrapped<std::optional<T>> {
    using Type = T;
};

template <auto function>
struct ScalarAdapter;

template <class Result, class... Arguments, Result (*function)(Arguments...)>
struct ScalarAdapter<function> {
    using Given = typename Unwrapped<Result>::Type;
    static constexpr size_t kCount = sizeof...(Arguments);
    using Formats = std::array<duckdb::UnifiedVectorFormat, kCount>;

    template <size_t i>
    static auto Argument(const Formats& formats, duckdb::idx_t row) {
        using Kind = ValueKind<std::tuple_element_t<i, std::tuple<std::decay_t<Arguments>...>>>;
        const auto* data = duckdb::UnifiedVectorFormat::GetData<typename Kind::Stored>(formats[i]);
        return Kind::Take(data[formats[i].sel->get_index(row)]);
    }

    template <size_t... i>
    static void Run(duckdb::DataChunk& arguments, duckdb::Vector& result,
                    std::index_sequence<i...>) {
        Formats formats;
        (arguments.data[i].ToUnifiedFormat(arguments.size(), formats[i]), ...);
        const bool is_constant = arguments.AllConstant();
        result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
        const duckdb::idx_t rows = is_constant ? 1 : arguments.size();
        for (duckdb::idx_t row = 0; row < rows; row++) {
            const bool is_whole =
                (formats[i].validity.RowIsValid(formats[i].sel->get_index(row)) && ...);
            if (!is_whole) {
                duckdb::FlatVector::SetNull(result, row, true);
                continue;
            }
            Result value = Guarded([&] { return function(Argument<i>(formats, row)...); });
            if constexpr (std::is_same_v<Result, Given>) {
                ValueKind<Given>::Give(result, row, value);
            } else if (value) {
                ValueKind<Given>::Give(result, row, *value);
            } else {
                duckdb::FlatVector::SetNull(result, row, true);
            }
        }
        if (is_constant) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
    }

    static void Call(duckdb::DataChunk& arguments, duckdb::ExpressionState&,
                     duckdb::Vector& result) {
        Run(arguments, result, std::index_sequence_for<Arguments...>());
    }
};

template <auto function, class Result, class... Arguments>
duckdb::ScalarFunction AdaptedAs(const std::string& name, Result (*)(Arguments...)) {
    duckdb::ScalarFunction made(name, {ValueKind<std::decay_t<Arguments>>::Type()...},
                                ValueKind<typename Unwrapped<Result>::Type>::Type(),
                                ScalarAdapter<function>::Call);
    made.SetFallible();
    return made;
}

// The function under that name, for a loader's RegisterFunction.
template <auto function>
duckdb::ScalarFunction Adapted(const std::string& name) {
    return AdaptedAs<function>(name, function);
}

}  // namespace tarn::engine::duck
