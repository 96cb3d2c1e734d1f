#include "delta/format.h"

#include <algorithm>
#include <new>

#include "base/check.h"
#include "base/error.h"
#include "delta/change_actions.h"
#include "delta/change_feed.h"
#include "delta/checkpoint_writer.h"
#include "delta/commit_times.h"
#include "delta/committer.h"
#include "delta/feature_drop.h"
#include "delta/features.h"
#include "delta/file_path.h"
#include "delta/files_in_use.h"
#include "delta/log_cleanup.h"
#include "delta/log_compaction.h"
#include "delta/log_path.h"
#include "delta/log_segment.h"
#include "delta/log_state.h"
#include "delta/property_values.h"
#include "delta/rebase.h"
#include "delta/snapshot.h"
#include "delta/table_definition.h"
#include "delta/version_checksum.h"

namespace tarn::delta {
namespace {

using table::Version;
using DeltaSnapshotPtr = std::shared_ptr<const Snapshot>;

// The snapshot as ours; null when it is another format's or carries a staged change.
DeltaSnapshotPtr AsCommitted(const table::SnapshotPtr& snapshot) {
    auto ours = std::dynamic_pointer_cast<const Snapshot>(snapshot);
    if (ours && ours->GetOrigin().is_staged) return nullptr;
    return ours;
}

std::optional<table::Conflict> StaleTransaction(const Snapshot& base, const table::Change& change) {
    for (const table::AppTransaction& transaction : change.transactions) {
        const auto done = base.TransactionVersion(transaction.app_id);
        if (done && *done >= transaction.version) {
            return table::Conflict{table::ConflictReason::kTransaction, base.AtVersion(),
                                   transaction.app_id};
        }
    }
    return std::nullopt;
}

}  // namespace

bool Format::Exists(const std::string& location) {
    const std::string root = NormalRoot(location);
    storage::ListOptions options;
    options.limit = 100;
    options.start_after = BeforeVersionLocation(root, {0});
    const auto files = store_.List(LogFolder(root), options);
    return std::any_of(files.begin(), files.end(), [](const storage::ObjectInfo& file) {
        return ParseLogPath(storage::LastName(file.location)).kind != LogFileKind::kStranger;
    });
}

table::SnapshotPtr Format::LoadVersion(const std::string& root, std::optional<Version> version) {
    ReplayOptions replay;
    replay.stored_from_bytes = options_.stored_from_bytes;
    auto [segment, state] = ReadVersionOf(store_, parquet_, root, version, replay);
    // Checkpoints and compactions do not keep the commit's own time.
    if (!state.in_commit_timestamp_ms && segment.last_commit &&
        InCommitTimestampsOf(state.metadata->configuration)) {
        state.in_commit_timestamp_ms =
            ReadCommitInfo(store_, *segment.last_commit).in_commit_timestamp_ms;
    }
    CheckReadable(*state.protocol);
    if (segment.checksum) CheckAgainst(store_, *segment.checksum, state);
    Snapshot::Origin origin;
    origin.file_time_ms = segment.file_time_ms;
    if (segment.last_commit) origin.commit_etag = segment.last_commit->info.etag;
    return std::make_shared<const Snapshot>(root, std::move(state), std::move(origin), store_);
}

table::SnapshotPtr Format::Advance(const DeltaSnapshotPtr& cached, std::optional<Version> version) {
    const Version at = cached->AtVersion();
    if (cached->GetOrigin().commit_etag.empty() || (version && *version < at)) return nullptr;
    std::vector<CommitFile> commits = CommitsBehind(store_, cached->Location(), at);
    // The very commit that the snapshot stands on must still be there.
    const bool is_same_log = !commits.empty() && commits.front().version == at &&
                             commits.front().info.etag == cached->GetOrigin().commit_etag;
    if (!is_same_log) return nullptr;
    CheckContiguous(cached->Location(), commits);
    commits.erase(commits.begin());
    if (version) {
        std::erase_if(commits, [&](const CommitFile& commit) { return commit.version > *version; });
        const Version last = commits.empty() ? at : commits.back().version;
        if (last != *version) {
            throw Error(ErrorKind::kNotFound, "there is no version {}; the latest is {}",
                        version->number, last.number);
        }
    }
    if (commits.empty()) return cached;
    Snapshot::Origin origin;
    origin.file_time_ms = GrowingFileTimes(commits, cached->GetOrigin().file_time_ms).back();
    origin.commit_etag = commits.back().info.etag;
    LogState state = AdvanceLog(store_, cached->State(), commits);
    CheckReadable(*state.protocol);
    const auto checksum = store_.Stat(ChecksumLocation(cached->Location(), state.version));
    if (checksum) CheckAgainst(store_, *checksum, state);
    return std::make_shared<const Snapshot>(cached->Location(), std::move(state), std::move(origin),
                                            store_);
}

std::variant<Version, table::SnapshotPtr> Format::FindAt(const std::string& root, int64_t unix_ms,
                                                         const DeltaSnapshotPtr& cached) {
    // What the table is now tells which times count.
    table::SnapshotPtr latest = cached ? Advance(cached, std::nullopt) : nullptr;
    if (!latest) latest = LoadVersion(root, std::nullopt);
    std::vector<CommitFile> commits = ListCommits(store_, root, {0});
    std::erase_if(commits,
                  [&](const CommitFile& commit) { return commit.version > latest->AtVersion(); });
    const auto found =
        VersionAt(store_, commits, InCommitTimestampsOf(latest->Metadata().properties), unix_ms);
    if (!found) {
        const Version first = commits.empty() ? latest->AtVersion() : commits.front().version;
        throw Error(ErrorKind::kNotFound, "there is no version as old as that; the first is {}",
                    first.number);
    }
    if (*found == latest->AtVersion()) return latest;
    return *found;
}

table::SnapshotPtr Format::Load(const std::string& location, const table::AsOf& as_of,
                                const table::SnapshotPtr& cached) {
    const std::string root = NormalRoot(location);
    DeltaSnapshotPtr ours = AsCommitted(cached);
    if (ours && ours->Location() != root) ours = nullptr;
    std::optional<Version> version;
    if (const auto* number = std::get_if<Version>(&as_of)) version = *number;
    if (const auto* time = std::get_if<table::AtTime>(&as_of)) {
        auto found = FindAt(root, time->unix_ms, ours);
        if (auto* snapshot = std::get_if<table::SnapshotPtr>(&found)) return std::move(*snapshot);
        version = std::get<Version>(found);
    }
    if (version && version->number < 0) {
        throw Error(ErrorKind::kNotFound, "there is no version {}", version->number);
    }
    if (ours && ours->State().files.IsReadable()) {
        if (auto advanced = Advance(ours, version)) return advanced;
    }
    return LoadVersion(root, version);
}

std::optional<std::string> Format::PropertyMeant(const std::string& name) const {
    return delta::PropertyMeant(name);
}

std::shared_ptr<const table::TableMetadata> Format::Define(const table::TableMetadata& wanted,
                                                           const table::SnapshotPtr& base,
                                                           table::Definition definition) {
    const table::TableMetadata* described = base ? &base->Metadata() : nullptr;
    if (base) base->CheckWritable(table::RowsThere::kStay);
    return std::make_shared<const table::TableMetadata>(
        delta::Define(wanted, described, definition, [this] { return NewUuid(clock_, random_); }));
}

table::CommitOutcome Format::Create(const std::string& location,
                                    const table::TableMetadata& metadata,
                                    const table::Change& change) {
    const std::string root = NormalRoot(location);
    const table::Conflict exists{
        table::ConflictReason::kTableExists, {0}, "there is a Delta table at " + root};
    PreparedChange prepared =
        PrepareTable(root, metadata, change, NewUuid(clock_, random_), NowMs());
    prepared.info.transaction_id = NewUuid(clock_, random_);
    // A log whose first commits are cleaned up is a table, too.
    if (Exists(root)) return exists;
    Committer committer(store_, clock_, random_);
    return committer.Commit(
        root, {0}, prepared.info.transaction_id,
        [&](Version version) {
            CommitPlace place;
            place.version = version;
            return RenderCommit({&prepared}, prepared.info, place, NowMs());
        },
        [&](const WinningCommit&) -> std::optional<table::Conflict> { return exists; });
}

table::CommitOutcome Format::Commit(const table::SnapshotPtr& base, const table::Change& change) {
    const auto ours = AsCommitted(base);
    Check(ours != nullptr, "a commit's base is a committed Delta snapshot");
    if (auto conflict = StaleTransaction(*ours, change)) return *std::move(conflict);
    Rebase rebase(store_, clock_, random_, ours, change);
    const auto [outcome, is_first] = queue_.Commit(ours->Location(), rebase);
    const auto* committed = std::get_if<table::Committed>(&outcome);
    if (committed != nullptr && is_first) {
        AfterCommit(ours, committed->version, rebase.Prepared().metadata);
    }
    return outcome;
}

void Format::AfterCommit(const DeltaSnapshotPtr& base, Version version, const Metadata& metadata) {
    const bool is_due = IsCheckpointDue(version, metadata);
    if (!is_due && !WantsChecksums(metadata) && !CompactionDue(version, metadata)) return;
    if (options_.executor == nullptr) return DoDue(base, version, metadata);
    options_.executor->Run([this, base, version, metadata] { DoDue(base, version, metadata); });
}

void Format::DoDue(const DeltaSnapshotPtr& base, Version version, const Metadata& metadata) {
    const bool is_due = IsCheckpointDue(version, metadata);
    try {
        const std::string& root = base->Location();
        const auto snapshot = AsCommitted(Load(root, version, base));
        if (is_due || WantsChecksums(metadata)) {
            const auto commit = store_.Stat(CommitLocation(root, version));
            const std::string id =
                commit ? ReadCommitInfo(store_, {version, *commit}).transaction_id : std::string();
            store_.PutIfAbsent(ChecksumLocation(root, version),
                               RenderChecksum(snapshot->State(), id));
        }
        if (const auto first = CompactionDue(version, metadata)) {
            WriteCompaction(store_, root, *first, version);
        }
        if (!is_due) return;
        WriteCheckpoint(*snapshot);
        LogCleaner(store_, parquet_, root, &oldest_commits_)
            .CleanUp(*snapshot->State().protocol, *snapshot->State().metadata, NowMs());
    } catch (const Error&) {
        // The commit stands without it, and the next due version tries again.
    } catch (const std::bad_alloc&) {
        // Neither does a want of memory undo the commit.
    }
}

Version Format::Checkpoint(const table::SnapshotPtr& latest) {
    const auto ours = AsCommitted(latest);
    tarn::Check(ours != nullptr, "a checkpoint is of a committed Delta snapshot");
    WriteCheckpoint(*ours);
    return ours->AtVersion();
}

table::FeatureTrace Format::TraceOf(const table::SnapshotPtr& latest, const std::string& feature,
                                    bool truncates_history) {
    const auto ours = AsCommitted(latest);
    tarn::Check(ours != nullptr, "a feature is dropped from a committed Delta snapshot");
    table::FeatureTrace trace = FindTrace(*ours, feature, truncates_history);
    if (trace.IsClean() && trace.drop.feature == "deletionVectors") {
        trace.drop.kept_locations = VectorsOfRemoves(
            ours->Location(), ReadTombstones(store_, parquet_, ours->Location(), ours->State()));
    }
    return trace;
}

void Format::ForgetVersions(const table::SnapshotPtr& latest, const table::FeatureDrop& drop) {
    const auto ours = AsCommitted(latest);
    tarn::Check(ours != nullptr, "versions are those of a committed Delta snapshot");
    const Metadata& metadata = *ours->State().metadata;
    constexpr int64_t kMinuteMs = 60'000;
    const int64_t cutoff_ms = NowMs() - TruncatedRetentionMs(metadata);
    LogCleaner(store_, parquet_, ours->Location())
        .CleanUpBefore(cutoff_ms - cutoff_ms % kMinuteMs, *ours->State().protocol, metadata,
                       NowMs());
    CheckForgotten(store_, parquet_, *ours, drop);
}

int64_t Format::FileRetentionMs(const table::Snapshot& snapshot) {
    return TombstoneRetentionMs(snapshot.Metadata().properties);
}

table::FilesInUse Format::InUseSince(const table::SnapshotPtr& latest, int64_t since_ms) {
    const auto ours = AsCommitted(latest);
    tarn::Check(ours != nullptr, "files in use are those of a committed Delta snapshot");
    latest->CheckWritable(table::RowsThere::kStay);
    return FindFilesInUse(store_, parquet_, *ours, since_ms);
}

std::vector<std::string> Format::RemovedFiles(const table::SnapshotPtr& latest) {
    const auto ours = AsCommitted(latest);
    tarn::Check(ours != nullptr, "removed files are those of a committed Delta snapshot");
    return FindRemovedFiles(store_, parquet_, *ours);
}

void Format::WriteCheckpoint(const Snapshot& snapshot) {
    const std::string& root = snapshot.Location();
    const LogSegment segment = ListSegment(store_, root, snapshot.AtVersion());
    // It is there: a classic one would be replaced while others read it.
    if (segment.checkpoint_version == segment.version) return;
    snapshot.CheckWritable(table::RowsThere::kStay);
    const std::vector<Remove> removes = ReadTombstones(store_, parquet_, root, snapshot.State());
    CheckpointWriter(store_, parquet_, clock_, random_, root).Write(snapshot.State(), removes);
}

std::vector<table::HistoryEntry> Format::History(const std::string& location, size_t limit) {
    const std::string root = NormalRoot(location);
    std::vector<CommitFile> commits = ListCommits(store_, root, {0});
    if (commits.empty()) {
        throw Error(ErrorKind::kNotFound, "there is no Delta table at {} (no log in _delta_log)",
                    root);
    }
    std::vector<CommitInfo> infos;  // newest first, as the entries
    for (auto at = commits.rbegin(); at != commits.rend() && infos.size() < limit; ++at) {
        infos.push_back(ReadCommitInfo(store_, *at));
    }
    // What the table is now tells whether the commits' own times count.
    const bool has_own_times = std::any_of(infos.begin(), infos.end(), [](const CommitInfo& info) {
        return info.in_commit_timestamp_ms.has_value();
    });
    const auto enabled =
        has_own_times ? InCommitTimestampsOf(LoadVersion(root, std::nullopt)->Metadata().properties)
                      : std::nullopt;
    const std::vector<int64_t> file_times = GrowingFileTimes(commits);
    std::vector<table::HistoryEntry> entries;
    for (CommitInfo& info : infos) {
        const size_t at = commits.size() - 1 - entries.size();
        table::HistoryEntry entry;
        entry.version = commits[at].version;
        entry.timestamp_ms =
            CommitTimeOf(enabled, entry.version, info.in_commit_timestamp_ms, file_times[at]);
        entry.operation = std::move(info.operation);
        entry.parameters = std::move(info.parameters);
        entry.metrics = std::move(info.metrics);
        entry.commit_info = std::move(info.others);
        if (!info.transaction_id.empty()) entry.commit_info["txnId"] = info.transaction_id;
        if (info.is_blind_append) {
            entry.commit_info["isBlindAppend"] = *info.is_blind_append ? "true" : "false";
        }
        entries.push_back(std::move(entry));
    }
    return entries;
}

DeltaSnapshotPtr Format::FirstOf(const std::string& root, const std::vector<CommitFile>& commits) {
    try {
        return AsCommitted(LoadVersion(root, commits.front().version));
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::kNotFound) throw;
    }
    return std::make_shared<const Snapshot>(root, StateFromLater(store_, parquet_, root, commits),
                                            Snapshot::Origin{}, store_);
}

