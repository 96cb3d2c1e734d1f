// A table format as the engine sees it: delta and iceberg implement this port. Thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/cancel.h"
#include "table/change.h"
#include "table/feature_drop.h"
#include "table/files_in_use.h"
#include "table/snapshot.h"

namespace tarn::table {

// Which version: the latest, a number, or the last one committed at or before a time (Unix ms).
struct Latest {};
struct AtTime {
    int64_t unix_ms = 0;
};
using AsOf = std::variant<Latest, Version, AtTime>;

struct HistoryEntry {
    Version version;
    int64_t timestamp_ms = 0;
    std::string operation;
    std::map<std::string, std::string> parameters;
    std::map<std::string, std::string> metrics;
    std::map<std::string, std::string> commit_info;
};

// What a version did to the rows of one file.
enum class ChangeType {
    kInsert,
    kDelete,
    kRecorded,  // a file of the change feed: its own column _change_type says, row by row
};

struct ChangedFile {
    DataFile file;  // its deletion vector is already in `unchanged`
    ChangeType type = ChangeType::kInsert;
    std::shared_ptr<const DeletedRows> unchanged;  // rows that the version left; null: none
    Version version;
    int64_t committed_ms = 0;
};

enum class ChangeScope {
    kAppends,  // Unsupported when a version removed or rewrote rows
    kAll,
};

// What a description does to the table that is there, `base`.
enum class Definition {
    kCreates,   // there is none: base is null
    kConverts,  // the same, and its files are there, with its columns under their own names
    kReplaces,  // its rows and columns go
    kAlters,    // its files stay
    kRestores,  // it becomes what a version of it was, with that version's files
    kClones,    // it becomes what another table is, with that one's files; base may be null
};

class TableFormat {
public:
    virtual ~TableFormat() = default;
    virtual std::string_view Name() const = 0;  // "delta"

    // Is there a table of this format at the folder.
    virtual bool Exists(const std::string& location) = 0;
    // `cached`, a snapshot of the same table, saves reading what it already holds.
    // NotFound (no table, no such version), Corrupt (gap, bad bytes), Unsupported (unknown feature,
    // named).
    virtual SnapshotPtr Load(const std::string& location, const AsOf& as_of,
                             const SnapshotPtr& cached = nullptr) = 0;

    // What the format makes of a table's description before rows are written by it and before it is
    // staged: new columns get their identities, a changed type is written down. InvalidInput,
    // Unsupported for what the format or the table's files cannot hold.
    virtual std::shared_ptr<const TableMetadata> Define(const TableMetadata& wanted,
                                                        const SnapshotPtr& base,
                                                        Definition definition) = 0;
    // The format's own property that was meant by a name which is none of them but for a slip of
    // the pen; nothing for any other name.
    virtual std::optional<std::string> PropertyMeant(const std::string& name) const = 0;
    // Makes version 0 (metadata plus the change's files) in one commit. Conflict kTableExists when
    // a log is there. InvalidInput or Unsupported for a schema or property that the format cannot
    // hold.
    virtual CommitOutcome Create(const std::string& location, const TableMetadata& metadata,
                                 const Change& change) = 0;
    // Commits on top of `base`, rebasing and retrying over commits that do not conflict.
    // Throws Unsupported for an unknown writer feature; InvalidInput when the table forbids the
    // change (appendOnly).
    virtual CommitOutcome Commit(const SnapshotPtr& base, const Change& change) = 0;

    // Writes down what the latest version is, so that readers need not replay what led to it; gives
    // that version. Failures are thrown: nothing depends on it.
    virtual Version Checkpoint(const SnapshotPtr& latest) = 0;

    // What the latest version has of a feature that is to go. InvalidInput: nobody knows it, the
    // table has none, another one needs it, or the user must drop what uses it first. Unsupported:
    // it cannot go.
    virtual FeatureTrace TraceOf(const SnapshotPtr& latest, const std::string& feature,
                                 bool truncates_history) = 0;
    // Deletes what the log has of versions that are older than the retention of such a drop.
    // InvalidInput while versions are left that cannot be read without the feature.
    virtual void ForgetVersions(const SnapshotPtr& latest, const FeatureDrop& drop) = 0;

    // How long files that no version needs any more are kept for readers of older ones.
    virtual int64_t FileRetentionMs(const Snapshot& snapshot) = 0;
    // The files that a version reachable since then names: data, deletion vectors, recorded
    // changes. Throws Unsupported when the table asks of its writers what is not known here: such
    // a table may need further files.
    virtual FilesInUse InUseSince(const SnapshotPtr& latest, int64_t since_ms) = 0;
    // Locations of the files that the log tells were removed, deletion vectors and recorded changes
    // too, as far back as the log goes; some may be live again.
    virtual std::vector<std::string> RemovedFiles(const SnapshotPtr& latest) = 0;

    // Newest first, at most `limit`.
    virtual std::vector<HistoryEntry> History(const std::string& location, size_t limit) = 0;
    // What the versions `first` to `last` changed, in their order (change data feed). Versions that
    // only moved rows give nothing. NotFound when a version is no longer in the log.
    virtual std::vector<ChangedFile> Changes(const std::string& location, Version first,
                                             Version last, ChangeScope scope) = 0;
};

}  // namespace tarn::table
