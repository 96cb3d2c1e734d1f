// A change on its way into the log: prepared on its base, then carried over every commit that
// landed there first, until it may be put. Rows that it hides are united with those that others hid
// meanwhile in the same file, as long as they are different rows. Not thread-safe.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "delta/change_actions.h"
#include "delta/conflict.h"
#include "delta/row_deletions.h"
#include "delta/snapshot.h"
#include "delta/winning_commit.h"
#include "storage/object_store.h"
#include "table/change.h"

namespace tarn::delta {

class Rebase {
public:
    // Refuses what does not fit the base (PrepareChange, FindHiddenRows). The change must outlive
    // it; so must the ports.
    Rebase(storage::ObjectStore& store, Clock& clock, Random& random,
           std::shared_ptr<const Snapshot> base, const table::Change& change);
    Rebase(const Rebase&) = delete;
    Rebase& operator=(const Rebase&) = delete;

    // Stores what the commit will name, unless that was done for the place where it stands.
    void Store();
    // The commit as it is to be put at Place(); Store() came first.
    const PreparedChange& Prepared() const { return prepared_; }
    // The commit that it would be alone, for others that wait; Store() came first.
    WinningCommit AsWinner() const;
    // Where it stands: behind the base and all commits that it was carried over.
    const CommitPlace& Place() const { return place_; }

    // What the next commit says against it, but for rows that it hides.
    std::optional<table::Conflict> ConflictWith(const WinningCommit& winner) const;
    // Carries it over the commit at Place().version. After a conflict it is of no more use.
    std::optional<table::Conflict> Over(const WinningCommit& winner);

private:
    std::optional<table::Conflict> UniteRows(const WinningCommit& winner);
    void Refresh(const WinningCommit& winner);
    format::RoaringBitmap64 Load(const std::string& path, const DeletionVector& vector) const;

    storage::ObjectStore& store_;
    Clock& clock_;
    Random& random_;
    const std::shared_ptr<const Snapshot> base_;
    const table::Change& change_;
    PreparedChange prepared_;
    std::vector<HiddenRows> hidden_;
    bool is_stored_ = false;
    std::map<std::string, Add> moved_;  // PendingChange::moved
    CommitPlace place_;
};

}  // namespace tarn::delta
