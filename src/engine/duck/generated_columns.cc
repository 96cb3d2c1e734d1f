#include "engine/duck/generated_columns.h"

#include "duckdb/execution/operator/projection/physical_projection.hpp"
#include "duckdb/planner/expression/bound_reference_expression.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "engine/duck/rule_expression.h"
#include "engine/duck/types.h"

namespace tarn::engine::duck {
namespace {

using ExpressionPtr = duckdb::unique_ptr<duckdb::Expression>;

ExpressionPtr BindGenerated(duckdb::ClientContext& client, const TableEntry& entry,
                            const duckdb::ColumnList& columns, const table::Field& field) {
    return BindRule(client,
                    {entry.row().name, "the generated column " + field.name,
                     "give its values in the statement"},
                    columns, *field.rules.generated_as, ToLogicalType(field.type));
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
