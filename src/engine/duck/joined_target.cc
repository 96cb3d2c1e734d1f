#include "engine/duck/joined_target.h"

#include <algorithm>
#include <utility>

#include "duckdb/execution/operator/join/join_filter_pushdown.hpp"
#include "duckdb/optimizer/optimizer_extension.hpp"
#include "duckdb/planner/operator/logical_comparison_join.hpp"
#include "duckdb/planner/operator/logical_delete.hpp"
#include "duckdb/planner/operator/logical_get.hpp"
#include "duckdb/planner/operator/logical_merge_into.hpp"
#include "duckdb/planner/operator/logical_update.hpp"
#include "engine/duck/scan.h"

namespace tarn::engine::duck {
namespace {

duckdb::optional_ptr<duckdb::TableCatalogEntry> TargetOf(duckdb::LogicalOperator& plan) {
    switch (plan.type) {
        case duckdb::LogicalOperatorType::LOGICAL_MERGE_INTO:
            return &plan.Cast<duckdb::LogicalMergeInto>().table;
        case duckdb::LogicalOperatorType::LOGICAL_UPDATE:
            return &plan.Cast<duckdb::LogicalUpdate>().table;
        case duckdb::LogicalOperatorType::LOGICAL_DELETE:
            return &plan.Cast<duckdb::LogicalDelete>().table;
        default:
            return nullptr;
    }
}

bool IsScanOf(const duckdb::LogicalOperator& plan, const duckdb::TableCatalogEntry& target) {
    if (plan.type != duckdb::LogicalOperatorType::LOGICAL_GET) return false;
    const auto& get = plan.Cast<duckdb::LogicalGet>();
    return get.function.name == kScanFunction && get.GetTable().get() == &target;
}

bool HasScanOf(const duckdb::LogicalOperator& plan, const duckdb::TableCatalogEntry& target) {
    return IsScanOf(plan, target) ||
           std::any_of(plan.children.begin(), plan.children.end(),
                       [&](const auto& child) { return HasScanOf(*child, target); });
}

void ForgetStatistics(duckdb::LogicalOperator& plan, const duckdb::TableCatalogEntry& target,
                      bool is_joined) {
    if (is_joined && IsScanOf(plan, target))
        plan.Cast<duckdb::LogicalGet>().function.statistics = nullptr;
    for (auto& child : plan.children)
        ForgetStatistics(*child, target, is_joined || plan.children.size() > 1);
}

void PreOptimize(duckdb::OptimizerExtensionInput&,
                 duckdb::unique_ptr<duckdb::LogicalOperator>& plan) {
    if (const auto target = TargetOf(*plan)) ForgetStatistics(*plan, *target, false);
}

// DuckDB builds a Bloom filter of a join's keys, for the scan of its other side, only where a
// filter has thinned out the keys' side. A target is scanned to find few rows, whatever the source
// is.
void FilterByKeys(duckdb::LogicalOperator& plan, const duckdb::TableCatalogEntry& target) {
    if (plan.type == duckdb::LogicalOperatorType::LOGICAL_COMPARISON_JOIN) {
        const auto& pushdown = plan.Cast<duckdb::LogicalComparisonJoin>().filter_pushdown;
        if (pushdown && HasScanOf(*plan.children[0], target))
            pushdown->build_side_has_filter = true;
    }
    for (auto& child : plan.children) FilterByKeys(*child, target);
}

void Optimize(duckdb::OptimizerExtensionInput&, duckdb::unique_ptr<duckdb::LogicalOperator>& plan) {
    if (const auto target = TargetOf(*plan)) FilterByKeys(*plan, *target);
}

}  // namespace

void RegisterJoinedTargets(duckdb::DBConfig& config) {
    duckdb::OptimizerExtension extension;
    extension.pre_optimize_function = PreOptimize;
    extension.optimize_function = Optimize;
    duckdb::OptimizerExtension::Register(config, std::move(extension));
}

}  // namespace tarn::engine::duck
