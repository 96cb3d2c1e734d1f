#include "delta/log_state.h"

#include "base/error.h"
#include "delta/checkpoint_reader.h"
#include "delta/file_path.h"

namespace tarn::delta {
namespace {

template <typename FileAction>
std::string KeyOf(const FileAction& file) {
    std::string key = PathKey(file.path);
    if (file.deletion_vector) key.append(1, '\0').append(file.deletion_vector->UniqueId());
    return key;
}

void ReadCommits(storage::ObjectStore& store, const std::vector<CommitFile>& commits,
                 Replay& replay) {
    for (const CommitFile& commit : commits) {
        replay.BeginVersion(commit.version);
        ParseActions(store.Get(commit.info.location), commit.info.location,
                     [&](Action&& action) { replay.Take(std::move(action)); });
    }
}

}  // namespace

Replay::Replay(LogState base, ReplayOptions options)
    : state_(std::move(base)), files_(std::move(state_.files)), options_(options) {}

void Replay::TakeCheckpointAction(Action&& action) { Take(std::move(action)); }

void Replay::BeginVersion(table::Version version) {
    state_.version = version;
    state_.in_commit_timestamp_ms.reset();
    files_.BeginVersion();
    added_now_.clear();
}

void Replay::TakeRemove(Remove&& remove) {
    files_.Apply(remove);
    if (!options_.keep_tombstones) return;
    std::string key = KeyOf(remove);
    if (!added_now_.contains(key)) tombstones_.insert_or_assign(std::move(key), std::move(remove));
}

void Replay::Take(Action&& action) {
    if (auto* add = std::get_if<Add>(&action)) {
        files_.Apply(*add);
        if (options_.keep_tombstones) {
            std::string key = KeyOf(*add);
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
    LogState base;
    base.version = segment.version;
    Replay replay(std::move(base), options);
    if (segment.checkpoint_version) {
        replay.BeginVersion(*segment.checkpoint_version);
        ReadCheckpoint(store, parquet, root, segment.checkpoint_files, options.keep_tombstones,
                       [&](Action&& action) { replay.TakeCheckpointAction(std::move(action)); });
    }
    ReadCommits(store, segment.commits, replay);
    LogState state = replay.Finish();
    if (!state.protocol || !state.metadata) {
        throw Error(ErrorKind::kCorrupt, "the log of {} has no {} action", root,
                    state.protocol ? "metaData" : "protocol");
    }
    return state;
}

LogState AdvanceLog(storage::ObjectStore& store, LogState base,
                    const std::vector<CommitFile>& commits) {
    Replay replay(std::move(base));
    ReadCommits(store, commits, replay);
    return replay.Finish();
}

}  // namespace tarn::delta
