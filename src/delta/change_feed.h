// What versions of a table changed, file by file, out of their commits (PROTOCOL.md, "Add CDC File"
// and "Change Data Files"): the files that the writer recorded where there are any, else what adds,
// removes and deletion vectors say. Not thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "delta/actions.h"
#include "delta/log_segment.h"
#include "delta/snapshot.h"
#include "delta/stats_json.h"
#include "delta/table_shape.h"
#include "storage/object_store.h"
#include "table/table_format.h"

namespace tarn::delta {

class ChangeFeed {
public:
    // `at_first` is the table at the first of the versions (its files do not matter); it must
    // outlive the feed, as the store must.
    ChangeFeed(storage::ObjectStore& store, const Snapshot& at_first, table::ChangeScope scope);

    // The next commit in order, and its file's time (commit_times.h). Unsupported when it does more
    // than append and only appends are asked for, or needs a feature that Tarn lacks.
    void Read(const CommitFile& commit, int64_t file_time_ms);
    // The changed files, with the columns of the last version. Unsupported, naming the column, when
    // rows of an earlier one do not fit them (dropped, or of another type and not a wider one), or
    // when the partitioning changed.
    std::vector<table::ChangedFile> Take();

private:
    // The actions of one commit that concern rows.
    struct Commit {
        table::Version version;
        int64_t file_time_ms = 0;
        std::optional<int64_t> own_time_ms;
        std::vector<Add> adds;
        std::vector<Remove> removes;
        std::vector<ChangeDataFile> recorded;
    };

    // Since a version the rows look like this.
    struct Look {
        table::Version version;
        TableShape shape;
    };

    Commit Parse(const CommitFile& file);
    void CheckLooks() const;
    void AddRecorded(const Commit& commit);
    void AddDerived(const Commit& commit);
    // One path that is removed and added again: only its deletion vector differs.
    void AddVectorChange(const Commit& commit, const Remove& before, const Add& after);
    void Give(const Commit& commit, const FileView& file, table::ChangeType type,
              std::shared_ptr<const table::DeletedRows> unchanged);
    const TableShape& Shape() const { return looks_.back().shape; }

    storage::ObjectStore& store_;
    const Snapshot& snapshot_;
    const table::ChangeScope scope_;
    Protocol protocol_;
    Metadata metadata_;
    std::vector<Look> looks_;  // oldest first
    std::vector<Commit> commits_;
    StatisticsReader counts_{{}};
    std::vector<table::ChangedFile> files_;
};

// Protocol and metadata, without files, of the version that the first of these commits made, where
// the log before them is cleaned up: as a later checkpoint has them, if no commit between changed
// either. NotFound, naming that commit, if one did, and where no checkpoint is left.
LogState StateFromLater(storage::ObjectStore& store, table::ParquetFiles& parquet,
                        const std::string& root, const std::vector<CommitFile>& commits);

}  // namespace tarn::delta
