#include "engine/duck/spark_csv.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "engine/duck/errors.h"
#include "engine/duck/spark_text.h"
#include "engine/duck/text_options.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;
using std::string;
using std::string_view;
using Arguments = duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>;

// What stands between two separators; quoted, it may hold them.
struct Field {
    string text;
    bool is_quoted = false;
};

std::vector<Field> SplitLine(string_view line, string_view separator) {
    std::vector<Field> fields(1);
    bool is_inside = false;
    for (size_t i = 0; i < line.size(); ++i) {
        Field& field = fields.back();
        const char c = line[i];
        const bool is_escape = is_inside && c == '\\' && i + 1 < line.size();
        if (is_escape) {
            field.text += line[++i];
        } else if (c == '"' && (is_inside || (field.text.empty() && !field.is_quoted))) {
            is_inside = !is_inside;
            field.is_quoted = true;
        } else if (!is_inside && line.substr(i).starts_with(separator)) {
            fields.emplace_back();
            i += separator.size() - 1;
        } else {
            field.text += c;
        }
    }
    return fields;
}

class CsvReader {
public:
    CsvReader(duckdb::ClientContext& client, const TextOptions& options)
        : client_(client), options_(options) {}

    // Fields that are none of their type, or are not there, are NULL.
    Value Record(string_view line, const LogicalType& type) const {
        const std::vector<Field> fields = SplitLine(line, options_.separator);
        duckdb::vector<Value> values;
        for (const auto& [name, child] : duckdb::StructType::GetChildTypes(type)) {
            const size_t place = values.size();
            values.push_back(place < fields.size() ? Of(fields[place], child) : Value(child));
        }
        return Value::STRUCT(type, std::move(values));
    }

private:
    Value Of(const Field& field, const LogicalType& type) const {
        const string& text = field.text;
        if (!field.is_quoted && text == options_.null_text) return Value(type);
        Value value = Read(text, type);
        if (value.IsNull() && options_.fails)
            throw Error(ErrorKind::kInvalidInput, "'{}' is no {}", text, type.ToString());
        return value;
    }

    Value Read(const string& text, const LogicalType& type) const {
        const bool has_blanks = text.starts_with(' ') || text.ends_with(' ');
        switch (type.id()) {
            case LogicalTypeId::VARCHAR:
                return Value(text);
            case LogicalTypeId::DATE:
                return options_.date_pattern ? ByPattern(*options_.date_pattern, text, type)
                                             : Cast(text, type);
            case LogicalTypeId::TIMESTAMP:
            case LogicalTypeId::TIMESTAMP_TZ:
                return options_.time_pattern ? ByPattern(*options_.time_pattern, text, type)
                                             : Cast(text, type);
            case LogicalTypeId::BOOLEAN: {
                const string word = AsciiLower(text);
                return word == "true" || word == "false" ? Value::BOOLEAN(word == "true")
                                                         : Value(type);
            }
            default:
                // A fraction is no whole number, nor is one among blanks.
                if (type.IsIntegral() &&
                    (has_blanks || text.find_first_not_of("+-0123456789") != string::npos))
                    return Value(type);
                return Cast(text, type);
        }
    }

    Value ByPattern(const TimePattern& pattern, const string& text, const LogicalType& type) const {
        const auto micros = pattern.Read(text);
        if (!micros) return Value(type);
        const duckdb::timestamp_t time(*micros);
        const bool is_instant = type.id() == LogicalTypeId::TIMESTAMP_TZ && pattern.HasZone();
        if (is_instant) return Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(time));
        return Value::TIMESTAMP(time).CastAs(client_, type);
    }

    Value Cast(const string& text, const LogicalType& type) const {
        Value value;
        string error;
        if (!Value(text).TryCastAs(client_, type, value, &error)) return Value(type);
        return value;
    }

    duckdb::ClientContext& client_;
    const TextOptions& options_;
};

string Quoted(const string& text, const string& separator) {
    const bool needs_quotes = text.empty() || text.find_first_of("\"\r\n") != string::npos ||
                              text.find(separator) != string::npos || text.starts_with('#');
    if (!needs_quotes) return text;
    string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + "\"";
}

class CsvWriter {
public:
    CsvWriter(duckdb::ClientContext& client, const TextOptions& options)
        : client_(client), options_(options) {}

    string Line(const Value& record) const {
        std::vector<string> fields;
        for (const Value& value : duckdb::StructValue::GetChildren(record))
            fields.push_back(value.IsNull() ? options_.null_text : FieldOf(value));
        return Join(fields, options_.separator);
    }

private:
    string FieldOf(const Value& value) const {
        switch (value.type().id()) {
            case LogicalTypeId::TIMESTAMP:
            case LogicalTypeId::TIMESTAMP_TZ:
                return TimeOf(value);
            case LogicalTypeId::DATE:
                return options_.date_pattern
                           ? options_.date_pattern->Format({Micros(value), 0, "UTC"})
                           : value.ToString();
            default:
                return Quoted(SparkTextOf(value), options_.separator);
        }
    }

    int64_t Micros(const Value& value) const {
        return value.CastAs(client_, LogicalType::TIMESTAMP).GetValue<duckdb::timestamp_t>().value;
    }

    string TimeOf(const Value& value) const {
        const bool is_instant = value.type().id() == LogicalTypeId::TIMESTAMP_TZ;
        static const TimePattern kInstant = TimePattern::Parse("yyyy-MM-dd'T'HH:mm:ss.SSSXXX");
        static const TimePattern kClock = TimePattern::Parse("yyyy-MM-dd'T'HH:mm:ss.SSS");
        const int64_t clock = Micros(value);
        const int64_t instant = is_instant ? value.GetValue<duckdb::timestamp_tz_t>().value : clock;
        constexpr int64_t kSecondMicros = 1'000'000;
        const ClockTime time = {clock, (clock - instant) / kSecondMicros, "UTC"};
        if (options_.time_pattern) return options_.time_pattern->Format(time);
        return is_instant ? kInstant.Format(time) : kClock.Format(time);
    }

