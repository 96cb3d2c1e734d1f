#include "engine/duck/generated_columns.h"

#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/execution/operator/projection/physical_projection.hpp"
#include "duckdb/planner/expression/bound_function_expression.hpp"
#include "duckdb/planner/expression/bound_reference_expression.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "engine/duck/errors.h"
#include "engine/duck/expression_builder.h"
#include "engine/duck/rule_expression.h"
#include "engine/duck/types.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;

// The expression of a generated column over its arguments, evaluated so that a failure names it.
struct Computation final : public duckdb::FunctionData {
    Computation(std::string about, ExpressionPtr of)
        : column(std::move(about)), expression(std::move(of)) {}
    duckdb::unique_ptr<FunctionData> Copy() const override {
        return duckdb::make_uniq<Computation>(column, expression->Copy());
    }
    bool Equals(const FunctionData& other) const override {
        return column == other.Cast<Computation>().column;
    }

    const std::string column;  // "main.t: the generated column g (a + 1)"
    const ExpressionPtr expression;
};

struct ComputationState final : public duckdb::FunctionLocalState {
    ComputationState(duckdb::ClientContext& client, const duckdb::Expression& expression)
        : executor(client, expression) {}
    duckdb::ExpressionExecutor executor;
};

duckdb::unique_ptr<duckdb::FunctionLocalState> MakeState(duckdb::ExpressionState& state,
                                                         const duckdb::BoundFunctionExpression&,
                                                         duckdb::FunctionData* data) {
    return duckdb::make_uniq<ComputationState>(state.GetContext(),
                                               *data->Cast<Computation>().expression);
}

void Compute(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
    auto& executor =
        duckdb::ExecuteFunctionState::GetFunctionState(state)->Cast<ComputationState>().executor;
    try {
        executor.SetChunk(arguments);
        executor.ExecuteExpression(0, result);
    } catch (const duckdb::Exception& exception) {
        const Error error = FromException(exception);
        if (error.kind() != ErrorKind::kInvalidInput) throw;
        const auto& bound = state.expr.Cast<duckdb::BoundFunctionExpression>();
        ThrowIntoDuck(Error(error.kind(),
                            "{} cannot be computed for a row: {}; correct the row, or give its "
                            "columns values of which it can",
                            bound.bind_info->Cast<Computation>().column, error.message()));
    }
}

// The columns that the expression reads become arguments; in it they are numbered anew.
void TakeArguments(ExpressionPtr& expression, duckdb::vector<ExpressionPtr>& arguments) {
    if (expression->GetExpressionClass() != duckdb::ExpressionClass::BOUND_REF) {
        duckdb::ExpressionIterator::EnumerateChildren(
            *expression, [&](ExpressionPtr& child) { TakeArguments(child, arguments); });
        return;
    }
    auto& reference = expression->Cast<duckdb::BoundReferenceExpression>();
    arguments.push_back(reference.Copy());
    reference.index = arguments.size() - 1;
}

ExpressionPtr BindGenerated(duckdb::ClientContext& client, const TableEntry& entry,
                            const duckdb::ColumnList& columns, const table::Field& field) {
    const LogicalType type = ToLogicalType(field.type);
    auto expression = BindRule(client,
                               {entry.row().name, "the generated column " + field.name,
                                "give its values in the statement"},
                               columns, *field.rules.generated_as, type);
    duckdb::vector<ExpressionPtr> arguments;
    TakeArguments(expression, arguments);
    duckdb::vector<LogicalType> types;
    for (const auto& argument : arguments) types.push_back(argument->return_type);
    duckdb::ScalarFunction function("tarn_generated", std::move(types), type, Compute);
    function.SetInitStateCallback(MakeState);
    function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
    auto computation = duckdb::make_uniq<Computation>(
        fmt::format("{}: the generated column {} of type {} ({})", entry.row().name.ToString(),
                    field.name, type.ToString(), *field.rules.generated_as),
        std::move(expression));
    return duckdb::make_uniq<duckdb::BoundFunctionExpression>(
        type, std::move(function), std::move(arguments), std::move(computation));
}

class Substitution {
public:
    Substitution(const TableEntry& entry, const table::Field& field, const RowExpressions& row)
        : entry_(entry), field_(field), row_(row) {}

    void Apply(ExpressionPtr& expression) const {
        if (expression->GetExpressionClass() != duckdb::ExpressionClass::BOUND_REF) {
            duckdb::ExpressionIterator::EnumerateChildren(
                *expression, [this](ExpressionPtr& child) { Apply(child); });
            return;
        }
        const auto column = expression->Cast<duckdb::BoundReferenceExpression>().index;
        if (!row_[column]) Refuse("another generated column");
        if (row_[column]->IsVolatile()) Refuse("a value that differs at each evaluation");
        expression = row_[column]->Copy();
    }

private:
    [[noreturn]] void Refuse(std::string_view what) const {
        throw Error(ErrorKind::kUnsupported,
                    "{}: the generated column {} ({}) would be computed from {}; give its values "
                    "in the statement, or the other's from a subquery",
                    entry_.row().name.ToString(), field_.name, *field_.rules.generated_as, what);
    }

    const TableEntry& entry_;
    const table::Field& field_;
    const RowExpressions& row_;
};

}  // namespace

void ComputeGenerated(duckdb::ClientContext& client, const TableEntry& entry, RowExpressions& row) {
    const table::Schema& schema = entry.metadata().schema;
    const duckdb::ColumnList columns = ColumnsOf(schema);
    RowExpressions computed(row.size());
    for (size_t i = 0; i < schema.fields.size(); i++) {
        if (row[i]) continue;
        computed[i] = BindGenerated(client, entry, columns, schema.fields[i]);
        Substitution(entry, schema.fields[i], row).Apply(computed[i]);
    }
    for (size_t i = 0; i < schema.fields.size(); i++) {
        if (computed[i]) row[i] = std::move(computed[i]);
    }
}

void RefuseGivenIdentity(const TableEntry& entry, size_t column) {
    const table::Field& field = entry.metadata().schema.fields[column];
    if (!field.rules.identity || field.rules.identity->allows_explicit) return;
    throw Error(ErrorKind::kInvalidInput,
                "{}: the column {} is GENERATED ALWAYS AS IDENTITY: leave it out of the columns "
                "that the statement lists",
                entry.row().name.ToString(), field.name);
}

duckdb::PhysicalOperator& ProjectGenerated(duckdb::ClientContext& client,
                                           duckdb::PhysicalPlanGenerator& planner,
                                           const TableEntry& entry, duckdb::PhysicalOperator& rows,
                                           const std::vector<size_t>& absent) {
    RowExpressions row;
    for (size_t i = 0; i < rows.types.size(); i++)
        row.push_back(duckdb::make_uniq<duckdb::BoundReferenceExpression>(rows.types[i], i));
    for (size_t i : absent) row[i].reset();
    ComputeGenerated(client, entry, row);
    auto& projection = planner.Make<duckdb::PhysicalProjection>(rows.types, std::move(row),
                                                                rows.estimated_cardinality);
    projection.children.push_back(rows);
    return projection;
}

}  // namespace tarn::engine::duck
