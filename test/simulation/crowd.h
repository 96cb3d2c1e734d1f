// Changes that clients of one process commit at the same time, as the queue of commits puts them
// together (delta/commit_queue.h), without its threads.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "delta/commit_group.h"
#include "simulation/faults.h"
#include "simulation/ledger.h"
#include "simulation/row_engine.h"
#include "table/snapshot.h"

namespace tarn::simulation {

class Crowd {
public:
    Crowd(Ledger& ledger, storage::ObjectStore& store, Clock& clock, Random& random, Guard guard)
        : ledger_(ledger), store_(store), clock_(clock), random_(random), guard_(guard) {}

    // An operation that was executed on the base. Throws where it cannot be committed; it is told.
    void Join(const table::SnapshotPtr& base, const Operation& operation, RowEngine::Result result);
    // Until all are settled, and told.
    void Commit();

private:
    struct Member {
        size_t number;
        OperationKind kind;
        std::string root;
        table::Change change;
        std::unique_ptr<delta::Rebase> rebase;
        std::optional<delta::WaitingChange> waiting;
    };

    void Tell(Member& member);

    Ledger& ledger_;
    storage::ObjectStore& store_;
    Clock& clock_;
    Random& random_;
    const Guard guard_;
    std::vector<std::unique_ptr<Member>> members_;
};

}  // namespace tarn::simulation
