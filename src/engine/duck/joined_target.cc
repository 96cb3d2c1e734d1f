#include "engine/duck/joined_target.h"

#include <utility>

#include "duckdb/optimizer/optimizer_extension.hpp"
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

void ForgetStatistics(duckdb::LogicalOperator& plan, const duckdb::TableCatalogEntry& target,
                      bool is_joined) {
    if (plan.type == duckdb::LogicalOperatorType::LOGICAL_GET && is_joined) {
        auto& get = plan.Cast<duckdb::LogicalGet>();
        if (get.function.name == kScanFunction && get.GetTable().get() == &target)
            get.function.statistics = nullptr;
    }
    for (auto& child : plan.children)
        ForgetStatistics(*child, target, is_joined || plan.children.size() > 1);
}

void PreOptimize(duckdb::OptimizerExtensionInput&,
                 duckdb::unique_ptr<duckdb::LogicalOperator>& plan) {
    if (const auto target = TargetOf(*plan)) ForgetStatistics(*plan, *target, false);
}

}  // namespace

void RegisterJoinedTargets(duckdb::DBConfig& config) {
    duckdb::OptimizerExtension extension;
    extension.pre_optimize_function = PreOptimize;
    duckdb::OptimizerExtension::Register(config, std::move(extension));
}

}  // namespace tarn::engine::duck
