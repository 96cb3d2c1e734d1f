// Puts one commit into the log, exactly once, among any number of writers: put-if-absent at the
// next version; a lost race reads the winners, has them judged and tries again after them; a lost
// answer is resolved by reading back and comparing the commit's own id. Deletes nothing, ever.
//
//   prepared, and the log lacks this version but has later ones   -> Conflict
//   prepared --put--> kDone                      -> Committed; Unknown when the commit before it
//            was cleaned up meanwhile, for then nobody may ever read ours
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
    // What stood in the log just before a put.
    struct Look {
        std::optional<table::Conflict> gone;  // it was cleaned up to behind the version
        // The commit before is too young for any clean-up to take, whatever the table's retention,
        // or was gone when the log still ended there.
        bool is_safe = false;
    };
    Look LookAt(const std::string& root, table::Version version);
    // Whether it was cleaned up to behind the version of a commit of ours meanwhile, which would
    // never be read then.
    table::CommitOutcome Landed(const std::string& root, table::Version version, int attempt,
                                const std::string& commit_id, bool is_safe);
    // Of a commit of ours that was found in the log.
    bool IsDurable(const std::string& location);
    void Pause(int attempt);

    storage::ObjectStore& store_;
    Clock& clock_;
    Random& random_;
};

}  // namespace tarn::delta
