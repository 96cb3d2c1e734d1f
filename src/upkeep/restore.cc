#include "upkeep/restore.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "base/error.h"
#include "storage/whole_listing.h"
#include "upkeep/file_rewrite.h"

namespace tarn::upkeep {
namespace {

using table::DataFile;

// Beyond as many the folder is listed instead of asking for each file.
constexpr size_t kMostAskedFor = 200;

using Key = std::pair<std::string, std::string>;

std::set<Key> KeysOf(const std::vector<DataFile>& files) {
    std::set<Key> keys;
    for (const DataFile& file : files) keys.insert(KeyOf(file));
    return keys;
}

void CheckThere(storage::ObjectStore& store, const table::Snapshot& wanted,
                const std::vector<DataFile>& files) {
    std::set<std::string> listed;
    if (files.size() > kMostAskedFor) {
        for (auto& file : storage::ListAll(store, wanted.Location(), storage::Depth::kBelow))
            listed.insert(std::move(file.location));
    }
    for (const DataFile& file : files) {
        // What lies elsewhere is in no list.
        if (listed.contains(file.location) || store.Stat(file.location)) {
            if (file.deletion_vector) (void)wanted.LoadDeletedRows(file);
            continue;
        }
        throw Error(ErrorKind::kNotFound,
                    "version {} needs the file {}, which is gone: VACUUM deletes what no version "
                    "within its retention needs; restore a later version",
                    wanted.AtVersion().number, file.path);
    }
}

table::Change ChangeOf(const RestoreTask& task, const RestorePlan& plan) {
    table::Change change;
    change.operation = "RESTORE";
    change.parameters = {{"version", task.version}, {"timestamp", task.timestamp}};
    change.metrics = {{"tableSizeAfterRestore", std::to_string(plan.after.size_bytes)},
                      {"numOfFilesAfterRestore", std::to_string(plan.after.files)},
                      {"numRemovedFiles", std::to_string(plan.removed.size())},
                      {"numRestoredFiles", std::to_string(plan.restored.size())},
                      {"removedFilesSize", std::to_string(BytesOf(plan.removed))},
                      {"restoredFilesSize", std::to_string(BytesOf(plan.restored))}};
    change.add = plan.restored;
    change.origin = task.wanted;
    change.remove = plan.removed;
    change.metadata =
        task.format.Define(task.wanted->Metadata(), task.latest, table::Definition::kRestores);
    // Whatever others write meanwhile is not what the version was.
    change.reads.whole_table = true;
    return change;
}

}  // namespace

RestorePlan PlanRestore(const table::Snapshot& latest, const table::Snapshot& wanted) {
    RestorePlan plan;
    plan.restored = wanted.Plan({}).files;
    plan.removed = latest.Plan({}).files;
    plan.after = {plan.restored.size(), BytesOf(plan.restored)};
    const std::set<Key> now = KeysOf(plan.removed);
    const std::set<Key> then = KeysOf(plan.restored);
    std::erase_if(plan.restored, [&](const DataFile& file) { return now.contains(KeyOf(file)); });
    std::erase_if(plan.removed, [&](const DataFile& file) { return then.contains(KeyOf(file)); });
    return plan;
}

RestoreReport Restore(const RestoreTask& task) {
    RestoreReport report;
    report.plan = PlanRestore(*task.latest, *task.wanted);
    CheckThere(task.store, *task.wanted, report.plan.restored);
    report.outcome = task.format.Commit(task.latest, ChangeOf(task, report.plan));
    return report;
}

}  // namespace tarn::upkeep
