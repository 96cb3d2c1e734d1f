#include "engine/duck/rule_functions.h"

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "engine/duck/errors.h"
#include "engine/duck/rule_expression.h"
#include "engine/duck/shown_rows.h"
#include "engine/duck/transaction.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;

constexpr const char* kNextIdentity = "next_identity";
constexpr const char* kGenerated = "generated_always_as";

duckdb::unique_ptr<duckdb::ParsedExpression> Call(const char* function,
                                                  const std::vector<std::string>& texts) {
    duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>> arguments;
    for (const std::string& text : texts)
        arguments.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(text)));
    return duckdb::make_uniq<duckdb::FunctionExpression>(function, std::move(arguments));
}

struct CounterData final : public duckdb::FunctionData {
    explicit CounterData(std::shared_ptr<IdentityCounter> of) : counter(std::move(of)) {}
    duckdb::unique_ptr<FunctionData> Copy() const override {
        return duckdb::make_uniq<CounterData>(counter);
    }
    bool Equals(const FunctionData& other) const override {
        return counter == other.Cast<CounterData>().counter;
    }
    const std::shared_ptr<IdentityCounter> counter;
};

std::string TextOf(duckdb::ClientContext& client, const duckdb::Expression& argument) {
    return duckdb::ExpressionExecutor::EvaluateScalar(client, argument).ToString();
}

duckdb::unique_ptr<duckdb::FunctionData> BindNext(
    duckdb::ClientContext& client, duckdb::ScalarFunction&,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
    return Guarded([&]() -> duckdb::unique_ptr<duckdb::FunctionData> {
        auto& found = duckdb::Catalog::GetEntry<duckdb::TableCatalogEntry>(
            client, TextOf(client, *arguments[0]), TextOf(client, *arguments[1]),
            TextOf(client, *arguments[2]));
        TableEntry& entry = TableEntry::Of(found);
        auto& transaction = LakeTransaction::Of(client, entry.ParentCatalog());
        return duckdb::make_uniq<CounterData>(transaction.Identities().Of(
            entry.row().location, entry.metadata(), TextOf(client, *arguments[3])));
    });
}

void GiveNext(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
              duckdb::Vector& result) {
    const auto& bound = state.expr.Cast<duckdb::BoundFunctionExpression>();
    IdentityCounter& counter = *bound.bind_info->Cast<CounterData>().counter;
    const int64_t first = Guarded([&] { return counter.Take(arguments.size()); });
    result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
    auto* numbers = duckdb::FlatVector::GetData<int64_t>(result);
    for (duckdb::idx_t i = 0; i < arguments.size(); i++)
        numbers[i] = first + static_cast<int64_t>(i) * counter.Step();
}

void RefuseGenerated(duckdb::DataChunk& arguments, duckdb::ExpressionState&, duckdb::Vector&) {
    ThrowIntoDuck(Error(ErrorKind::kUnsupported,
                        "DEFAULT of a column that is generated as {}: leave the column out of the "
                        "statement, so that it is computed",
                        arguments.data[0].GetValue(0).ToString()));
}

void CheckCondition(duckdb::DataChunk& arguments, duckdb::ExpressionState&,
                    duckdb::Vector& result) {
    const duckdb::idx_t count = arguments.size();
    duckdb::UnifiedVectorFormat format;
    arguments.data[2].ToUnifiedFormat(count, format);
    const auto* is_true = duckdb::UnifiedVectorFormat::GetData<bool>(format);
    RowNumbers broken;
    for (duckdb::idx_t row = 0; row < count; row++) {
        const auto at = format.sel->get_index(row);
        if (!format.validity.RowIsValid(at) || !is_true[at]) broken.push_back(row);
    }
    result.Reference(duckdb::Value::BOOLEAN(true));
    if (broken.empty()) return;
    std::vector<std::string> columns;
    for (const auto& [name, type] : duckdb::StructType::GetChildTypes(arguments.data[3].GetType()))
        columns.push_back(name);
    const std::string shown = ShownRows(columns, broken, [&](size_t column, duckdb::idx_t row) {
        return duckdb::StructValue::GetChildren(arguments.data[3].GetValue(row))[column];
    });
    ThrowIntoDuck(Error(ErrorKind::kInvalidInput,
                        "{}: {} the condition of REPLACE WHERE ({}): {}; leave {} out of the new "
                        "rows, or widen the condition",
                        arguments.data[0].GetValue(0).ToString(), RowsBreak(broken, count),
                        arguments.data[1].GetValue(0).ToString(), shown,
                        broken.size() == 1 ? "it" : "them"));
}

}  // namespace

void RegisterRuleFunctions(duckdb::DatabaseInstance& database) {
    duckdb::ExtensionLoader loader(database, "tarn");
    const LogicalType text = LogicalType::VARCHAR;
    duckdb::ScalarFunction next(kNextIdentity, {text, text, text, text}, LogicalType::BIGINT,
                                GiveNext, BindNext);
    next.SetVolatile();
    loader.RegisterFunction(next);
    duckdb::ScalarFunction generated(kGenerated, {text}, LogicalType::SQLNULL, RefuseGenerated);
    generated.SetVolatile();
    loader.RegisterFunction(generated);
    duckdb::ScalarFunction meets(kMeetsCondition,
                                 {text, text, LogicalType::BOOLEAN, LogicalType::ANY},
                                 LogicalType::BOOLEAN, CheckCondition);
    meets.SetVolatile();
    // Else it could be asked of rows that the query leaves out.
    meets.SetFallible();
    meets.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
    loader.RegisterFunction(meets);
}

duckdb::unique_ptr<duckdb::ParsedExpression> DefaultOf(const std::string& catalog,
                                                       const TableName& table,
                                                       const table::Field& field) {
    const table::ColumnRules& rules = field.rules;
    if (rules.generated_as) return Call(kGenerated, {*rules.generated_as});
    if (rules.identity) return Call(kNextIdentity, {catalog, table.schema, table.name, field.name});
    if (!rules.default_value) return nullptr;
    return ParseDefault({table, "the default of column " + field.name,
                         "give a value, or change it with ALTER COLUMN ... SET DEFAULT"},
                        *rules.default_value);
}

}  // namespace tarn::engine::duck
