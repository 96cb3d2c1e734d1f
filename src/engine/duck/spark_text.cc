#include "engine/duck/spark_text.h"

#include <charconv>
#include <cmath>

#include <fmt/core.h>

#include "base/text.h"
#include "engine/duck/scalar_adapter.h"
#include "engine/duck/spark_intervals.h"
#include "sql/java_number.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;

std::string ShortText(double number) {
    char buffer[64];
    return {buffer, std::to_chars(buffer, buffer + sizeof(buffer), number).ptr};
}

std::string Within(const Value& value) { return value.IsNull() ? "null" : SparkTextOf(value); }

std::string Listed(const duckdb::vector<Value>& values) {
    std::vector<std::string> texts;
    for (const Value& value : values) texts.push_back(Within(value));
    return Join(texts, ", ");
}

template <typename TextOf>
void WriteEach(const duckdb::Vector& values, duckdb::Vector& texts, duckdb::idx_t count,
               const TextOf& text_of) {
    texts.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    for (duckdb::idx_t i = 0; i < count; i++) {
        const Value value = values.GetValue(i);
        texts.SetValue(i, value.IsNull() ? Value(LogicalType::VARCHAR) : Value(text_of(value)));
    }
}

void WriteTexts(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector& result) {
    WriteEach(arguments.data[0], result, arguments.size(),
              [](const Value& value) { return SparkTextOf(value); });
}

std::string HexOf(const Value& value) {
    std::string hex;
    for (const unsigned char byte : duckdb::StringValue::Get(value))
        hex += fmt::format("{:02X}", byte);
    return hex;
}

}  // namespace

std::string SparkTextOf(double number) { return sql::JavaText(number); }
std::string SparkTextOf(float number) { return sql::JavaText(number); }

std::string SparkTextOf(const Value& value) {
    switch (value.type().id()) {
        case LogicalTypeId::FLOAT:
            return SparkTextOf(value.GetValue<float>());
        case LogicalTypeId::DOUBLE:
            return SparkTextOf(value.GetValue<double>());
        case LogicalTypeId::LIST:
            return "[" + Listed(duckdb::ListValue::GetChildren(value)) + "]";
        case LogicalTypeId::STRUCT:
            return "{" + Listed(duckdb::StructValue::GetChildren(value)) + "}";
        case LogicalTypeId::MAP: {
            std::vector<std::string> texts;
            for (const Value& entry : duckdb::MapValue::GetChildren(value)) {
                const auto& pair = duckdb::StructValue::GetChildren(entry);
                texts.push_back(Within(pair[0]) + " -> " + Within(pair[1]));
            }
            return "{" + Join(texts, ", ") + "}";
        }
        case LogicalTypeId::INTERVAL:
            return IntervalText(value.GetValue<duckdb::interval_t>(), value.type());
        case LogicalTypeId::TIMESTAMP_TZ:
            return Value::TIMESTAMP(
                       duckdb::timestamp_t(value.GetValue<duckdb::timestamp_tz_t>().value))
                .ToString();
        default:
            return value.ToString();
    }
}

void WriteSparkTexts(duckdb::ClientContext& client, duckdb::Vector& values, duckdb::Vector& texts,
                     duckdb::idx_t count) {
    switch (values.GetType().id()) {
        case LogicalTypeId::FLOAT:
        case LogicalTypeId::DOUBLE:
        case LogicalTypeId::LIST:
        case LogicalTypeId::MAP:
        case LogicalTypeId::STRUCT:
            return WriteEach(values, texts, count,
                             [](const Value& value) { return SparkTextOf(value); });
        case LogicalTypeId::BLOB:
            return WriteEach(values, texts, count, HexOf);
        case LogicalTypeId::TIMESTAMP_TZ: {
            duckdb::Vector clock(LogicalType::TIMESTAMP, count);
            duckdb::VectorOperations::Cast(client, values, clock, count);
            duckdb::VectorOperations::Cast(client, clock, texts, count);
            return;
        }
        default:
            duckdb::VectorOperations::Cast(client, values, texts, count);
    }
}

void RegisterSparkTexts(duckdb::ExtensionLoader& loader) {
    loader.RegisterFunction(Adapted<ShortText>(kShortText));
    duckdb::ScalarFunction text(kSparkText, {LogicalType::ANY}, LogicalType::VARCHAR, WriteTexts);
    loader.RegisterFunction(text);
}

}  // namespace tarn::engine::duck
