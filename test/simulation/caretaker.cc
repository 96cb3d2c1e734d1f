#include "simulation/caretaker.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <string_view>

#include "base/error.h"
#include "delta/feature_drop.h"
#include "delta/features.h"
#include "delta/log_cleanup.h"
#include "delta/snapshot.h"
#include "upkeep/drop_feature.h"
#include "upkeep/optimize.h"
#include "upkeep/restore.h"
#include "upkeep/vacuum.h"

namespace tarn::simulation {
namespace {

constexpr uint64_t kSmallestTarget = 20;
constexpr uint64_t kLargestTarget = 200;
// Features that a simulated table may lose.
constexpr std::string_view kDropped[] = {"deletionVectors", "v2Checkpoint", "inCommitTimestamp",
                                         "checkpointProtection"};
constexpr DurationUs kYear = std::chrono::hours(24 * 365);

class Copier final : public upkeep::FileRewriter {
public:
    explicit Copier(RowEngine& engine) : engine_(engine) {}
    std::vector<table::DataFile> Rewrite(const table::SnapshotPtr& snapshot,
                                         const std::vector<const upkeep::FileGroup*>& groups,
                                         const upkeep::FileStyle&) override {
        std::vector<table::DataFile> all;
        for (const upkeep::FileGroup* group : groups) {
            auto files = engine_.Copy(*snapshot, group->files);
            std::move(files.begin(), files.end(), std::back_inserter(all));
        }
        return all;
    }

private:
    RowEngine& engine_;
};

upkeep::OptimizeRules Rules(World& world) {
    upkeep::OptimizeRules rules;
    rules.target_bytes = kSmallestTarget + world.random.Below(kLargestTarget - kSmallestTarget);
    return rules;
}

// Counts what is under way, however it ends.
class Underway {
public:
    explicit Underway(
        int& count, std::function<void()> at_end = [] {})
        : count_(count), at_end_(std::move(at_end)) {
        ++count_;
    }
    ~Underway() {
        --count_;
        at_end_();
    }
    Underway(const Underway&) = delete;
    Underway& operator=(const Underway&) = delete;

private:
    int& count_;
    std::function<void()> at_end_;
};

Operation Of(OperationKind kind, int64_t version = 0) {
    Operation operation;
    operation.kind = kind;
    operation.version = version;
    return operation;
}

}  // namespace

void Caretaker::Optimize(const table::SnapshotPtr& latest) {
    MarkingFormat format = Marking(Of(OperationKind::kOptimize));
    Copier copier(tools_.engine);
    upkeep::Optimize({format, latest, copier, Rules(tools_.world)});
    tools_.ledger.Count("done", "optimize");
}

void Caretaker::Vacuum(const table::SnapshotPtr& latest) {
    World& world = tools_.world;
    if (world.old_restores > 0 || world.timeline.Now() < world.restored_until) return;
    const Underway underway(world.vacuums);
    MarkingFormat format = Marking(Of(OperationKind::kVacuum));
    TimelineClock wrong(tools_.world.timeline, kYear);
    Clock& clock = tools_.guard == Guard::kFileRetention ? wrong : tools_.clock;
    const auto report = upkeep::Vacuum({format, tools_.store, clock, latest});
    tools_.ledger.Count("done", "vacuum");
    tools_.ledger.Count("files vacuumed", {}, report.deleted);
}

void Caretaker::Checkpoint(const table::SnapshotPtr& latest) {
    tools_.format.Checkpoint(latest);
    tools_.ledger.Count("done", "checkpoint");
}

void Caretaker::CleanUpLog(const table::SnapshotPtr& latest) {
    const delta::LogState& state = dynamic_cast<const delta::Snapshot&>(*latest).State();
    const DurationUs error = tools_.guard == Guard::kLogRetention ? kYear : DurationUs(0);
    delta::Metadata metadata = *state.metadata;
    if (tools_.guard == Guard::kGuardedHistory) metadata.configuration.erase(delta::kGuardedBefore);
    tools_.unguarded.Enter(UnguardedStore::Phase::kCleaningUp);
    const size_t deleted =
        delta::LogCleaner(tools_.store, tools_.parquet, latest->Location())
            .CleanUp(*state.protocol, metadata, ToUnixMs(tools_.clock.Now() + error));
    if (deleted > 0) tools_.ledger.HasCutLog();
    tools_.ledger.Count("done", "clean-up");
    tools_.ledger.Count("log files cleaned up", {}, deleted);
}

void Caretaker::Restore(const table::SnapshotPtr& latest) {
    World& world = tools_.world;
    const auto versions = static_cast<uint64_t>(latest->AtVersion().number);
    const auto version = static_cast<int64_t>(world.random.Below(versions + 1));
    const bool is_old = !tools_.ledger.Sees().IsReachable(version);
    if (is_old && world.vacuums > 0) return;
    int recent_restores = 0;
    const Underway underway(is_old ? world.old_restores : recent_restores, [&world, is_old] {
        if (is_old) world.restored_until = world.timeline.Now() + world.faults.latest_put;
    });
    try {
        const table::SnapshotPtr wanted =
            tools_.format.Load(latest->Location(), table::Version{version});
        MarkingFormat format = Marking(Of(OperationKind::kRestore, version));
        tools_.unguarded.Enter(UnguardedStore::Phase::kRestoring);
        upkeep::Restore({format, tools_.store, latest, wanted});
        tools_.ledger.Count(is_old ? "done restore of an old version" : "done restore");
    } catch (const Error& error) {
        const bool is_gone = !tools_.ledger.Sees().IsReachable(version);
        tools_.ledger.Fails(error, is_gone ? Ledger::Excuse::kTooOld : Ledger::Excuse::kNone);
    }
}

void Caretaker::DropFeature(const table::SnapshotPtr& latest) {
    World& world = tools_.world;
    const delta::LogState& state = dynamic_cast<const delta::Snapshot&>(*latest).State();
    std::vector<std::string> features = delta::FeaturesOf(*state.protocol);
    std::erase_if(features, [](const std::string& name) {
        return std::find(std::begin(kDropped), std::end(kDropped), name) == std::end(kDropped);
    });
    if (features.empty()) return;
    const std::string feature = features[world.random.Below(features.size())];
    const bool truncates =
        feature == "checkpointProtection" || (feature != "inCommitTimestamp" && world.Chance(300));
    MarkingFormat format = Marking(Of(OperationKind::kDropFeature));
    Copier copier(tools_.engine);
    try {
        upkeep::DropFeature({format, latest, copier, Rules(world), feature, truncates});
        tools_.ledger.Count("done drop feature", feature);
        if (truncates) tools_.ledger.Count("done drop feature with its history");
    } catch (const Error& error) {
        // Versions are too young to be forgotten, or others were faster.
        const bool may_refuse =
            truncates || tools_.ledger.Sees().LackedSince(feature, latest->AtVersion().number);
        tools_.ledger.Fails(error, may_refuse ? Ledger::Excuse::kRefused : Ledger::Excuse::kNone);
    }
}

}  // namespace tarn::simulation
