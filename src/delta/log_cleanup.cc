#include "delta/log_cleanup.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "delta/checkpoint_reader.h"
#include "delta/checkpoint_writer.h"
#include "delta/commit_times.h"
#include "delta/feature_drop.h"
#include "delta/features.h"
#include "delta/log_path.h"
#include "delta/log_segment.h"
#include "delta/log_state.h"
#include "storage/whole_listing.h"

namespace tarn::delta {
namespace {

using storage::ObjectInfo;
using table::Version;

constexpr int64_t kDayMs = 86'400'000;
constexpr int64_t kDefaultRetentionMs = 30 * kDayMs;

const std::string* Property(const Metadata& metadata, const char* key) {
    const auto found = metadata.configuration.find(key);
    return found == metadata.configuration.end() ? nullptr : &found->second;
}

int64_t Midnight(int64_t unix_ms) { return unix_ms - unix_ms % kDayMs; }

bool IsCheckpoint(LogFileKind kind) {
    return kind == LogFileKind::kClassicCheckpoint || kind == LogFileKind::kMultiPartCheckpoint ||
           kind == LogFileKind::kUuidCheckpoint;
}

}  // namespace

std::optional<int64_t> LogCutoffMs(const Metadata& metadata, int64_t now_ms) {
    const std::string* enabled = Property(metadata, "delta.enableExpiredLogCleanup");
    if (enabled != nullptr && !EqualsIgnoreCase(*enabled, "true")) return std::nullopt;
    const std::string* text = Property(metadata, "delta.logRetentionDuration");
    const auto retention_ms =
        text == nullptr ? std::optional(kDefaultRetentionMs) : ParseInterval(*text);
    if (!retention_ms || *retention_ms > now_ms) return std::nullopt;
    return Midnight(now_ms - *retention_ms);
}

bool MayCutAt(const Protocol& protocol, const Metadata& metadata, Version checkpoint) {
    if (!HasWriterFeature(protocol, "checkpointProtection")) return true;
    const std::string* text = Property(metadata, kGuardedBefore);
    if (text == nullptr) return true;
    const auto first = ParseInt(*text);
    return first && checkpoint.number >= *first;
}

std::vector<ObjectInfo> FilesBefore(const std::vector<ObjectInfo>& log, Version checkpoint) {
    std::vector<std::pair<Version, ObjectInfo>> old;
    for (const ObjectInfo& file : log) {
        const LogPath path = ParseLogPath(storage::LastName(file.location));
        if (path.kind == LogFileKind::kStranger) continue;
        // A compaction that reaches over the cut would bring back what is cut.
        const bool is_old = path.kind == LogFileKind::kCompaction ? path.first_version <= checkpoint
                                                                  : path.version < checkpoint;
        if (is_old) old.emplace_back(path.first_version, file);
    }
    std::stable_sort(old.begin(), old.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<ObjectInfo> files;
    for (auto& [version, file] : old) files.push_back(std::move(file));
    return files;
}

std::optional<int64_t> OldestCommits::TimeMs(const std::string& root) const {
    const std::lock_guard lock(mutex_);
    const auto found = times_ms_.find(root);
    return found == times_ms_.end() ? std::nullopt : std::optional(found->second);
}

void OldestCommits::Saw(const std::string& root, int64_t modified_ms) {
    const std::lock_guard lock(mutex_);
    if (times_ms_.size() >= kMostLogs) times_ms_.clear();
    times_ms_[root] = modified_ms;
}

std::optional<Version> LogCleaner::CutFor(const Metadata& metadata, int64_t cutoff_ms) const {
    // Nothing is old: the usual case.
    const auto oldest_ms = oldest_ == nullptr ? std::nullopt : oldest_->TimeMs(root_);
    if (oldest_ms && *oldest_ms > cutoff_ms) return std::nullopt;
    const std::vector<CommitFile> commits = ListCommits(store_, root_, {0});
    if (commits.empty()) return std::nullopt;
    if (oldest_ != nullptr) oldest_->Saw(root_, commits.front().info.modified_ms);
    if (commits.front().info.modified_ms > cutoff_ms) return std::nullopt;
    const auto last_old =
        VersionAt(store_, commits, InCommitTimestampsOf(metadata.configuration), cutoff_ms);
    if (!last_old) return std::nullopt;
    const LogSegment segment = ListSegment(store_, root_, *last_old);
    if (!segment.checkpoint_version) return std::nullopt;
    const auto hint = ReadLastCheckpointHint(store_, root_);
    if (!hint || *hint < *segment.checkpoint_version) return std::nullopt;
    // The proof: the checkpoint is read, with all its parts, and nothing stands in for it.
    const auto read = ReadVersionOf(store_, parquet_, root_, *segment.checkpoint_version,
                                    {.keep_tombstones = true, .stored_from_bytes = 0});
    if (read.segment.checkpoint_version != segment.checkpoint_version) return std::nullopt;
    return segment.checkpoint_version;
}

size_t LogCleaner::CleanUp(const Protocol& protocol, const Metadata& metadata, int64_t now_ms) {
    const auto cutoff_ms = LogCutoffMs(metadata, now_ms);
    return cutoff_ms ? CleanUpBefore(*cutoff_ms, protocol, metadata, now_ms) : 0;
}

size_t LogCleaner::CleanUpBefore(int64_t cutoff_ms, const Protocol& protocol,
                                 const Metadata& metadata, int64_t now_ms) {
    const auto cut = CutFor(metadata, cutoff_ms);
    if (!cut || !MayCutAt(protocol, metadata, *cut)) return 0;
    size_t deleted = 0;
    for (const ObjectInfo& file : FilesBefore(storage::ListAll(store_, LogFolder(root_)), *cut)) {
        store_.Delete(file.location);
        ++deleted;
    }
    return deleted + DeleteSidecars(now_ms);
}

std::optional<std::set<std::string>> LogCleaner::NamedSidecars() const {
    std::set<std::string> named;
    for (const ObjectInfo& file : storage::ListAll(store_, LogFolder(root_))) {
        const LogPath path = ParseLogPath(storage::LastName(file.location));
        if (!IsCheckpoint(path.kind) || file.size_bytes == 0) continue;
        try {
            for (const Sidecar& sidecar : ReadSidecars(store_, parquet_, file))
                named.emplace(storage::LastName(sidecar.path));
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::kCorrupt) throw;
            return std::nullopt;
        }
    }
    return named;
}

size_t LogCleaner::DeleteSidecars(int64_t now_ms) {
    const std::vector<ObjectInfo> sidecars = storage::ListAll(store_, SidecarFolder(root_));
    if (sidecars.empty()) return 0;
    const auto named = NamedSidecars();
    if (!named) return 0;
    size_t deleted = 0;
    for (const ObjectInfo& file : sidecars) {
        const bool is_young = file.modified_ms >= Midnight(now_ms) - kDayMs;
        if (is_young || named->contains(std::string(storage::LastName(file.location)))) continue;
        store_.Delete(file.location);
        ++deleted;
    }
    return deleted;
}

}  // namespace tarn::delta