std::vector<table::ChangedFile> Format::Changes(const std::string& location, Version first,
                                                Version last, table::ChangeScope scope) {
    const std::string root = NormalRoot(location);
    if (last < first) return {};
    std::vector<CommitFile> commits = ListCommits(store_, root, {0});
    if (commits.empty() || commits.back().version < last) {
        const Version latest =
            commits.empty() ? LoadVersion(root, std::nullopt)->AtVersion() : commits.back().version;
        throw Error(ErrorKind::kNotFound, "there is no version {}; the latest is {}", last.number,
                    latest.number);
    }
    const std::vector<int64_t> file_times = GrowingFileTimes(commits);
    const auto begin = std::find_if(commits.begin(), commits.end(),
                                    [&](const auto& commit) { return commit.version >= first; });
    const auto skipped = begin - commits.begin();
    commits.erase(commits.begin(), begin);
    if (commits.front().version != first) {
        throw Error(ErrorKind::kNotFound,
                    "version {} is no longer in the log, which goes from {} on: begin there",
                    first.number, commits.front().version.number);
    }
    std::vector<CommitFile> asked = commits;
    std::erase_if(asked, [&](const CommitFile& commit) { return commit.version > last; });
    CheckContiguous(root, asked);
    const auto at_first = FirstOf(root, commits);
    ChangeFeed feed(store_, *at_first, scope);
    for (size_t i = 0; i < asked.size(); ++i) {
        feed.Read(asked[i], file_times[static_cast<size_t>(skipped) + i]);
    }
    return feed.Take();
}

}  // namespace tarn::delta
