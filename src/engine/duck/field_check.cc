#include "engine/duck/field_check.h"

#include "duckdb/optimizer/optimizer_extension.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"
#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/operator/logical_expression_get.hpp"
#include "duckdb/planner/operator/logical_insert.hpp"
#include "duckdb/planner/operator/logical_merge_into.hpp"
#include "duckdb/planner/operator/logical_projection.hpp"
#include "duckdb/planner/operator/logical_update.hpp"
#include "engine/duck/catalog.h"
#include "engine/duck/client_state.h"
#include "engine/duck/errors.h"
#include "engine/duck/row_shape.h"
#include "engine/duck/store_cast.h"
#include "engine/duck/table_entry.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;

// The values that one statement gives the columns of its table. They come out of the operator below
// it, which has them as expressions, or as one a row of a VALUES list.
class GivenValues {
public:
    GivenValues(duckdb::ClientContext& client, duckdb::TableCatalogEntry& table,
                duckdb::LogicalOperator& rows, const char* statement)
        : client_(client), table_(table), rows_(rows) {
        target_.table = TableEntry::Of(table).row().name.ToString();
        target_.statement = statement;
        target_.may_evolve = target_.statement != "UPDATE";
        target_.evolves = ClientState::Of(client).evolves;
    }

    void Check(size_t column, const duckdb::Expression& value) const {
        if (value.GetExpressionType() != duckdb::ExpressionType::BOUND_COLUMN_REF) return;
        CheckOutput(column, rows_, value.Cast<duckdb::BoundColumnRefExpression>().binding);
    }

    void CheckOutput(size_t column, duckdb::LogicalOperator& from,
                     const duckdb::ColumnBinding& output) const {
        if (from.type == duckdb::LogicalOperatorType::LOGICAL_EXPRESSION_GET) {
            auto& list = from.Cast<duckdb::LogicalExpressionGet>();
            if (list.table_index != output.table_index) return;
            for (auto& row : list.expressions) CheckCast(column, row[output.column_index]);
        } else if (from.type == duckdb::LogicalOperatorType::LOGICAL_PROJECTION) {
            auto& projection = from.Cast<duckdb::LogicalProjection>();
            if (projection.table_index != output.table_index) return;
            auto& value = projection.expressions[output.column_index];
            // The rows of a list are cast where they stand.
            if (value->GetExpressionType() == duckdb::ExpressionType::BOUND_COLUMN_REF) {
                CheckOutput(column, *projection.children.front(),
                            value->Cast<duckdb::BoundColumnRefExpression>().binding);
            } else {
                CheckCast(column, value);
            }
        }
    }

private:
    void CheckCast(size_t column, ExpressionPtr& value) const {
        if (!IsStoreCast(*value)) return;
        const auto& own = table_.GetColumns().GetColumn(duckdb::PhysicalIndex(column));
        if (own.Type() != value->return_type) return;
        const LogicalType given = value->Cast<duckdb::BoundCastExpression>().child->return_type;
        Guarded([&] { CheckFields(target_, own.Name(), given, own.Type()); },
                value->GetQueryLocation());
        GuardStoreCast(client_, target_.table, own.Name(), value);
    }

    duckdb::ClientContext& client_;
    duckdb::TableCatalogEntry& table_;
    duckdb::LogicalOperator& rows_;
    RowTarget target_;
};

bool IsOfLake(duckdb::TableCatalogEntry& table) {
    return table.ParentCatalog().GetCatalogType() == LakeCatalog::kType;
}

void CheckInsert(duckdb::ClientContext& client, duckdb::LogicalInsert& insert) {
    if (insert.children.empty()) return;
    duckdb::LogicalOperator& rows = *insert.children.front();
    const GivenValues given(client, insert.table, rows, "INSERT");
    const auto outputs = rows.GetColumnBindings();
    const size_t columns = insert.table.GetColumns().PhysicalColumnCount();
    for (size_t i = 0; i < columns; i++) {
        const auto from =
            insert.column_index_map.empty() ? i : insert.column_index_map[duckdb::PhysicalIndex(i)];
        if (from < outputs.size()) given.CheckOutput(i, rows, outputs[from]);
    }
}

void CheckUpdate(duckdb::ClientContext& client, duckdb::LogicalUpdate& update) {
    const GivenValues given(client, update.table, *update.children.front(), "UPDATE");
    for (size_t i = 0; i < update.columns.size(); i++)
        given.Check(update.columns[i].index, *update.expressions[i]);
}

void CheckMerge(duckdb::ClientContext& client, duckdb::LogicalMergeInto& merge) {
    const GivenValues given(client, merge.table, *merge.children.front(), "MERGE");
    for (const auto& [condition, actions] : merge.actions) {
        for (const auto& action : actions) {
            if (action->action_type == duckdb::MergeActionType::MERGE_UPDATE) {
                for (size_t i = 0; i < action->columns.size(); i++)
                    given.Check(action->columns[i].index, *action->expressions[i]);
            } else if (action->action_type == duckdb::MergeActionType::MERGE_INSERT) {
                const auto& places = action->column_index_map;
                for (size_t i = 0; i < merge.table.GetColumns().PhysicalColumnCount(); i++) {
                    const auto from = places.empty() ? i : places[duckdb::PhysicalIndex(i)];
                    if (from < action->expressions.size())
                        given.Check(i, *action->expressions[from]);
                }
            }
        }
    }
}

void CheckPlan(duckdb::ClientContext& client, duckdb::LogicalOperator& plan) {
    switch (plan.type) {
        case duckdb::LogicalOperatorType::LOGICAL_INSERT:
            if (IsOfLake(plan.Cast<duckdb::LogicalInsert>().table))
                CheckInsert(client, plan.Cast<duckdb::LogicalInsert>());
            return;
        case duckdb::LogicalOperatorType::LOGICAL_UPDATE:
            if (IsOfLake(plan.Cast<duckdb::LogicalUpdate>().table))
                CheckUpdate(client, plan.Cast<duckdb::LogicalUpdate>());
            return;
        case duckdb::LogicalOperatorType::LOGICAL_MERGE_INTO:
            if (IsOfLake(plan.Cast<duckdb::LogicalMergeInto>().table))
                CheckMerge(client, plan.Cast<duckdb::LogicalMergeInto>());
            return;
        default:
            for (auto& child : plan.children) CheckPlan(client, *child);
    }
}

void PreOptimize(duckdb::OptimizerExtensionInput& input,
                 duckdb::unique_ptr<duckdb::LogicalOperator>& plan) {
    CheckPlan(input.context, *plan);
}

}  // namespace

void RegisterFieldChecks(duckdb::DBConfig& config) {
    duckdb::OptimizerExtension extension;
    extension.pre_optimize_function = PreOptimize;
    duckdb::OptimizerExtension::Register(config, std::move(extension));
}

}  // namespace tarn::engine::duck
