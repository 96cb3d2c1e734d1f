#include "upkeep/optimize.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "base/error.h"

namespace tarn::upkeep {
namespace {

using table::DataFile;

constexpr int kMaxRounds = 10;

std::vector<DataFile> WantedFiles(const OptimizeTask& task, const table::Snapshot& snapshot) {
    std::vector<DataFile> files = snapshot.Plan({}).files;
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

table::Change ChangeOf(const OptimizeTask& task, const std::vector<Rewritten>& groups) {
    table::Change change;
    change.operation = task.operation;
    change.parameters = {
        {"predicate", task.predicate}, {"zOrderBy", "[]"}, {"clusterBy", "[]"}, {"auto", "false"}};
    PutInPlace(groups, change);
    return change;
}

void Count(const std::vector<Rewritten>& groups, OptimizeReport& report) {
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

// Commits what nobody touched meanwhile.
void Commit(const OptimizeTask& task, table::SnapshotPtr base, std::vector<Rewritten> groups,
            OptimizeReport& report) {
    for (int attempt = 0; attempt < kMaxRounds && !groups.empty(); ++attempt) {
        const auto outcome = task.format.Commit(base, ChangeOf(task, groups));
        if (const auto* committed = std::get_if<table::Committed>(&outcome)) {
            report.version = committed->version;
            Count(groups, report);
            return;
        }
        if (const auto* unknown = std::get_if<table::Unknown>(&outcome)) {
            throw Error(ErrorKind::kUnavailable,
                        "the answer to OPTIMIZE's commit {} was lost; it changes no row, run it "
                        "again. {}",
                        unknown->commit_id, unknown->detail);
        }
        base = task.format.Load(base->Location(), table::Latest{}, base);
        if (!MayKeepFiles(std::get<table::Conflict>(outcome).reason)) return;
        DropTouched(*base, groups);
    }
}

}  // namespace

OptimizeReport Optimize(const OptimizeTask& task) {
    OptimizeReport report;
    table::SnapshotPtr snapshot = task.latest;
    while (true) {
        std::vector<DataFile> files = WantedFiles(task, *snapshot);
        report.files_considered = std::max<uint64_t>(report.files_considered, files.size());
        std::vector<FileGroup> groups = task.is_meant ? PlanRewrite(std::move(files), task.rules)
                                                      : PlanOptimize(std::move(files), task.rules);
        if (groups.empty()) return report;
        if (++report.rounds > kMaxRounds) {
            throw Error(ErrorKind::kConflict,
                        "other writers changed the table's files each time before OPTIMIZE could "
                        "commit; run it when fewer write");
        }
        std::vector<Rewritten> rewritten =
            RewriteGroups({task.rewriter, snapshot, snapshot->Metadata(), task.rules.target_bytes,
                           task.step, report.batches},
                          std::move(groups));
        const size_t wanted = report.removed_bytes.size() + FilesIn(rewritten);
        Commit(task, snapshot, std::move(rewritten), report);
        // Nobody interfered: the plan is done.
        if (report.removed_bytes.size() == wanted) return report;
        snapshot = task.format.Load(snapshot->Location(), table::Latest{}, snapshot);
    }
}

}  // namespace tarn::upkeep
