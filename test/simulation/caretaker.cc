#include "simulation/caretaker.h"

#include <fmt/format.h>

#include "base/error.h"
#include "delta/log_cleanup.h"
#include "delta/snapshot.h"
#include "simulation/marking_format.h"
#include "upkeep/optimize.h"
#include "upkeep/vacuum.h"

namespace tarn::simulation {
namespace {

constexpr uint64_t kSmallestTarget = 20;
constexpr uint64_t kLargestTarget = 200;
constexpr DurationUs kYear = std::chrono::hours(24 * 365);

class Copier final : public upkeep::FileRewriter {
public:
    explicit Copier(RowEngine& engine) : engine_(engine) {}
    std::vector<table::DataFile> Rewrite(const table::SnapshotPtr& snapshot,
                                         const std::vector<const upkeep::FileGroup*>& groups,
                                         const table::TableMetadata&, uint64_t) override {
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

}  // namespace

void Caretaker::Optimize(const table::SnapshotPtr& latest) {
    MarkingFormat format(tools_.format, tools_.ledger, tools_.unguarded, tools_.guard,
                         OperationKind::kOptimize);
    Copier copier(tools_.engine);
    upkeep::OptimizeRules rules;
    rules.target_bytes =
        kSmallestTarget + tools_.world.random.Below(kLargestTarget - kSmallestTarget);
    upkeep::Optimize({format, latest, copier, rules});
    tools_.ledger.Count("done", "optimize");
}

void Caretaker::Vacuum(const table::SnapshotPtr& latest) {
    MarkingFormat format(tools_.format, tools_.ledger, tools_.unguarded, tools_.guard,
                         OperationKind::kVacuum);
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
    tools_.unguarded.Enter(UnguardedStore::Phase::kCleaningUp);
    const size_t deleted =
        delta::LogCleaner(tools_.store, tools_.parquet, latest->Location())
            .CleanUp(*state.protocol, *state.metadata, ToUnixMs(tools_.clock.Now() + error));
    tools_.ledger.Count("done", "clean-up");
    tools_.ledger.Count("log files cleaned up", {}, deleted);
}

}  // namespace tarn::simulation
