// The commits of this process, table by table: whoever comes while a commit of the same table is
// under way waits, and the first in line then commits for all that wait and can share one commit
// (commit_group.h). Nobody waits for company. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "delta/commit_group.h"
#include "delta/rebase.h"
#include "storage/object_store.h"
#include "table/change.h"

namespace tarn::delta {

class CommitQueue {
public:
    // The ports must outlive it.
    CommitQueue(storage::ObjectStore& store, Clock& clock, Random& random)
        : store_(store), clock_(clock), random_(random) {}

    struct Settled {
        table::CommitOutcome outcome;
        bool is_first_of_commit = false;  // of the changes that share it: true for one
    };
    // Returns when the change is settled; throws what ended it, and it alone.
    Settled Commit(const std::string& root, Rebase& change);

private:
    // A change in its line. Who asked for it must not look at it while another thread may.
    struct Place {
        WaitingChange waiting;
        bool is_left = false;  // settled, and out of the line
    };
    struct Line {
        std::deque<Place*> places;
        bool is_busy = false;
        table::Version known_end;  // the last version that a commit of this line made
        std::condition_variable moved;
    };
    class Turn;

    std::shared_ptr<Line> LineOf(const std::string& root);
    void Lead(Line& line, Place& first, const std::string& root,
              std::unique_lock<std::mutex>& lock);

    storage::ObjectStore& store_;
    Clock& clock_;
    Random& random_;
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Line>> lines_;  // those in use
};

}  // namespace tarn::delta
