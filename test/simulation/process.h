// One process of the simulated world: opens the table, works, is killed by the world now and then,
// and starts again with nothing but what the table says. Tells the auditor what it did and was
// told.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "delta/format.h"
#include "delta/testing/in_memory_parquet.h"
#include "simulation/auditor.h"
#include "simulation/caretaker.h"
#include "simulation/ledger.h"
#include "simulation/process_store.h"
#include "simulation/row_engine.h"
#include "simulation/unguarded_store.h"
#include "storage/retrying_store.h"

namespace tarn::simulation {

// What outlives a process: what it has to do, and the numbers that nobody uses twice.
struct Task {
    std::string name;
    int operations = 0;
    bool only_reads = false;
    bool lasts_days = false;
    DurationUs clock_error{0};
    Guard guard = Guard::kNone;
    std::vector<Rows> batches;  // of its source, from batch 1; the table says how many it has
};

struct Table {
    std::string root;
    delta::FormatOptions options;
    int64_t next_id = 0;  // new rows have even ids, merged ones may have odd ones
};

// One life of a process.
class Process {
public:
    Process(World& world, Auditor& auditor, Table& table, Task& task,
            const delta::InMemoryParquet& parquet);

    void Spare() { process_store_.Spare(); }
    delta::Format& Format() { return format_; }
    // Does what is left to do. Throws StoreCrash when it is killed.
    void Work();
    // One operation, tried until it stands, is lost, or was refused often enough.
    void Do(Operation operation);
    // Some operations of one kind at the same time, as clients of one process do: they may share a
    // commit.
    void DoTogether();
    // Upkeep of one kind or another.
    void Tend();
    // Reads the latest version, or an earlier one, and has it audited.
    void Look(bool at_latest);
    // Reads what some versions changed, and has it audited.
    void LookAtFeed();

private:
    enum class Tried { kStands, kMayBeTriedAgain, kGivenUp };

    // Something new: what was seen before has no part in it.
    void Begin() {
        ledger_.Begins();
        unguarded_.Enter(UnguardedStore::Phase::kOther);
    }
    Operation Draw(std::optional<OperationKind> wanted = std::nullopt);
    Operation NextBatch(const table::Snapshot& base);
    Rows FreshRows();
    Tried TryOnce(Operation& operation);
    table::SnapshotPtr Base();
    table::SnapshotPtr Load(const table::AsOf& as_of);
    Caretaker MakeCaretaker();

    World& world_;
    Auditor& auditor_;
    Table& table_;
    Task& task_;
    Ledger ledger_;
    TimelineClock clock_;
    ProcessStore process_store_;
    UnguardedStore unguarded_;
    storage::RetryingStore store_;
    delta::InMemoryParquet parquet_;
    delta::Format format_;
    RowEngine engine_;
    table::SnapshotPtr cached_;
};

}  // namespace tarn::simulation
