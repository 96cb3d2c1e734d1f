#include "upkeep/planned_steps.h"

#include <fmt/format.h>

#include "base/text.h"

namespace tarn::upkeep {
namespace {

std::string PartitionText(const table::TableMetadata& metadata, const FileGroup& group) {
    std::vector<std::string> parts;
    for (size_t i = 0; i < metadata.partition_columns.size(); ++i) {
        parts.push_back(metadata.partition_columns[i] + "=" +
                        table::ToString(group.partition_values.at(i)));
    }
    return Join(parts, ", ");
}

// Files that are added or go; none is no step.
void AddFiles(PlannedSteps& steps, const char* action, const std::vector<table::DataFile>& files,
              std::string detail = {}) {
    if (files.empty()) return;
    steps.push_back({action, {}, files.size(), BytesOf(files), std::move(detail)});
}

}  // namespace

PlannedSteps StepsOf(const OptimizeTask& task, const std::vector<std::string>& clustered_by) {
    const table::TableMetadata& metadata = task.latest->Metadata();
    const uint64_t target = TargetFor(task.rules, task.latest->Totals().size_bytes);
    const std::vector<std::string>& along = task.zorder.empty() ? clustered_by : task.zorder;
    PlannedSteps steps;
    for (const FileGroup& group : PlanOf(task, clustered_by)) {
        std::string detail = fmt::format(
            "into about {} files", std::max<uint64_t>(1, (group.size_bytes + target - 1) / target));
        if (!along.empty() && !task.is_meant)
            detail += ", along the curve through " + Join(along, ", ");
        steps.push_back({"rewrite", PartitionText(metadata, group), group.files.size(),
                         group.size_bytes, std::move(detail)});
    }
    return steps;
}

PlannedSteps StepsOf(const RestorePlan& plan) {
    PlannedSteps steps;
    AddFiles(steps, "add", plan.restored, "as the version had them");
    AddFiles(steps, "remove", plan.removed, "later ones");
    return steps;
}

PlannedSteps StepsOf(const ClonePlan& plan, bool is_shallow) {
    PlannedSteps steps;
    AddFiles(steps, is_shallow ? "add" : "copy", plan.added,
             is_shallow ? "named where they lie" : "");
    AddFiles(steps, "remove", plan.removed, "which the source has not");
    return steps;
}

PlannedSteps StepsOf(const VacuumReport& report) {
    PlannedSteps steps;
    if (!report.plan.files.empty())
        steps.push_back({"delete", {}, report.plan.files.size(), report.plan.size_bytes, {}});
    if (report.kept_for_others > 0) {
        steps.push_back({"keep",
                         {},
                         report.kept_for_others,
                         {},
                         "which shallow clones or running transactions need"});
    }
    return steps;
}

PlannedSteps StepsOf(const FsckReport& report) {
    std::vector<table::DataFile> missing;
    for (const BrokenFile& broken : report.broken) {
        if (broken.is_missing) missing.push_back(broken.file);
    }
    PlannedSteps steps;
    AddFiles(steps, "remove", missing, "which are gone");
    AddFiles(steps, "remove", report.WithoutVector(), "of which the deletion vectors are gone");
    return steps;
}

PlannedSteps StepsOf(const Manifests& manifests) {
    uint64_t bytes = 0;
    for (const auto& [location, text] : manifests.texts) bytes += text.size();
    return {{"write",
             {},
             manifests.texts.size(),
             bytes,
             fmt::format("lists of {} files", manifests.files)}};
}

PlannedSteps StepsOf(const table::FeatureTrace& trace) {
    PlannedSteps steps;
    AddFiles(steps, "rewrite", trace.files, "without " + trace.drop.feature);
    if (trace.metadata) steps.push_back({"alter", {}, {}, {}, trace.operation});
    const bool is_guarded = trace.drop.is_in_history || !trace.IsClean();
    if (trace.drop.truncates_history) {
        steps.push_back({"forget", {}, {}, {}, "versions that know " + trace.drop.feature});
    } else if (is_guarded) {
        steps.push_back({"checkpoint", {}, {}, {}, "for readers without " + trace.drop.feature});
    }
    steps.push_back({"drop", {}, {}, {}, trace.drop.feature});
    return steps;
}

}  // namespace tarn::upkeep
