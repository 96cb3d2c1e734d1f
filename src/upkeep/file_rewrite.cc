#include "upkeep/file_rewrite.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/error.h"

namespace tarn::upkeep {
namespace {

using table::DataFile;

constexpr size_t kGroupsPerBatch = 64;

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
                "{} rows of {} were read and {} written: nothing was committed", *before,
                rewritten.group.files.front().path, after.value_or(0));
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

}  // namespace

std::vector<Rewritten> RewriteGroups(const RewriteTask& task, std::vector<FileGroup> groups) {
    std::vector<Rewritten> all;
    size_t done = 0;
    for (const std::vector<size_t>& batch : BatchesOf(groups, kGroupsPerBatch)) {
        task.step(static_cast<double>(done) / static_cast<double>(groups.size()));
        std::vector<const FileGroup*> members;
        for (const size_t group : batch) members.push_back(&groups[group]);
        std::map<std::string, std::vector<DataFile>> by_partition;
        for (DataFile& file : task.rewriter.Rewrite(task.snapshot, members, task.style)) {
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
        ++task.batches;
    }
    return all;
}

void PutInPlace(const std::vector<Rewritten>& groups, table::Change& change) {
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
}

std::pair<std::string, std::string> KeyOf(const DataFile& file) {
    return {file.path, file.deletion_vector ? file.deletion_vector->unique_id : std::string()};
}

}  // namespace tarn::upkeep
