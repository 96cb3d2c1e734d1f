#include "delta/committer.h"

#include <algorithm>
#include <functional>

#include "base/error.h"
#include "delta/log_path.h"

namespace tarn::delta {
namespace {

constexpr DurationUs kFirstPause = std::chrono::milliseconds(2);
constexpr DurationUs kLongestPause = std::chrono::milliseconds(100);

// Does the store answer for now.
bool IsAnswered(const std::function<void()>& ask) {
    try {
        ask();
        return true;
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::kUnavailable || error.kind() == ErrorKind::kTimeout) {
            return false;
        }
        throw;
    }
}

}  // namespace

storage::PutOutcome Committer::Put(const std::string& location, const std::string& bytes,
                                   bool has_unresolved_put) {
    try {
        return store_.PutIfAbsent(location, bytes);
    } catch (const Error& error) {
        // Whether the store failed before or after writing cannot be told.
        if (error.kind() == ErrorKind::kUnavailable || error.kind() == ErrorKind::kTimeout ||
            has_unresolved_put) {
            return storage::PutOutcome::kUnknown;
        }
        throw;
    }
}

bool Committer::IsDurable(const std::string& location) {
    try {
        store_.Persist(location);
        return true;
    } catch (const Error&) {
        return false;  // whatever it says: the commit is there, and nobody may call it failed
    }
}

void Committer::Pause(int attempt) {
    const auto longest =
        std::min(DurationUs(kFirstPause * (1 << std::min(attempt, 10))), kLongestPause);
    clock_.Sleep(DurationUs(
        static_cast<int64_t>(random_.Below(static_cast<uint64_t>(longest.count()) + 1))));
}

std::optional<table::Conflict> Committer::FindCleanUp(const std::string& root,
                                                      table::Version version) {
    const table::Version before{version.number - 1};
    if (version.number == 0 || store_.Stat(CommitLocation(root, before)) ||
        store_.Stat(CommitLocation(root, version))) {
        return std::nullopt;
    }
    storage::ListOptions options;
    options.start_after = BeforeVersionLocation(root, version);
    for (const storage::ObjectInfo& file : store_.List(LogFolder(root), options)) {
        const LogPath path = ParseLogPath(storage::LastName(file.location));
        if (path.kind == LogFileKind::kStranger || path.version < version) continue;
        return table::Conflict{table::ConflictReason::kLogCleanedUp, path.version,
                               "its log begins later"};
    }
    return std::nullopt;
}

table::CommitOutcome Committer::Commit(const std::string& root, table::Version version,
                                       const std::string& commit_id, const Render& render,
                                       const Judge& judge) {
    bool is_unresolved = false;  // a put at this very version has lost its answer
    bool is_looked_at = false;   // the log goes on from this version
    for (int attempt = 1; attempt <= kMaxAttempts; ++attempt) {
        if (!is_looked_at) {
            std::optional<table::Conflict> gone;
            is_looked_at = IsAnswered([&] { gone = FindCleanUp(root, version); });
            if (gone) return *std::move(gone);
        }
        if (!is_looked_at) {
            Pause(attempt);
            continue;
        }
        const std::string location = CommitLocation(root, version);
        const auto outcome = Put(location, render(version), is_unresolved);
        if (outcome == storage::PutOutcome::kDone) return table::Committed{version, attempt};
        if (outcome == storage::PutOutcome::kUnknown) is_unresolved = true;
        // Every commit that is there by now, oldest first; ours may be among them.
        while (const auto winner = FindWinner(store_, root, version)) {
            if (winner->transaction_id == commit_id) {
                if (IsDurable(CommitLocation(root, version)))
                    return table::Committed{version, attempt};
                is_unresolved = true;
                break;
            }
            // The place is taken for good, so a late put of ours can no longer land there.
            is_unresolved = false;
            if (auto conflict = judge(*winner)) return *std::move(conflict);
            version = version.Next();
        }
        Pause(attempt);
    }
    if (!is_looked_at) {
        throw Error(ErrorKind::kUnavailable, "the store does not tell what the log at {} holds",
                    root);
    }
    if (is_unresolved) {
        return table::Unknown{commit_id, "the store did not tell whether version " +
                                             std::to_string(version.number) + " was written"};
    }
    return table::Conflict{table::ConflictReason::kTooManyAttempts, version,
                           "other writers were always faster"};
}

}  // namespace tarn::delta
