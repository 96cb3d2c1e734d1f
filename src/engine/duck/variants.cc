#include "engine/duck/variants.h"

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/copy_function_catalog_entry.hpp"
#include "duckdb/common/type_visitor.hpp"
#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "duckdb/function/cast/cast_function_set.hpp"
#include "duckdb/main/connection.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;

bool IsVariant(const LogicalType& type) { return type.id() == duckdb::LogicalTypeId::VARIANT; }

// The cast to JSON, which is text with a name of its own.
struct JsonCast final : public duckdb::BoundCastData {
    explicit JsonCast(duckdb::BoundCastInfo to_json) : cast(std::move(to_json)) {}
    duckdb::unique_ptr<duckdb::BoundCastData> Copy() const override {
        return duckdb::make_uniq<JsonCast>(cast.Copy());
    }
    duckdb::BoundCastInfo cast;
};

bool ToText(duckdb::Vector& source, duckdb::Vector& text, duckdb::idx_t count,
            duckdb::CastParameters& parameters) {
    const auto& to_json = parameters.cast_data->Cast<JsonCast>().cast;
    duckdb::Vector json(LogicalType::JSON(), count);
    duckdb::CastParameters inner(parameters, to_json.cast_data.get(), parameters.local_state);
    if (!to_json.function(source, json, count, inner)) return false;
    text.Reinterpret(json);
    // DuckDB writes the word null for NULL itself.
    text.Flatten(count);
    duckdb::UnifiedVectorFormat format;
    source.ToUnifiedFormat(count, format);
    for (duckdb::idx_t row = 0; row < count; row++) {
        if (!format.validity.RowIsValid(format.sel->get_index(row)))
            duckdb::FlatVector::SetNull(text, row, true);
    }
    return true;
}

duckdb::BoundCastInfo BindToText(duckdb::BindCastInput& input, const LogicalType& source,
                                 const LogicalType&) {
    return {ToText, duckdb::make_uniq<JsonCast>(duckdb::DefaultCasts::GetDefaultCastFunction(
                        input, source, LogicalType::JSON()))};
}

// DuckDB's own Parquet writer under a name of ours, for what it does with a COPY's columns.
constexpr const char* kPlainParquet = "tarn_plain_parquet";

duckdb::CopyFunctionCatalogEntry& CopyFunctionNamed(duckdb::ClientContext& client,
                                                    const char* name) {
    return duckdb::Catalog::GetSystemCatalog(client).GetEntry<duckdb::CopyFunctionCatalogEntry>(
        client, DEFAULT_SCHEMA, name);
}

// DuckDB's Parquet writer takes a variant as a column, not within one.
duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> SelectForParquet(
    duckdb::CopyToSelectInput& input) {
    bool is_changed = false;
    for (auto& expression : input.select_list) {
        const LogicalType type = expression->return_type;
        if (IsVariant(type) || !HasVariant(type)) continue;
        const duckdb::string name = expression->GetAlias();
        expression = duckdb::BoundCastExpression::AddCastToType(
            input.context, std::move(expression), WithTextForVariants(type));
        expression->SetAlias(name);
        is_changed = true;
    }
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> kept;
    if (is_changed) {
        for (const auto& expression : input.select_list) kept.push_back(expression->Copy());
    }
    auto selected = CopyFunctionNamed(input.context, kPlainParquet).function.copy_to_select(input);
    return selected.empty() ? std::move(kept) : std::move(selected);
}

}  // namespace

void RegisterVariants(duckdb::DatabaseInstance& database) {
    duckdb::CastFunctionSet::Get(database).RegisterCastFunction(LogicalType::VARIANT(),
                                                                LogicalType::VARCHAR, BindToText);
    duckdb::ExtensionLoader loader(database, "tarn");
    duckdb::Connection connection(database);
    duckdb::ClientContext& client = *connection.context;
    client.RunFunctionInTransaction([&] {
        auto& parquet = CopyFunctionNamed(client, "parquet").function;
        duckdb::CopyFunction plain = parquet;
        plain.name = kPlainParquet;
        loader.RegisterFunction(std::move(plain));
        parquet.copy_to_select = SelectForParquet;
    });
}

bool HasVariant(const LogicalType& type) {
    return duckdb::TypeVisitor::Contains(type, duckdb::LogicalTypeId::VARIANT);
}

LogicalType WithTextForVariants(const LogicalType& type) {
    return duckdb::TypeVisitor::VisitReplace(type, [](const LogicalType& part) {
        return IsVariant(part) ? LogicalType::VARCHAR : part;
    });
}

void VariantsToText(duckdb::ClientContext& client, duckdb::DataChunk& chunk) {
    for (auto& column : chunk.data) {
        if (!HasVariant(column.GetType())) continue;
        duckdb::Vector text(WithTextForVariants(column.GetType()), chunk.size());
        duckdb::VectorOperations::Cast(client, column, text, chunk.size());
        column.ReferenceAndSetType(text);
    }
}

}  // namespace tarn::engine::duck
