// The options of from_json, to_json, from_csv and to_csv that change values: a constant map of
// texts.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "duckdb.hpp"
#include "engine/duck/time_pattern.h"

namespace tarn::engine::duck {

struct TextOptions {
    std::optional<TimePattern> date_pattern;
    std::optional<TimePattern> time_pattern;
    bool fails = false;       // mode FAILFAST
    bool drops_nulls = true;  // ignoreNullFields
    std::string separator = ",";
    std::string null_text;  // of CSV
    std::string corrupt_column = "_corrupt_record";

    // InvalidInput for what is no constant map.
    static TextOptions Of(duckdb::ClientContext& client, const duckdb::Expression& map);
};

struct TextOptionsData final : public duckdb::FunctionData {
    explicit TextOptionsData(std::shared_ptr<const TextOptions> of) : options(std::move(of)) {}
    duckdb::unique_ptr<FunctionData> Copy() const override;
    bool Equals(const FunctionData& other) const override;
    const std::shared_ptr<const TextOptions> options;
};

// Takes the argument at `place` and those behind it away: the options, where they are given.
duckdb::unique_ptr<duckdb::FunctionData> BindTextOptions(
    duckdb::ClientContext& client,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments, size_t place);
// What BindTextOptions bound.
const TextOptions& TextOptionsOf(duckdb::ExpressionState& state);

// The type of a function's second argument: a NULL of it, or a constant text that says it, which
// schema_of_json gives. Takes that argument away.
duckdb::LogicalType TakeWantedType(
    duckdb::ClientContext& client, const std::string& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments);

}  // namespace tarn::engine::duck
