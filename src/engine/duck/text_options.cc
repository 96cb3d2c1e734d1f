#include "engine/duck/text_options.h"

#include <utility>

#include "base/text.h"
#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "engine/duck/errors.h"
#include "sql/type_text.h"

namespace tarn::engine::duck {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;

TextOptions TextOptions::Of(duckdb::ClientContext& client, const duckdb::Expression& map) {
    TextOptions options;
    if (!map.IsFoldable())
        throw Error(ErrorKind::kInvalidInput, "the options must be a constant map");
    const Value value = duckdb::ExpressionExecutor::EvaluateScalar(client, map);
    if (value.IsNull()) return options;
    if (value.type().id() != LogicalTypeId::MAP)
        throw Error(ErrorKind::kInvalidInput, "the options stand in a map of texts");
    for (const Value& entry : duckdb::MapValue::GetChildren(value)) {
        const auto& pair = duckdb::StructValue::GetChildren(entry);
        const std::string name = AsciiLower(pair[0].ToString());
        const std::string text = pair[1].ToString();
        if (name == "dateformat") options.date_pattern = TimePattern::Parse(text);
        if (name == "timestampformat") options.time_pattern = TimePattern::Parse(text);
        if (name == "mode") options.fails = EqualsIgnoreCase(text, "FAILFAST");
        if (name == "ignorenullfields") options.drops_nulls = !EqualsIgnoreCase(text, "false");
        if (name == "nullvalue") options.null_text = text;
        if (name == "columnnameofcorruptrecord") options.corrupt_column = text;
        const bool is_separator = name == "sep" || name == "delimiter";
        if (is_separator && text.empty())
            throw Error(ErrorKind::kInvalidInput, "the option {} takes at least a character", name);
        if (is_separator) options.separator = text == "\\t" ? "\t" : text;
    }
    return options;
}

duckdb::unique_ptr<duckdb::FunctionData> TextOptionsData::Copy() const {
    return duckdb::make_uniq<TextOptionsData>(options);
}
bool TextOptionsData::Equals(const FunctionData& other) const {
    return options == other.Cast<TextOptionsData>().options;
}

duckdb::unique_ptr<duckdb::FunctionData> BindTextOptions(
    duckdb::ClientContext& client,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments, size_t place) {
    auto options = std::make_shared<TextOptions>();
    if (arguments.size() > place) {
        *options = Guarded([&] { return TextOptions::Of(client, *arguments[place]); });
        arguments.resize(place);
    }
    return duckdb::make_uniq<TextOptionsData>(std::move(options));
}

const TextOptions& TextOptionsOf(duckdb::ExpressionState& state) {
    return *state.expr.Cast<duckdb::BoundFunctionExpression>()
                .bind_info->Cast<TextOptionsData>()
                .options;
}

LogicalType TakeWantedType(duckdb::ClientContext& client, const std::string& function,
                           duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
    const auto schema = std::move(arguments[1]);
    arguments.erase(arguments.begin() + 1);
    if (!schema->IsFoldable()) {
        ThrowIntoDuck(
            Error(ErrorKind::kInvalidInput, "{}: the schema must be a constant", function));
    }
    const Value value = duckdb::ExpressionExecutor::EvaluateScalar(client, *schema);
    if (value.IsNull()) return schema->return_type;
    const auto type = sql::EngineTypeInText(value.ToString());
    if (!type) {
        ThrowIntoDuck(
            Error(ErrorKind::kInvalidInput, "{}: '{}' is no type", function, value.ToString()));
    }
    return duckdb::TransformStringToLogicalType(*type, client);
}

}  // namespace tarn::engine::duck
