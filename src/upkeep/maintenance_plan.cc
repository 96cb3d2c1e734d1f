#include "upkeep/maintenance_plan.h"

#include <algorithm>
#include <array>

#include "upkeep/clustering_plan.h"
#include "upkeep/optimize_plan.h"

namespace tarn::upkeep {
namespace {

uint64_t BytesIn(const std::vector<FileGroup>& groups) {
    uint64_t bytes = 0;
    for (const FileGroup& group : groups) bytes += group.size_bytes;
    return bytes;
}

}  // namespace

std::string_view NameOf(RewriteKind kind) {
    switch (kind) {
        case RewriteKind::kPurge:
            return "purge";
        case RewriteKind::kCluster:
            return "cluster";
        case RewriteKind::kCompact:
            break;
    }
    return "compact";
}

std::vector<PlannedRewrite> PlanRewrites(const table::TableMetadata& metadata,
                                         std::vector<table::DataFile> files, uint64_t most_bytes) {
    const OptimizeRules rules = RulesOfMaintenance(metadata, most_bytes);
    const bool is_clustered = !metadata.clustering_columns.empty();
    const uint64_t target = TargetFor(rules, BytesOf(files));
    std::vector<FileGroup> groups =
        is_clustered ? PlanClustering(std::move(files), metadata.clustering_columns, rules, {})
                     : PlanOptimize(std::move(files), rules);
    const uint64_t wanted = BytesIn(groups);
    is_clustered ? CutTo(most_bytes, groups) : KeepWithin(most_bytes, groups);
    std::array<PlannedRewrite, 3> by_kind;
    for (const FileGroup& group : groups) {
        const RewriteKind kind = is_clustered              ? RewriteKind::kCluster
                                 : group.files.size() == 1 ? RewriteKind::kPurge
                                                           : RewriteKind::kCompact;
        PlannedRewrite& planned = by_kind[static_cast<size_t>(kind)];
        planned.files += group.files.size();
        planned.bytes += group.size_bytes;
        planned.files_after += std::max<uint64_t>(1, (group.size_bytes + target - 1) / target);
    }
    const RewriteKind main = is_clustered ? RewriteKind::kCluster : RewriteKind::kCompact;
    by_kind[static_cast<size_t>(main)].deferred_bytes = wanted - BytesIn(groups);
    std::vector<PlannedRewrite> planned;
    for (size_t i = 0; i < by_kind.size(); ++i) {
        by_kind[i].kind = static_cast<RewriteKind>(i);
        if (by_kind[i].files > 0 || by_kind[i].deferred_bytes > 0) planned.push_back(by_kind[i]);
    }
    return planned;
}

}  // namespace tarn::upkeep
