// Changes of one table that wait at the same time and go into one commit, where each keeps its own
// end: a change that conflicts or fails leaves the group and takes nobody along. Only changes that
// name different files and would be told alike in the history share a commit, in an order in which
// each could have come alone. Not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "delta/rebase.h"
#include "delta/winning_commit.h"
#include "storage/object_store.h"
#include "table/change.h"

namespace tarn::delta {

// A change that waits for its commit, and what became of it: an outcome or a failure.
struct WaitingChange {
    // What the change will write is stored already.
    explicit WaitingChange(Rebase& rebased) : change(rebased), own(rebased.AsWinner()) {}

    Rebase& change;
    WinningCommit own;
    std::optional<table::CommitOutcome> outcome;
    std::optional<Error> failure;
    bool is_first_of_commit = false;

    bool IsSettled() const { return outcome || failure; }
};

class CommitGroup {
public:
    static constexpr size_t kMaxChanges = 64;
    // A change that writes more goes alone.
    static constexpr size_t kMaxActionsEach = 100;

    CommitGroup(storage::ObjectStore& store, Clock& clock, Random& random, std::string root)
        : store_(store), clock_(clock), random_(random), root_(std::move(root)) {}

    // Could both share a commit, as far as can be told without their places.
    static bool MayShare(const Rebase& left, const Rebase& right);

    // Settles the first of the changes, and all others that can go with it; those that cannot are
    // left as they are. `known_end`: the log surely has this version by now.
    void Commit(const std::vector<WaitingChange*>& changes, table::Version known_end);
    // Settles as Unknown what a commit that was broken off has left open.
    void Abandon();

private:
    void BringTo(table::Version place, const std::vector<WaitingChange*>& changes);
    void Gather(const std::vector<WaitingChange*>& changes);
    std::string Render();
    std::optional<table::Conflict> Judge(const WinningCommit& winner);
    void Settle(const table::CommitOutcome& outcome);

    storage::ObjectStore& store_;
    Clock& clock_;
    Random& random_;
    const std::string root_;
    std::string commit_id_;
    std::vector<WaitingChange*> members_;  // unsettled, in their order
};

}  // namespace tarn::delta
