#include "upkeep/vacuum.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace tarn::upkeep {
namespace {

constexpr size_t kListedAtOnce = 10'000;
// After as many the table is looked at again, and a cancelled run ends.
constexpr size_t kDeletedAtOnce = 1000;
constexpr int64_t kHourMs = 3'600'000;

int64_t RetentionOf(const VacuumTask& task) {
    const int64_t own = task.format.FileRetentionMs(*task.latest);
    const int64_t asked = task.retention_ms.value_or(own);
    if (task.checks_retention && asked < own) {
        throw Error(ErrorKind::kInvalidInput,
                    "VACUUM ... RETAIN {} HOURS: readers of older versions and writers that have "
                    "not committed yet may need files for {} hours; to keep them shorter, set the "
                    "table's property delta.deletedFileRetentionDuration first, or say that you "
                    "know of none: SET spark.databricks.delta.retentionDurationCheck.enabled = "
                    "false",
                    asked / kHourMs, own / kHourMs);
    }
    return asked;
}

// Files that were named one by one, as far as they are there.
void AskForCandidates(const VacuumTask& task, const std::vector<std::string>& locations,
                      const table::FilesInUse& in_use, int64_t older_than_ms, VacuumPlan& plan) {
    std::vector<storage::ObjectInfo> found;
    const std::string& root = task.latest->Location();
    for (const std::string& location : locations) {
        task.step(0);
        if (!location.starts_with(root + "/") || in_use.Contains(location)) continue;
        if (auto info = task.store.Stat(location)) found.push_back(*std::move(info));
    }
    PlanVacuum(root, found, in_use, older_than_ms, plan);
}

// Asks no log, which may have been cut behind the reader.
table::FilesInUse NamedBy(const table::Snapshot& snapshot) {
    table::FilesInUse named;
    for (const table::DataFile& file : snapshot.Plan(table::Predicate::True()).files) {
        named.Add(snapshot.Location(), file.location);
        if (const auto vector = snapshot.DeletedRowsLocation(file))
            named.Add(snapshot.Location(), *vector);
    }
    return named;
}

// Gives how many files only clones and readers need.
uint64_t KeepForOthers(const VacuumTask& task, int64_t since_ms, VacuumPlan& plan) {
    const size_t before = plan.files.size();
    for (const table::SnapshotPtr& clone : task.clones) {
        const auto latest = task.format.Load(clone->Location(), table::Latest{}, clone);
        KeepInUse(task.format.InUseSince(latest, since_ms), plan);
    }
    for (const table::SnapshotPtr& reader : task.readers) KeepInUse(NamedBy(*reader), plan);
    return before - plan.files.size();
}

void FindCandidates(const VacuumTask& task, const table::FilesInUse& in_use, int64_t older_than_ms,
                    VacuumPlan& plan) {
    const std::string& root = task.latest->Location();
    if (task.inventory) return AskForCandidates(task, *task.inventory, in_use, older_than_ms, plan);
    if (task.is_lite) {
        return AskForCandidates(task, task.format.RemovedFiles(task.latest), in_use, older_than_ms,
                                plan);
    }
    storage::ListOptions options;
    options.recursive = true;
    options.limit = kListedAtOnce;
    while (true) {
        task.step(0);
        const auto page = task.store.List(root, options);
        PlanVacuum(root, page, in_use, older_than_ms, plan);
        if (page.size() < options.limit) return;
        options.start_after = page.back().location;
    }
}

// Says in the history what goes on. That it cannot be said is no reason to go on otherwise.
void Log(const VacuumTask& task, std::string operation,
         std::map<std::string, std::string> parameters,
         std::map<std::string, std::string> metrics) {
    if (!task.latest->Rules().tells_of_vacuum) return;
    table::Change change;
    change.operation = std::move(operation);
    change.parameters = std::move(parameters);
    change.metrics = std::move(metrics);
    const std::string& root = task.latest->Location();
    const auto outcome =
        task.format.Commit(task.format.Load(root, table::Latest{}, task.latest), change);
    if (const auto* conflict = std::get_if<table::Conflict>(&outcome)) {
        throw Error(ErrorKind::kConflict, "VACUUM: {}; run it again", conflict->detail);
    }
}

// Deletes what the latest version does not name, some at a time.
void Delete(const VacuumTask& task, int64_t since_ms, VacuumReport& report) {
    table::SnapshotPtr seen;
    VacuumPlan left = std::move(report.plan);
    report.plan = {};
    report.plan.listed = left.listed;
    const auto total = static_cast<double>(left.files.size());
    while (!left.files.empty()) {
        task.step(static_cast<double>(report.deleted) / total);
        const table::SnapshotPtr latest =
            task.format.Load(task.latest->Location(), table::Latest{}, seen ? seen : task.latest);
        if (!seen || latest->AtVersion() != seen->AtVersion()) {
            KeepInUse(task.format.InUseSince(latest, since_ms), left);
            report.kept_for_others += KeepForOthers(task, since_ms, left);
            seen = latest;
        }
        const size_t count = std::min(kDeletedAtOnce, left.files.size());
        for (size_t i = 0; i < count; ++i) {
            storage::ObjectInfo& file = left.files[left.files.size() - 1 - i];
            task.store.Delete(file.location);
            report.plan.size_bytes += file.size_bytes;
            report.plan.files.push_back(std::move(file));
            ++report.deleted;
        }
        left.files.resize(left.files.size() - count);
    }
}

}  // namespace

VacuumReport Vacuum(const VacuumTask& task) {
    const int64_t retention_ms = RetentionOf(task);
    const int64_t now_ms = ToUnixMs(task.clock.Now());
    const int64_t since_ms = retention_ms > now_ms ? INT64_MIN : now_ms - retention_ms;
    VacuumReport report;
    FindCandidates(task, task.format.InUseSince(task.latest, since_ms), since_ms, report.plan);
    report.kept_for_others = KeepForOthers(task, since_ms, report.plan);
    if (task.is_dry_run) return report;
    Log(task, "VACUUM START",
        {{"retentionCheckEnabled", task.checks_retention ? "true" : "false"},
         {"specifiedRetentionMillis",
          task.retention_ms ? std::to_string(*task.retention_ms) : "null"},
         {"defaultRetentionMillis", std::to_string(task.format.FileRetentionMs(*task.latest))}},
        {{"numFilesToDelete", std::to_string(report.plan.files.size())},
         {"sizeOfDataToDelete", std::to_string(report.plan.size_bytes)}});
    Delete(task, since_ms, report);
    Log(task, "VACUUM END", {{"status", "\"COMPLETED\""}},
        {{"numDeletedFiles", std::to_string(report.deleted)}});
    return report;
}

}  // namespace tarn::upkeep
