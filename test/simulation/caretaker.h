// What a process of the simulated world does to keep its table in order: upkeep's OPTIMIZE and
// VACUUM, checkpoints, the clean-up of the log, RESTORE and DROP FEATURE, each as the tested code
// does it.
#pragma once

#include "delta/format.h"
#include "simulation/ledger.h"
#include "simulation/marking_format.h"
#include "simulation/row_engine.h"
#include "simulation/unguarded_store.h"
#include "table/rows.h"

namespace tarn::simulation {

// What it works with: its process's.
struct CaretakerTools {
    World& world;
    Ledger& ledger;
    delta::Format& format;
    UnguardedStore& unguarded;
    storage::ObjectStore& store;
    table::ParquetFiles& parquet;
    TimelineClock& clock;
    RowEngine& engine;
    Guard guard;
};

class Caretaker {
public:
    explicit Caretaker(CaretakerTools tools) : tools_(tools) {}

    // All throw what the tested code throws.
    void Optimize(const table::SnapshotPtr& latest);
    void Vacuum(const table::SnapshotPtr& latest);
    void Checkpoint(const table::SnapshotPtr& latest);
    void CleanUpLog(const table::SnapshotPtr& latest);
    void Restore(const table::SnapshotPtr& latest);
    void DropFeature(const table::SnapshotPtr& latest);

private:
    MarkingFormat Marking(Operation operation) {
        return {tools_.format, tools_.ledger, tools_.unguarded, tools_.guard, std::move(operation)};
    }

    CaretakerTools tools_;
};

}  // namespace tarn::simulation
