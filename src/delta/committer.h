// Puts one commit into the log, exactly once, among any number of writers: put-if-absent at the
// next version; a lost race reads the winners, has them judged and tries again after them; a lost
// answer is resolved by reading back and comparing the commit's own id. Deletes nothing, ever.
//
//   prepared, and the log lacks this version but has later ones   -> Conflict
//   prepared --put--> kDone                      -> Committed
//            --put--> kExists, the id is ours     -> Committed (the lost answer had arrived), once
//            the store says that it is durable too
//            --put--> kExists, another's          -> judge it: Conflict, or prepared one version
//            later
//            --put--> kUnknown or Unavailable     -> wait, read back, put again at the same version
//            after kMaxAttempts                   -> Conflict, or Unknown when a put is unresolved
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "delta/winning_commit.h"
#include "storage/object_store.h"
#include "table/change.h"

namespace tarn::delta {

class Committer {
public:
    static constexpr int kMaxAttempts = 200;

    // The bytes of the commit at this version; must carry the commit's id.
    using Render = std::function<std::string(table::Version)>;
    // The conflict with a commit that won, if any; called once for each, oldest first.
    using Judge = std::function<std::optional<table::Conflict>(const WinningCommit&)>;

    Committer(storage::ObjectStore& store, Clock& clock, Random& random)
        : store_(store), clock_(clock), random_(random) {}

    // Failures that surely left nothing behind are thrown as they are (PermissionDenied,
    // LimitExceeded).
    [[nodiscard]] table::CommitOutcome Commit(const std::string& root, table::Version version,
                                              const std::string& commit_id, const Render& render,
                                              const Judge& judge);

private:
    storage::PutOutcome Put(const std::string& location, const std::string& bytes,
                            bool has_unresolved_put);
    // Was the log cleaned up to behind this version, so that a commit there would never be read.
    std::optional<table::Conflict> FindCleanUp(const std::string& root, table::Version version);
    // Of a commit of ours that was found in the log.
    bool IsDurable(const std::string& location);
    void Pause(int attempt);

    storage::ObjectStore& store_;
    Clock& clock_;
    Random& random_;
};

}  // namespace tarn::delta
