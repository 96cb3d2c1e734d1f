// The state of a table at one version: what replaying its log gives (PROTOCOL.md, "Action
// Reconciliation"). Immutable, cheap to copy.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "delta/actions.h"
#include "delta/checkpoint_reader.h"
#include "delta/commit_reader.h"
#include "delta/file_set.h"
#include "delta/log_segment.h"
#include "delta/tombstones.h"
#include "storage/object_store.h"
#include "table/rows.h"

namespace tarn::delta {

struct LogState {
    table::Version version;
    std::optional<Protocol> protocol;
    std::optional<Metadata> metadata;
    FileSet files;
    std::map<std::string, Transaction> transactions;  // by appId
    std::map<std::string, DomainMetadata> domains;    // removed ones are not there
    std::optional<int64_t> in_commit_timestamp_ms;    // of the last commit, when it has one
    std::vector<Remove> tombstones;                   // only when asked for
    bool has_removed = false;  // false: no commit that was replayed has a remove
};

struct ReplayOptions {
    bool keep_tombstones = false;             // a checkpoint needs them, readers do not
    uint64_t stored_from_bytes = UINT64_MAX;  // see CheckpointReadOptions
};

class Replay {
public:
    explicit Replay(LogState base, ReplayOptions options = {});

    // One action of a checkpoint (which holds no two of one key).
    void TakeCheckpointAction(Action&& action);
    // Files of the same checkpoint that stay in it.
    void AddChunk(const std::shared_ptr<const CheckpointChunk>& chunk);
    // Actions of one version, in any order.
    void BeginVersion(table::Version version);
    void Take(Action&& action);
    void Take(CommitActions&& actions);

    bool HasTable() const { return state_.protocol && state_.metadata; }
    LogState Finish();

private:
    LogState state_;
    FileSet::Builder files_;
    ReplayOptions options_;
    Tombstones tombstones_;
};

// Reads what the segment lists on top of nothing. Corrupt when protocol or metadata are missing.
LogState ReadLog(storage::ObjectStore& store, table::ParquetFiles& parquet, const std::string& root,
                 const LogSegment& segment, ReplayOptions options = {});

struct ReadVersion {
    LogSegment segment;  // the one that could be read
    LogState state;
};
// The version asked for, or the latest. A checkpoint that cannot be read (Corrupt, or a part of it
// NotFound) is passed over for what else the log holds; only where nothing else is left it is the
// answer's error.
ReadVersion ReadVersionOf(storage::ObjectStore& store, table::ParquetFiles& parquet,
                          const std::string& root, std::optional<table::Version> version,
                          ReplayOptions options = {});

// The removes that a version still keeps, without reading its files; `state` is that of the
// version. Checkpoints that cannot be read are passed over as above.
std::vector<Remove> ReadTombstones(storage::ObjectStore& store, table::ParquetFiles& parquet,
                                   const std::string& root, const LogState& state);

// Reads further commits on top of a state.
LogState AdvanceLog(storage::ObjectStore& store, LogState base,
                    const std::vector<CommitFile>& commits);

}  // namespace tarn::delta
