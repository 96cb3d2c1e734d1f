#include "upkeep/drop_feature.h"

#include <optional>
#include <set>

#include "base/error.h"
#include "upkeep/optimize.h"

namespace tarn::upkeep {
namespace {

constexpr int kMaxRounds = 20;
// Spark tries two older checkpoints where it cannot read one.
constexpr int kBarrierCheckpoints = 3;

class Dropping {
public:
    explicit Dropping(const DropFeatureTask& task) : task_(task), snapshot_(task.latest) {}

    table::Version Run() {
        for (int round = 0; round < kMaxRounds; ++round) {
            task_.step(static_cast<double>(round) / kMaxRounds);
            const table::FeatureTrace trace =
                task_.format.TraceOf(snapshot_, task_.feature, task_.truncates_history);
            if (!trace.IsClean()) {
                has_barrier_ = false;
                Remove(trace);
                continue;
            }
            const bool forgets = trace.drop.truncates_history;
            if (!has_barrier_ && (trace.drop.is_in_history || forgets)) {
                WriteBarrier(forgets ? 1 : kBarrierCheckpoints);
                continue;
            }
            if (forgets) task_.format.ForgetVersions(snapshot_, trace.drop);
            if (const auto version = Finish(trace.drop)) return *version;
        }
        throw Error(ErrorKind::kConflict,
                    "other writers changed the table each time before the feature {} could be "
                    "dropped; run it when fewer write",
                    task_.feature);
    }

private:
    void Reload() {
        snapshot_ = task_.format.Load(snapshot_->Location(), table::Latest{}, snapshot_);
    }

    // The version, or nothing after a conflict.
    std::optional<table::Version> TryCommit(const table::Change& change) {
        const auto outcome = task_.format.Commit(snapshot_, change);
        if (const auto* unknown = std::get_if<table::Unknown>(&outcome)) {
            throw Error(ErrorKind::kUnavailable,
                        "the answer to DROP FEATURE's commit {} was lost; run it again. {}",
                        unknown->commit_id, unknown->detail);
        }
        const auto* committed = std::get_if<table::Committed>(&outcome);
        if (committed == nullptr) return std::nullopt;
        return committed->version;
    }
    // The same, and what is latest then.
    std::optional<table::Version> Commit(const table::Change& change) {
        const auto version = TryCommit(change);
        Reload();
        return version;
    }

    void Remove(const table::FeatureTrace& trace) {
        if (!trace.metadata) return RewriteFiles(trace);
        table::Change change;
        change.operation = trace.operation;
        change.metadata = trace.metadata;
        uint64_t batches = 0;
        const FileStyle style{*trace.metadata, task_.rules.target_bytes};
        PutInPlace(RewriteGroups({task_.rewriter, snapshot_, style, task_.step, batches},
                                 PlanRewrite(trace.files, task_.rules)),
                   change);
        if (trace.files.empty()) change.metrics.clear();
        // A file that another writer adds meanwhile would be left behind.
        change.reads.whole_table = !trace.files.empty();
        Commit(change);
    }

    void RewriteFiles(const table::FeatureTrace& trace) {
        std::set<std::pair<std::string, std::string>> meant;
        for (const table::DataFile& file : trace.files) meant.insert(KeyOf(file));
        OptimizeTask optimize{task_.format, snapshot_, task_.rewriter, task_.rules};
        optimize.step = task_.step;
        optimize.operation = trace.operation;
        optimize.is_meant = [&](const table::DataFile& file) {
            return meant.contains(KeyOf(file));
        };
        Optimize(optimize);
        Reload();
    }

    // Checkpoints of commits that say nothing, so that they stand on nothing of the feature.
    void WriteBarrier(int checkpoints) {
        table::Change nothing;
        nothing.operation = "EMPTY COMMIT";
        for (int i = 0; i < checkpoints; ++i) {
            if (!Commit(nothing)) return;
            task_.format.Checkpoint(snapshot_);
        }
        has_barrier_ = true;
    }

    std::optional<table::Version> Finish(const table::FeatureDrop& drop) {
        table::Change change;
        change.operation = "DROP FEATURE";
        change.parameters = {{"featureName", '"' + drop.feature + '"'},
                             {"truncateHistory", drop.truncates_history ? "true" : "false"}};
        change.drop = drop;
        const auto version = TryCommit(change);
        if (!version) {
            Reload();
        } else if (drop.is_in_history) {
            WriteLastCheckpoint();
        }
        return version;
    }

    // The feature is gone without it, and the statement has done what it was asked for.
    void WriteLastCheckpoint() {
        try {
            Reload();
            task_.format.Checkpoint(snapshot_);
        } catch (const Error&) {
            // Those who lack the feature stand on the ones before.
        }
    }

    const DropFeatureTask& task_;
    table::SnapshotPtr snapshot_;
    bool has_barrier_ = false;
};

}  // namespace

table::Version DropFeature(const DropFeatureTask& task) { return Dropping(task).Run(); }

}  // namespace tarn::upkeep
