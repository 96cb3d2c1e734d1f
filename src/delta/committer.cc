#include "delta/committer.h"

#include <algorithm>
#include <functional>

#include "base/error.h"
#include "delta/log_path.h"

namespace tarn::delta {
namespace {

constexpr DurationUs kFirstPause = std::chrono::milliseconds(2);
constexpr DurationUs kLongestPause = std::chrono::milliseconds(100);

// A log is cut at the earliest at the last midnight (log_cleanup.h) of a clock that differs from
// ours by less.
constexpr int64_t kDayMs = 86'400'000;
constexpr int64_t kSkewMs = 3'600'000;

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

Committer::Look Committer::LookAt(const std::string& root, table::Version version) {
    if (version.number == 0) return {std::nullopt, true};
    const auto before = store_.Stat(CommitLocation(root, {version.number - 1}));
    if (before) {
        const int64_t soon_ms = ToUnixMs(clock_.Now()) + kSkewMs;
        const int64_t midnight_ms = soon_ms - soon_ms % kDayMs;
        return {std::nullopt, before->modified_ms > midnight_ms + kSkewMs};
    }
    if (store_.Stat(CommitLocation(root, version))) return {};
    storage::ListOptions options;
    options.start_after = BeforeVersionLocation(root, version);
    for (const storage::ObjectInfo& file : store_.List(LogFolder(root), options)) {
        const LogPath path = ParseLogPath(storage::LastName(file.location));
        if (path.kind == LogFileKind::kStranger) continue;
        return {table::Conflict{table::ConflictReason::kLogCleanedUp, path.version,
                                "its log begins later"},
                false};
    }
    // A checkpoint stands for the commit before, and nothing ever stood in our place.
    return {std::nullopt, true};
}

// A clean-up deletes the oldest first. While the commit before is there nothing of ours was taken,
// and our place was never another's.
table::CommitOutcome Committer::Landed(const std::string& root, table::Version version, int attempt,
                                       const std::string& commit_id, bool is_safe) {
    if (is_safe || version.number == 0) return table::Committed{version, attempt};
    const std::string before = CommitLocation(root, {version.number - 1});
    for (int tried = 1; tried <= kMaxAttempts; ++tried) {
        bool is_there = false;
        if (IsAnswered([&] { is_there = store_.Stat(before).has_value(); })) {
            if (is_there) return table::Committed{version, attempt};
            break;
        }
        Pause(tried);
    }
    return table::Unknown{commit_id, "whether the log was cleaned up while version " +
                                         std::to_string(version.number) +
                                         " was written cannot be told"};
}

table::CommitOutcome Committer::Commit(const std::string& root, table::Version version,
                                       const std::string& commit_id, const Render& render,
                                       const Judge& judge) {
    bool is_unresolved = false;  // a put at this very version has lost its answer
    bool is_looked_at = false;   // the log goes on from this version
    bool is_safe = false;
    for (int attempt = 1; attempt <= kMaxAttempts; ++attempt) {
        if (!is_looked_at) {
            Look look;
            is_looked_at = IsAnswered([&] { look = LookAt(root, version); });
            if (look.gone) return *std::move(look.gone);
            is_safe = look.is_safe;
        }
        if (!is_looked_at) {
            Pause(attempt);
            continue;
        }
        const std::string location = CommitLocation(root, version);
        const auto outcome = Put(location, render(version), is_unresolved);
        if (outcome == storage::PutOutcome::kDone)
            return Landed(root, version, attempt, commit_id, is_safe);
        if (outcome == storage::PutOutcome::kUnknown) is_unresolved = true;
        // Every commit that is there by now, oldest first; ours may be among them.
        while (const auto winner = FindWinner(store_, root, version)) {
            if (winner->transaction_id == commit_id) {
                if (IsDurable(CommitLocation(root, version)))
                    return Landed(root, version, attempt, commit_id, is_safe);
                is_unresolved = true;
                break;
            }
            // The place is taken for good, so a late put of ours can no longer land there.
            is_unresolved = false;
            if (auto conflict = judge(*winner)) return *std::move(conflict);
            version = version.Next();
            is_safe = false;
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
