// What versions of a table changed, file by file, out of their commits (PROTOCOL.md, "Add CDC File"
// and "Change Data Files"): the files that the writer recorded where there are any, else what adds,
// removes and deletion vectors say. Not thread-safe.
#pragma once

#include <vector>

#include "delta/actions.h"
#include "delta/log_segment.h"
#include "delta/snapshot.h"
#include "delta/stats_json.h"
#include "storage/object_store.h"
#include "table/table_format.h"

namespace tarn::delta {

class ChangeFeed {
public:
    // `snapshot` gives the columns and must outlive the feed, as the store must.
    ChangeFeed(storage::ObjectStore& store, const Snapshot& snapshot, table::ChangeScope scope)
        : store_(store), snapshot_(snapshot), scope_(scope) {}

    // The next commit in order. Unsupported when it does more than append and only appends are
    // asked for.
    void Read(const CommitFile& commit);
    std::vector<table::ChangedFile> Take() { return std::move(files_); }

private:
    // The actions of one commit that concern rows.
    struct Commit {
        table::Version version;
        int64_t committed_ms = 0;
        std::vector<Add> adds;
        std::vector<Remove> removes;
        std::vector<ChangeDataFile> recorded;
    };

    Commit Parse(const CommitFile& file) const;
    void AddRecorded(const Commit& commit);
    void AddDerived(const Commit& commit);
    // One path that is removed and added again: only its deletion vector differs.
    void AddVectorChange(const Commit& commit, const Remove& before, const Add& after);
    void Give(const Commit& commit, const FileView& file, table::ChangeType type,
              std::shared_ptr<const table::DeletedRows> unchanged);

    storage::ObjectStore& store_;
    const Snapshot& snapshot_;
    const table::ChangeScope scope_;
    StatisticsReader counts_{{}};
    std::vector<table::ChangedFile> files_;
};

}  // namespace tarn::delta
