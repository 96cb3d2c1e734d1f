#include "upkeep/optimize.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "upkeep/clustering_plan.h"

namespace tarn::upkeep {
namespace {

using table::DataFile;

constexpr int kMaxRounds = 10;

std::string NamesText(const std::vector<std::string>& names) {
    return nlohmann::json(nlohmann::json(names).dump()).dump();
}

// `done`: partitions that were laid along the curve already.
std::vector<DataFile> WantedFiles(const OptimizeTask& task, const table::Snapshot& snapshot,
                                  const std::set<std::string>& done) {
    std::vector<DataFile> files = snapshot.Plan({}).files;
    std::erase_if(files, [&](const DataFile& file) {
        return done.contains(PartitionKey(file.partition_values));
    });
    if (task.is_wanted) {
        std::erase_if(files,
                      [&](const DataFile& file) { return !task.is_wanted(file.partition_values); });
    }
    if (task.is_meant) std::erase_if(files, std::not_fn(task.is_meant));
    return files;
}

// Keeps the groups of which every file is live still.
void DropTouched(const table::Snapshot& snapshot, std::vector<Rewritten>& groups) {
    std::set<std::pair<std::string, std::string>> live;
    for (const DataFile& file : snapshot.Plan({}).files) live.insert(KeyOf(file));
    std::erase_if(groups, [&](const Rewritten& rewritten) {
        return std::any_of(rewritten.group.files.begin(), rewritten.group.files.end(),
                           [&](const DataFile& file) { return !live.contains(KeyOf(file)); });
    });
}

bool HeedsClustering(const OptimizeTask& task) { return !task.is_meant && task.zorder.empty(); }

// The columns by which the table is clustered, where this run heeds them.
std::vector<std::string> ClusteredBy(const OptimizeTask& task, const table::Snapshot& snapshot) {
    if (!HeedsClustering(task)) return {};
    return snapshot.Metadata().clustering_columns;
}

table::Change ChangeOf(const OptimizeTask& task, const table::Snapshot& base,
                       const std::vector<Rewritten>& groups) {
    table::Change change;
    change.operation = task.operation;
    change.parameters = {{"predicate", task.predicate},
                         {"zOrderBy", NamesText(task.zorder)},
                         {"clusterBy", NamesText(ClusteredBy(task, base))},
                         {"auto", task.is_automatic ? "true" : "false"}};
    if (task.is_full) change.parameters["isFull"] = "true";
    PutInPlace(groups, change);
    return change;
}

// What is to be written again of these files.
std::vector<FileGroup> PlanAll(const OptimizeTask& task, const std::vector<std::string>& columns,
                               std::vector<DataFile> files) {
    if (task.is_meant) return PlanRewrite(std::move(files), task.rules);
    if (!task.zorder.empty()) return PlanWholePartitions(std::move(files));
    if (columns.empty()) return PlanOptimize(std::move(files), task.rules);
    ClusteringRules clustering;
    clustering.takes_all = task.is_full;
    return PlanClustering(std::move(files), columns, task.rules, clustering);
}

// `columns`: those by which the files are clustered, where this run heeds them.
std::vector<FileGroup> Plan(const OptimizeTask& task, const std::vector<std::string>& columns,
                            std::vector<DataFile> files) {
    std::vector<FileGroup> groups = PlanAll(task, columns, std::move(files));
    if (columns.empty()) {
        KeepWithin(task.rules.most_bytes, groups);
    } else {
        CutTo(task.rules.most_bytes, groups);
    }
    return groups;
}

FileStyle StyleOf(const OptimizeTask& task, const table::Snapshot& snapshot) {
    FileStyle style{snapshot.Metadata(), TargetFor(task.rules, snapshot.Totals().size_bytes),
                    task.zorder};
    if (style.along.empty()) style.along = ClusteredBy(task, snapshot);
    return style;
}

void MarkClustered(const OptimizeTask& task, const table::Snapshot& snapshot,
                   std::vector<Rewritten>& groups) {
    const std::vector<std::string> columns = ClusteredBy(task, snapshot);
    if (columns.empty()) return;
    const auto clustering =
        std::make_shared<const table::FileClustering>(table::FileClustering{task.run, columns});
    for (Rewritten& rewritten : groups) {
        for (DataFile& file : rewritten.added) file.clustering = clustering;
    }
}

// Gives the partitions that had files written again.
std::set<std::string> Count(const std::vector<Rewritten>& groups, OptimizeReport& report) {
    std::set<std::string> partitions;
    for (const Rewritten& rewritten : groups) {
        partitions.insert(PartitionKey(rewritten.group.partition_values));
        for (const DataFile& file : rewritten.group.files) {
            report.removed_bytes.push_back(file.size_bytes);
            report.vectors_removed += file.deletion_vector ? 1 : 0;
        }
        for (const DataFile& file : rewritten.added) report.added_bytes.push_back(file.size_bytes);
    }
    report.partitions += partitions.size();
    return partitions;
}

// Only files matter: after a change of the schema they are written once more.
bool MayKeepFiles(table::ConflictReason reason) {
    return reason != table::ConflictReason::kMetadataChanged &&
           reason != table::ConflictReason::kProtocolChanged;
}

size_t FilesIn(const std::vector<Rewritten>& groups) {
    size_t files = 0;
    for (const Rewritten& rewritten : groups) files += rewritten.group.files.size();
    return files;
}

// Commits what nobody touched meanwhile; gives the partitions of it.
std::set<std::string> Commit(const OptimizeTask& task, table::SnapshotPtr base,
                             std::vector<Rewritten> groups, OptimizeReport& report) {
    for (int attempt = 0; attempt < kMaxRounds && !groups.empty(); ++attempt) {
        const auto outcome = task.format.Commit(base, ChangeOf(task, *base, groups));
        if (const auto* committed = std::get_if<table::Committed>(&outcome)) {
            report.version = committed->version;
            return Count(groups, report);
        }
        if (const auto* unknown = std::get_if<table::Unknown>(&outcome)) {
            throw Error(ErrorKind::kUnavailable,
                        "the answer to OPTIMIZE's commit {} was lost; it changes no row, run it "
                        "again. {}",
                        unknown->commit_id, unknown->detail);
        }
        base = task.format.Load(base->Location(), table::Latest{}, base);
        if (!MayKeepFiles(std::get<table::Conflict>(outcome).reason)) return {};
        DropTouched(*base, groups);
    }
    return {};
}

}  // namespace

std::vector<FileGroup> PlanOf(const OptimizeTask& task,
                              const std::vector<std::string>& clustered_by) {
    return Plan(task, HeedsClustering(task) ? clustered_by : std::vector<std::string>(),
                WantedFiles(task, *task.latest, {}));
}

OptimizeReport Optimize(const OptimizeTask& task) {
    OptimizeReport report;
    table::SnapshotPtr snapshot = task.latest;
    snapshot->CheckWritable(table::RowsThere::kStay);
    std::set<std::string> done;
    while (true) {
        std::vector<DataFile> files = WantedFiles(task, *snapshot, done);
        report.files_considered = std::max<uint64_t>(report.files_considered, files.size());
        std::vector<FileGroup> groups = Plan(task, ClusteredBy(task, *snapshot), std::move(files));
        if (groups.empty()) return report;
        if (report.rounds == kMaxRounds) {
            report.was_outrun = true;
            // What was committed is done, and the next run goes on from there.
            if (report.version) return report;
            throw Error(ErrorKind::kConflict,
                        "other writers changed the table's files each time before OPTIMIZE could "
                        "commit; run it when fewer write");
        }
        ++report.rounds;
        const FileStyle style = StyleOf(task, *snapshot);
        std::vector<Rewritten> rewritten = RewriteGroups(
            {task.rewriter, snapshot, style, task.step, report.batches}, std::move(groups));
        MarkClustered(task, *snapshot, rewritten);
        const size_t wanted = report.removed_bytes.size() + FilesIn(rewritten);
        const std::set<std::string> written = Commit(task, snapshot, std::move(rewritten), report);
        if (!task.zorder.empty()) done.insert(written.begin(), written.end());
        // Nobody interfered: the plan is done.
        if (report.removed_bytes.size() == wanted) return report;
        snapshot = task.format.Load(snapshot->Location(), table::Latest{}, snapshot);
    }
}

}  // namespace tarn::upkeep
