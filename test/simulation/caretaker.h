// What a process of the simulated world does to keep its table in order: upkeep's OPTIMIZE and
// VACUUM, checkpoints, and the clean-up of the log, each as the tested code does it.
#pragma once

#include "delta/format.h"
#include "simulation/ledger.h"
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

private:
    CaretakerTools tools_;
};

}  // namespace tarn::simulation
