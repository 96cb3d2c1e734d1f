#include "upkeep/optimize.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/error.h"

namespace tarn::upkeep {
namespace {

using table::DataFile;

constexpr int kMaxRounds = 10;
constexpr size_t kGroupsPerBatch = 64;

// A group with the files that take its place.
struct Rewritten {
    FileGroup group;
    std::vector<DataFile> added;
};

std::optional<uint64_t> RowsOf(const std::vector<DataFile>& files) {
    uint64_t rows = 0;
    for (const DataFile& file : files) {
        const auto live = file.LiveRows();
        if (!live) return std::nullopt;
        rows += *live;
    }
    return rows;
}

void CheckRows(const Rewritten& rewritten) {
    const auto before = RowsOf(rewritten.group.files);
    const auto after = RowsOf(rewritten.added);
    if (!before || before == after) return;
    throw Error(ErrorKind::kInternal,
                "OPTIMIZE read {} rows of {} and wrote {}: nothing was committed", *before,
                rewritten.group.files.front().path, after.value_or(0));
}

std::pair<std::string, std::string> KeyOf(const DataFile& file) {
    return {file.path, file.deletion_vector ? file.deletion_vector->unique_id : std::string()};
}

std::vector<DataFile> WantedFiles(const OptimizeTask& task, const table::Snapshot& snapshot) {
    std::vector<DataFile> files = snapshot.Plan({}).files;
    if (task.is_wanted) {
        std::erase_if(files,
                      [&](const DataFile& file) { return !task.is_wanted(file.partition_values); });
    }
    return files;
}

std::vector<Rewritten> RewriteAll(const OptimizeTask& task, const table::SnapshotPtr& snapshot,
                                  std::vector<FileGroup> groups, OptimizeReport& report) {
    std::vector<Rewritten> all;
    size_t done = 0;
    for (const std::vector<size_t>& batch : BatchesOf(groups, kGroupsPerBatch)) {
        task.step(static_cast<double>(done) / static_cast<double>(groups.size()));
        std::vector<const FileGroup*> members;
        for (const size_t group : batch) members.push_back(&groups[group]);
        std::map<std::string, std::vector<DataFile>> by_partition;
        for (DataFile& file : task.rewriter.Rewrite(snapshot, members, task.rules.target_bytes)) {
            by_partition[PartitionKey(file.partition_values)].push_back(std::move(file));
        }
        for (const size_t group : batch) {
            Rewritten rewritten{std::move(groups[group]), {}};
            const auto added = by_partition.find(PartitionKey(rewritten.group.partition_values));
            if (added != by_partition.end()) rewritten.added = std::move(added->second);
            CheckRows(rewritten);
            all.push_back(std::move(rewritten));
        }
        done += batch.size();
        ++report.batches;
    }
    return all;
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

void SetSizes(std::map<std::string, std::string>& metrics, std::vector<uint64_t> sizes) {
    std::sort(sizes.begin(), sizes.end());
    const auto at = [&](size_t percent) {
        return std::to_string(sizes.empty() ? 0 : sizes[(sizes.size() - 1) * percent / 100]);
    };
    metrics["minFileSize"] = at(0);
    metrics["p25FileSize"] = at(25);
    metrics["p50FileSize"] = at(50);
    metrics["p75FileSize"] = at(75);
    metrics["maxFileSize"] = at(100);
}

table::Change ChangeOf(const OptimizeTask& task, const std::vector<Rewritten>& groups) {
    table::Change change;
    change.operation = "OPTIMIZE";
    change.parameters = {
        {"predicate", task.predicate}, {"zOrderBy", "[]"}, {"clusterBy", "[]"}, {"auto", "false"}};
    uint64_t vectors = 0;
    uint64_t removed = 0;
    uint64_t added = 0;
    std::vector<uint64_t> sizes;
    for (const Rewritten& rewritten : groups) {
        for (DataFile file : rewritten.group.files) {
            vectors += file.deletion_vector ? 1 : 0;
            removed += file.size_bytes;
            file.data_change = false;
            change.remove.push_back(std::move(file));
        }
        for (DataFile file : rewritten.added) {
            added += file.size_bytes;
            sizes.push_back(file.size_bytes);
            file.data_change = false;
            change.add.push_back(std::move(file));
        }
    }
    change.metrics = {{"numRemovedFiles", std::to_string(change.remove.size())},
                      {"numRemovedBytes", std::to_string(removed)},
                      {"numAddedFiles", std::to_string(change.add.size())},
                      {"numAddedBytes", std::to_string(added)},
                      {"numDeletionVectorsRemoved", std::to_string(vectors)}};
    SetSizes(change.metrics, std::move(sizes));
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
        std::vector<FileGroup> groups = PlanOptimize(std::move(files), task.rules);
        if (groups.empty()) return report;
        if (++report.rounds > kMaxRounds) {
            throw Error(ErrorKind::kConflict,
                        "other writers changed the files of {} each time before OPTIMIZE could "
                        "commit; run it when fewer write",
                        snapshot->Location());
        }
        std::vector<Rewritten> rewritten = RewriteAll(task, snapshot, std::move(groups), report);
        const size_t wanted = report.removed_bytes.size() + FilesIn(rewritten);
        Commit(task, snapshot, std::move(rewritten), report);
        // Nobody interfered: the plan is done.
        if (report.removed_bytes.size() == wanted) return report;
        snapshot = task.format.Load(snapshot->Location(), table::Latest{}, snapshot);
    }
}

}  // namespace tarn::upkeep