    duckdb::ClientContext& client_;
    const TextOptions& options_;
};

// (text, type, options)
duckdb::unique_ptr<duckdb::FunctionData> BindFromCsv(duckdb::ClientContext& client,
                                                     duckdb::ScalarFunction& function,
                                                     Arguments& arguments) {
    const LogicalType type = TakeWantedType(client, "from_csv", arguments);
    if (type.id() != LogicalTypeId::STRUCT) {
        ThrowIntoDuck(Error(ErrorKind::kInvalidInput,
                            "from_csv takes the fields of a record for its schema, not {}",
                            type.ToString()));
    }
    function.SetReturnType(type);
    function.arguments = {LogicalType::VARCHAR};
    function.varargs = LogicalType(LogicalTypeId::INVALID);
    return BindTextOptions(client, arguments, 1);
}

// (record, options)
duckdb::unique_ptr<duckdb::FunctionData> BindToCsv(duckdb::ClientContext& client,
                                                   duckdb::ScalarFunction& function,
                                                   Arguments& arguments) {
    const LogicalType type = arguments[0]->return_type;
    if (type.id() != LogicalTypeId::STRUCT) {
        ThrowIntoDuck(Error(ErrorKind::kInvalidInput,
                            "to_csv takes a record, not a value of type {}", type.ToString()));
    }
    function.arguments = {type};
    function.varargs = LogicalType(LogicalTypeId::INVALID);
    return BindTextOptions(client, arguments, 1);
}

// (text, options)
duckdb::unique_ptr<duckdb::FunctionData> BindSchema(duckdb::ClientContext& client,
                                                    duckdb::ScalarFunction& function,
                                                    Arguments& arguments) {
    function.arguments = {LogicalType::VARCHAR};
    function.varargs = LogicalType(LogicalTypeId::INVALID);
    return BindTextOptions(client, arguments, 1);
}

template <class Give>
void ForEach(duckdb::DataChunk& arguments, duckdb::Vector& result, Give&& give) {
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    for (duckdb::idx_t row = 0; row < arguments.size(); row++) {
        const Value value = arguments.data[0].GetValue(row);
        result.SetValue(
            row, value.IsNull() ? Value(result.GetType()) : Guarded([&] { return give(value); }));
    }
}

void GiveRecord(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                duckdb::Vector& result) {
    const CsvReader reader(state.GetContext(), TextOptionsOf(state));
    ForEach(arguments, result, [&](const Value& line) {
        return reader.Record(duckdb::StringValue::Get(line), result.GetType());
    });
}

void GiveLine(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
              duckdb::Vector& result) {
    const CsvWriter writer(state.GetContext(), TextOptionsOf(state));
    ForEach(arguments, result, [&](const Value& record) { return Value(writer.Line(record)); });
}

// The first of Spark's types that reads the text.
string TypeNameOf(duckdb::ClientContext& client, const Field& field) {
    const auto reads = [&](const LogicalType& type) {
        Value value;
        string error;
        return Value(field.text).TryCastAs(client, type, value, &error);
    };
    const string& text = field.text;
    if (text.empty()) return "STRING";
    const bool is_whole = text.find_first_not_of("+-0123456789") == string::npos;
    if (is_whole && reads(LogicalType::INTEGER)) return "INT";
    if (is_whole && reads(LogicalType::BIGINT)) return "BIGINT";
    const bool is_number = text.find_first_not_of("+-0123456789.eE") == string::npos;
    if (is_number && reads(LogicalType::DOUBLE)) return "DOUBLE";
    const bool is_time = text[0] >= '0' && text[0] <= '9';
    if (is_time && text.find(':') == string::npos && reads(LogicalType::DATE)) return "DATE";
    if (is_time && reads(LogicalType::TIMESTAMP)) return "TIMESTAMP";
    const string word = AsciiLower(text);
    return word == "true" || word == "false" ? "BOOLEAN" : "STRING";
}

void GiveSchema(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                duckdb::Vector& result) {
    const TextOptions& options = TextOptionsOf(state);
    ForEach(arguments, result, [&](const Value& line) {
        std::vector<string> fields;
        for (const Field& field : SplitLine(duckdb::StringValue::Get(line), options.separator)) {
            fields.push_back(
                fmt::format("_c{}: {}", fields.size(), TypeNameOf(state.GetContext(), field)));
        }
        return Value("STRUCT<" + Join(fields, ", ") + ">");
    });
}

}  // namespace

void RegisterSparkCsv(duckdb::ExtensionLoader& loader) {
    const LogicalType text = LogicalType::VARCHAR;
    const LogicalType any = LogicalType::ANY;
    duckdb::ScalarFunction functions[] = {
        duckdb::ScalarFunction("spark_from_csv", {text, any}, any, GiveRecord, BindFromCsv),
        duckdb::ScalarFunction("spark_to_csv", {any}, text, GiveLine, BindToCsv),
        duckdb::ScalarFunction("spark_schema_of_csv", {text}, text, GiveSchema, BindSchema)};
    for (duckdb::ScalarFunction& function : functions) {
        function.varargs = any;
        function.null_handling = duckdb::FunctionNullHandling::SPECIAL_HANDLING;
        function.SetFallible();
        loader.RegisterFunction(function);
    }
}

}  // namespace tarn::engine::duck
