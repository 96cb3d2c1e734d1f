#include "delta/log_state.h"

#include <functional>
#include <optional>

#include "base/error.h"

namespace tarn::delta {
namespace {

// Unreadable, where something else may stand in for it.
bool MayPassOver(const Error& error) {
    return error.kind() == ErrorKind::kCorrupt || error.kind() == ErrorKind::kNotFound;
}

void ReadNext(CommitReader& reader, table::Version version, Replay& replay) {
    replay.BeginVersion(version);
    reader.Next([&](CommitActions&& actions) { replay.Take(std::move(actions)); });
}

void ReadCommits(storage::ObjectStore& store, const std::vector<CommitFile>& commits,
                 Replay& replay) {
    std::vector<storage::ObjectInfo> files;
    for (const CommitFile& commit : commits) files.push_back(commit.info);
    CommitReader reader(store, std::move(files));
    for (const CommitFile& commit : commits) ReadNext(reader, commit.version, replay);
}

// The next file is a compaction. false: it is no good; the commits are still there.
bool ReadCompaction(CommitReader& reader, table::Version last, Replay& replay) {
    std::vector<CommitActions> parts;
    try {
        reader.Next([&](CommitActions&& actions) { parts.push_back(std::move(actions)); });
    } catch (const Error& error) {
        if (!MayPassOver(error)) throw;
        return false;
    }
    replay.BeginVersion(last);
    for (CommitActions& part : parts) replay.Take(std::move(part));
    return true;
}

// Commits, and compactions in their place where there are any.
void ReadCommits(storage::ObjectStore& store, const LogSegment& segment, Replay& replay) {
    struct Step {
        const CompactionFile* compaction = nullptr;  // null: one commit
        std::vector<CommitFile> commits;
    };
    std::vector<Step> steps;
    std::vector<storage::ObjectInfo> files;
    auto next = segment.compactions.begin();
    for (const CommitFile& commit : segment.commits) {
        const bool is_inside = !steps.empty() && steps.back().compaction != nullptr &&
                               commit.version <= steps.back().compaction->last;
        if (!is_inside) {
            const bool begins = next != segment.compactions.end() && next->first == commit.version;
            steps.push_back({begins ? &*next++ : nullptr, {}});
            const Step& step = steps.back();
            files.push_back(step.compaction != nullptr ? step.compaction->info : commit.info);
        }
        steps.back().commits.push_back(commit);
    }
    CommitReader reader(store, std::move(files));
    for (const Step& step : steps) {
        if (step.compaction == nullptr) {
            ReadNext(reader, step.commits.front().version, replay);
        } else if (!ReadCompaction(reader, step.compaction->last, replay)) {
            ReadCommits(store, step.commits, replay);
        }
    }
}

LogState BaseOf(const LogSegment& segment) {
    LogState base;
    base.version = segment.version;
    return base;
}

void ReadCheckpointOf(storage::ObjectStore& store, table::ParquetFiles& parquet,
                      const std::string& root, const LogSegment& segment,
                      const ReplayOptions& options, Replay& replay) {
    if (!segment.checkpoint_version) return;
    replay.BeginVersion(*segment.checkpoint_version);
    CheckpointReader reader(store, parquet, root,
                            {options.keep_tombstones, options.stored_from_bytes});
    reader.Read(segment.checkpoint_files,
                [&](Action&& action) { replay.TakeCheckpointAction(std::move(action)); });
    for (const auto& chunk : reader.Chunks()) replay.AddChunk(chunk);
    if (replay.HasTable()) return;
    throw Error(ErrorKind::kCorrupt, "the checkpoint {} lacks its protocol or its metaData",
                segment.checkpoint_files.front().location);
}

// What the log holds with a checkpoint that `read` could read, or with none.
LogSegment FindReadable(LogListing listing, const std::function<void(const LogSegment&)>& read) {
    std::optional<Error> unreadable;  // the first checkpoint that was passed over
    const auto next_segment = [&] {
        try {
            return listing.Segment();
        } catch (const Error& error) {
            // Nothing else stands in for it.
            throw Error(unreadable.value_or(error));
        }
    };
    while (true) {
        LogSegment segment = next_segment();
        try {
            read(segment);
            return segment;
        } catch (const Error& error) {
            if (!MayPassOver(error)) throw;
            if (!unreadable) unreadable = error;
            listing.PutAsideCheckpoint(segment);
        }
    }
}

LogState FinishReading(storage::ObjectStore& store, const std::string& root,
                       const LogSegment& segment, Replay& replay) {
    ReadCommits(store, segment, replay);
    LogState state = replay.Finish();
    if (!state.protocol || !state.metadata) {
        throw Error(ErrorKind::kCorrupt, "the log of {} has no {} action", root,
                    state.protocol ? "metaData" : "protocol");
    }
    return state;
}

}  // namespace

Replay::Replay(LogState base, ReplayOptions options)
    : state_(std::move(base)), files_(std::move(state_.files)), options_(options) {}

void Replay::TakeCheckpointAction(Action&& action) { Take(std::move(action)); }

void Replay::AddChunk(const std::shared_ptr<const CheckpointChunk>& chunk) {
    files_.AddChunk(chunk, chunk->RowsWithoutFile());
}

void Replay::BeginVersion(table::Version version) {
    state_.version = version;
    state_.in_commit_timestamp_ms.reset();
    files_.BeginVersion();
    tombstones_.BeginVersion();
}

void Replay::Take(CommitActions&& actions) {
    files_.Apply(std::move(actions.adds), actions.keys);
    if (options_.keep_tombstones) {
        for (const FileKey& key : actions.keys) tombstones_.Added(key);
    }
    for (Action& action : actions.others) Take(std::move(action));
}

void Replay::Take(Action&& action) {
    if (auto* add = std::get_if<Add>(&action)) {
        files_.Apply(*add);
        if (options_.keep_tombstones) tombstones_.Added(KeyOf(*add));
    } else if (auto* remove = std::get_if<Remove>(&action)) {
        files_.Apply(*remove);
        state_.has_removed = true;
        if (options_.keep_tombstones) tombstones_.Removed(std::move(*remove));
    } else if (auto* protocol = std::get_if<Protocol>(&action)) {
        state_.protocol = std::move(*protocol);
    } else if (auto* metadata = std::get_if<Metadata>(&action)) {
        state_.metadata = std::move(*metadata);
    } else if (auto* transaction = std::get_if<Transaction>(&action)) {
        state_.transactions.insert_or_assign(transaction->app_id, std::move(*transaction));
    } else if (auto* domain = std::get_if<DomainMetadata>(&action)) {
        if (domain->removed) {
            state_.domains.erase(domain->domain);
        } else {
            state_.domains.insert_or_assign(domain->domain, std::move(*domain));
        }
    } else if (const auto* info = std::get_if<CommitInfo>(&action)) {
        state_.in_commit_timestamp_ms = info->in_commit_timestamp_ms;
    }
}

LogState Replay::Finish() {
    state_.files = files_.Build();
    state_.tombstones = tombstones_.Take();
    return std::move(state_);
}

LogState ReadLog(storage::ObjectStore& store, table::ParquetFiles& parquet, const std::string& root,
                 const LogSegment& segment, ReplayOptions options) {
    Replay replay(BaseOf(segment), options);
    ReadCheckpointOf(store, parquet, root, segment, options, replay);
    return FinishReading(store, root, segment, replay);
}

ReadVersion ReadVersionOf(storage::ObjectStore& store, table::ParquetFiles& parquet,
                          const std::string& root, std::optional<table::Version> version,
                          ReplayOptions options) {
    std::optional<Replay> replay;
    LogSegment segment =
        FindReadable(LogListing(store, root, version), [&](const LogSegment& listed) {
            replay.emplace(BaseOf(listed), options);
            ReadCheckpointOf(store, parquet, root, listed, options, *replay);
        });
    LogState state = FinishReading(store, root, segment, *replay);
    return {std::move(segment), std::move(state)};
}

std::vector<Remove> ReadTombstones(storage::ObjectStore& store, table::ParquetFiles& parquet,
                                   const std::string& root, const LogState& state) {
    Tombstones tombstones;
    const auto take = [&](Remove&& remove) { tombstones.Removed(std::move(remove)); };
    int checkpoints = 0;
    const LogSegment segment =
        FindReadable(LogListing(store, root, state.version), [&](const LogSegment& listed) {
            tombstones = {};
            ++checkpoints;
            if (!listed.checkpoint_version) return;
            ReadRemoves(store, parquet, root, listed.checkpoint_files, take);
        });
    // Behind a checkpoint that was passed over there are commits of which the state may not know.
    const bool knows_all = checkpoints == 1;
    for (const CommitFile& commit : segment.commits) {
        if (knows_all && !state.has_removed) break;
        ForEachRemove(store.Get(commit.info.location), commit.info.location, take);
    }
    // What is live was added again, or by the same version.
    std::vector<Remove> removes = tombstones.Take();
    std::vector<LogicalFile> files;
    for (const Remove& remove : removes) {
        files.push_back({remove.path, remove.deletion_vector ? remove.deletion_vector->UniqueId()
                                                             : std::string()});
    }
    const auto found = state.files.Find(files);
    size_t kept = 0;
    for (size_t i = 0; i < removes.size(); ++i) {
        if (found[i]) continue;
        if (kept != i) removes[kept] = std::move(removes[i]);
        ++kept;
    }
    removes.resize(kept);
    return removes;
}

LogState AdvanceLog(storage::ObjectStore& store, LogState base,
                    const std::vector<CommitFile>& commits) {
    Replay replay(std::move(base));
    ReadCommits(store, commits, replay);
    return replay.Finish();
}

}  // namespace tarn::delta
