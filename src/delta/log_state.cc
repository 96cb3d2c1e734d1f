#include "delta/log_state.h"

#include "base/error.h"
#include "delta/file_path.h"

namespace tarn::delta {
namespace {

template <typename FileAction>
std::string TextKeyOf(const FileAction& file) {
    std::string key = PathKey(file.path);
    if (file.deletion_vector) key.append(1, '\0').append(file.deletion_vector->UniqueId());
    return key;
}

void ReadFile(storage::ObjectStore& store, table::Version version, const storage::ObjectInfo& file,
              Replay& replay) {
    replay.BeginVersion(version);
    ParseActions(store.Get(file.location), file.location,
                 [&](Action&& action) { replay.Take(std::move(action)); });
}

void ReadCommits(storage::ObjectStore& store, const std::vector<CommitFile>& commits,
                 Replay& replay) {
    for (const CommitFile& commit : commits) ReadFile(store, commit.version, commit.info, replay);
}

// Unreadable, where something else may stand in for it.
bool MayPassOver(const Error& error) {
    return error.kind() == ErrorKind::kCorrupt || error.kind() == ErrorKind::kNotFound;
}

// The actions of a compaction; nothing when it is no good: the commits are still there.
std::optional<std::vector<Action>> ReadCompaction(storage::ObjectStore& store,
                                                  const storage::ObjectInfo& file) {
    std::vector<Action> actions;
    try {
        ParseActions(store.Get(file.location), file.location,
                     [&](Action&& action) { actions.push_back(std::move(action)); });
    } catch (const Error& error) {
        if (!MayPassOver(error)) throw;
        return std::nullopt;
    }
    return actions;
}

// Commits, and compactions in their place where there are any.
void ReadCommits(storage::ObjectStore& store, const LogSegment& segment, Replay& replay) {
    auto next = segment.compactions.begin();
    for (size_t i = 0; i < segment.commits.size(); ++i) {
        const CommitFile& commit = segment.commits[i];
        if (next != segment.compactions.end() && next->first == commit.version) {
            const CompactionFile& compaction = *next++;
            if (auto actions = ReadCompaction(store, compaction.info)) {
                replay.BeginVersion(compaction.last);
                for (Action& action : *actions) replay.Take(std::move(action));
                i += static_cast<size_t>(compaction.last.number - compaction.first.number);
                continue;
            }
        }
        ReadFile(store, commit.version, commit.info, replay);
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
    added_now_.clear();
}

void Replay::TakeRemove(Remove&& remove) {
    files_.Apply(remove);
    if (!options_.keep_tombstones) return;
    std::string key = TextKeyOf(remove);
    if (!added_now_.contains(key)) tombstones_.insert_or_assign(std::move(key), std::move(remove));
}

void Replay::Take(Action&& action) {
    if (auto* add = std::get_if<Add>(&action)) {
        files_.Apply(*add);
        if (options_.keep_tombstones) {
            std::string key = TextKeyOf(*add);
            tombstones_.erase(key);
            added_now_.emplace(std::move(key), true);
        }
    } else if (auto* remove = std::get_if<Remove>(&action)) {
        TakeRemove(std::move(*remove));
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
    for (auto& [key, remove] : tombstones_) state_.tombstones.push_back(std::move(remove));
    tombstones_.clear();
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
    LogListing listing(store, root, version);
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
        Replay replay(BaseOf(segment), options);
        try {
            ReadCheckpointOf(store, parquet, root, segment, options, replay);
        } catch (const Error& error) {
            if (!MayPassOver(error)) throw;
            if (!unreadable) unreadable = error;
            listing.PutAsideCheckpoint(segment);
            continue;
        }
        LogState state = FinishReading(store, root, segment, replay);
        return {std::move(segment), std::move(state)};
    }
}

LogState AdvanceLog(storage::ObjectStore& store, LogState base,
                    const std::vector<CommitFile>& commits) {
    Replay replay(std::move(base));
    ReadCommits(store, commits, replay);
    return replay.Finish();
}

}  // namespace tarn::delta
