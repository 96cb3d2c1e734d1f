#include "engine/duck/known_aggregates.h"

#include <map>

#include "duckdb/common/multi_file/multi_file_states.hpp"
#include "duckdb/optimizer/optimizer_extension.hpp"
#include "duckdb/planner/expression/bound_aggregate_expression.hpp"
#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/operator/logical_aggregate.hpp"
#include "duckdb/planner/operator/logical_dummy_scan.hpp"
#include "duckdb/planner/operator/logical_expression_get.hpp"
#include "duckdb/planner/operator/logical_get.hpp"
#include "duckdb/planner/operator/logical_projection.hpp"
#include "engine/duck/errors.h"
#include "engine/duck/exact_columns.h"
#include "engine/duck/file_list.h"
#include "engine/duck/scan.h"
#include "engine/duck/values.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;

// An aggregate over all rows of one scan of ours, seen through the projections between them.
class ScanAggregate {
public:
    // Nothing when the plan is of another kind.
    static std::optional<ScanAggregate> Of(LogicalOperator& plan) {
        if (plan.type != LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY) return std::nullopt;
        auto& aggregate = plan.Cast<duckdb::LogicalAggregate>();
        if (!aggregate.groups.empty() || aggregate.grouping_sets.size() > 1 ||
            !aggregate.grouping_functions.empty()) {
            return std::nullopt;
        }
        ScanAggregate found;
        found.aggregate_ = &aggregate;
        LogicalOperator* below = aggregate.children[0].get();
        while (below->type == LogicalOperatorType::LOGICAL_PROJECTION) {
            auto& projection = below->Cast<duckdb::LogicalProjection>();
            found.projections_[projection.table_index] = &projection;
            below = below->children[0].get();
        }
        if (below->type != LogicalOperatorType::LOGICAL_GET) return std::nullopt;
        found.get_ = &below->Cast<duckdb::LogicalGet>();
        if (!found.IsWholeScan()) return std::nullopt;
        return found;
    }

    // One value for each aggregate; nothing when the log does not know one of them.
    std::optional<duckdb::vector<duckdb::Value>> Answers() const {
        std::vector<size_t> columns;
        for (const auto& expression : aggregate_->expressions) {
            const auto* call = CallOf(*expression);
            if (call == nullptr) return std::nullopt;
            if (call->children.empty()) continue;
            const auto column = ColumnOf(*call->children[0]);
            if (!column) return std::nullopt;
            columns.push_back(*column);
        }
        const auto known =
            ExactColumns::Gather(*files_->scan().entry().snapshot(), files_->predicate(), columns);
        if (!known) return std::nullopt;
        duckdb::vector<duckdb::Value> answers;
        for (const auto& expression : aggregate_->expressions) {
            auto answer = AnswerOf(*CallOf(*expression), *known);
            if (!answer) return std::nullopt;
            answers.push_back(answer->DefaultCastAs(expression->return_type));
        }
        return answers;
    }

    duckdb::unique_ptr<LogicalOperator> InPlaceOf(duckdb::vector<duckdb::Value> answers) const {
        duckdb::vector<duckdb::LogicalType> types;
        duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> row;
        for (duckdb::Value& answer : answers) {
            types.push_back(answer.type());
            row.push_back(duckdb::make_uniq<duckdb::BoundConstantExpression>(std::move(answer)));
        }
        duckdb::vector<duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>> rows;
        rows.push_back(std::move(row));
        auto constants = duckdb::make_uniq<duckdb::LogicalExpressionGet>(
            aggregate_->aggregate_index, std::move(types), std::move(rows));
        constants->children.push_back(
            duckdb::make_uniq<duckdb::LogicalDummyScan>(aggregate_->group_index));
        constants->ResolveOperatorTypes();
        return constants;
    }

private:
    // Every row of the files that are left, and no other.
    bool IsWholeScan() {
        if (get_->function.name != kScanFunction || !get_->table_filters.filters.empty() ||
            get_->extra_info.sample_options || get_->dynamic_filters) {
            return false;
        }
        const auto& bind_data = get_->bind_data->Cast<duckdb::MultiFileBindData>();
        files_ = &static_cast<const FileList&>(*bind_data.file_list);
        return files_->IsPlanned();
    }

    static const duckdb::BoundAggregateExpression* CallOf(const duckdb::Expression& expression) {
        if (expression.GetExpressionClass() != duckdb::ExpressionClass::BOUND_AGGREGATE)
            return nullptr;
        const auto& call = expression.Cast<duckdb::BoundAggregateExpression>();
        if (call.filter || call.order_bys) return nullptr;
        const std::string& name = call.function.name;
        const bool is_bound = name == "min" || name == "max";
        const bool is_count = name == "count" && !call.IsDistinct();
        if (name == "count_star" && call.children.empty()) return &call;
        return (is_bound || is_count) && call.children.size() == 1 ? &call : nullptr;
    }

    // The column of the table that the expression is, when it is nothing more.
    std::optional<size_t> ColumnOf(const duckdb::Expression& expression) const {
        const duckdb::Expression* at = &expression;
        while (at->GetExpressionClass() == duckdb::ExpressionClass::BOUND_COLUMN_REF) {
            const auto& binding = at->Cast<duckdb::BoundColumnRefExpression>().binding;
            if (binding.table_index == get_->table_index) {
                const auto& column = get_->GetColumnIds().at(binding.column_index);
                const size_t id = column.GetPrimaryIndex();
                const bool is_whole =
                    !column.IsPushdownExtract() && id < files_->scan().schema().fields.size();
                return is_whole ? std::optional<size_t>(id) : std::nullopt;
            }
            const auto projection = projections_.find(binding.table_index);
            if (projection == projections_.end()) return std::nullopt;
            at = projection->second->expressions.at(binding.column_index).get();
        }
        return std::nullopt;
    }

    std::optional<duckdb::Value> AnswerOf(const duckdb::BoundAggregateExpression& call,
                                          const ExactColumns& known) const {
        if (call.children.empty()) return duckdb::Value::UBIGINT(known.rows());
        const size_t column = *ColumnOf(*call.children[0]);
        const ExactColumn& facts = known.Of(column);
        if (call.function.name == "count") {
            if (!facts.non_null) return std::nullopt;
            return duckdb::Value::UBIGINT(*facts.non_null);
        }
        if (!facts.has_bounds) return std::nullopt;
        return ToDuck(call.function.name == "min" ? facts.min : facts.max,
                      files_->scan().schema().fields[column].type);
    }

    const duckdb::LogicalAggregate* aggregate_ = nullptr;
    std::map<duckdb::idx_t, const duckdb::LogicalProjection*> projections_;
    const duckdb::LogicalGet* get_ = nullptr;
    const FileList* files_ = nullptr;
};

void Replace(duckdb::unique_ptr<LogicalOperator>& plan) {
    if (const auto aggregate = ScanAggregate::Of(*plan)) {
        if (auto answers = aggregate->Answers()) plan = aggregate->InPlaceOf(std::move(*answers));
        return;
    }
    for (auto& child : plan->children) Replace(child);
}

void Optimize(duckdb::OptimizerExtensionInput&, duckdb::unique_ptr<LogicalOperator>& plan) {
    Guarded([&] { Replace(plan); });
}

}  // namespace

void RegisterKnownAggregates(duckdb::DBConfig& config) {
    duckdb::OptimizerExtension extension;
    extension.optimize_function = Optimize;
    duckdb::OptimizerExtension::Register(config, std::move(extension));
}

}  // namespace tarn::engine::duck
