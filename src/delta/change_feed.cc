#include "delta/change_feed.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "delta/commit_times.h"
#include "delta/features.h"
#include "delta/file_path.h"
#include "delta/schema_change.h"

namespace tarn::delta {
namespace {

using table::Version;
using RowsPtr = std::shared_ptr<const table::DeletedRows>;

// All rows but those that `gained` deletes and `had` did not: what hides the rest of a file.
class AllBut final : public table::DeletedRows {
public:
    AllBut(RowsPtr gained, RowsPtr had, uint64_t record_count)
        : gained_(std::move(gained)), had_(std::move(had)), record_count_(record_count) {}

    uint64_t Count() const override {
        const uint64_t shown = gained_->Count() - std::min(gained_->Count(), Common());
        return record_count_ - std::min(record_count_, shown);
    }
    bool MarkIn(uint64_t first, std::span<bool> marks) const override {
        const auto shown = std::make_unique<bool[]>(marks.size());
        gained_->MarkIn(first, {shown.get(), marks.size()});
        bool is_any = had_ && had_->MarkIn(first, marks);
        for (size_t i = 0; i < marks.size(); ++i) {
            if (shown[i]) continue;
            marks[i] = true;
            is_any = true;
        }
        return is_any;
    }

private:
    // A vector only grows while a file lives, but for RESTORE, which gives back what it took.
    uint64_t Common() const { return had_ ? std::min(had_->Count(), gained_->Count()) : 0; }

    RowsPtr gained_;
    RowsPtr had_;
    uint64_t record_count_;
};

// The state at the first checkpoint from a version on that can be read.
LogState FirstReadable(storage::ObjectStore& store, table::ParquetFiles& parquet,
                       const std::string& root, Version from) {
    for (const Version version : ListCheckpoints(store, root, from)) {
        try {
            return ReadVersionOf(store, parquet, root, version).state;
        } catch (const Error& error) {
            const bool may_pass_over =
                error.kind() == ErrorKind::kCorrupt || error.kind() == ErrorKind::kNotFound;
            if (!may_pass_over) throw;
        }
    }
    throw Error(ErrorKind::kNotFound,
                "the changes of version {} of {} can no longer be read: the log before it is "
                "cleaned up, and no checkpoint is left",
                from.number, root);
}

FileView ViewOf(const Remove& remove) {
    FileView view;
    view.path = remove.path;
    view.size_bytes = remove.size_bytes;
    view.partition_values = &remove.partition_values;
    view.deletion_vector = remove.deletion_vector ? &*remove.deletion_vector : nullptr;
    view.extras = &remove.extras;
    return view;
}

}  // namespace

ChangeFeed::ChangeFeed(storage::ObjectStore& store, const Snapshot& at_first,
                       table::ChangeScope scope)
    : store_(store),
      snapshot_(at_first),
      scope_(scope),
      protocol_(*at_first.State().protocol),
      metadata_(*at_first.State().metadata),
      looks_{{at_first.AtVersion(), at_first.Shape()}} {}

ChangeFeed::Commit ChangeFeed::Parse(const CommitFile& file) {
    Commit commit;
    commit.version = file.version;
    bool looks_new = false;
    ParseActions(store_.Get(file.info.location), file.info.location, [&](Action&& action) {
        if (auto* add = std::get_if<Add>(&action)) {
            if (add->data_change) commit.adds.push_back(std::move(*add));
        } else if (auto* remove = std::get_if<Remove>(&action)) {
            if (remove->data_change) commit.removes.push_back(std::move(*remove));
        } else if (auto* recorded = std::get_if<ChangeDataFile>(&action)) {
            commit.recorded.push_back(std::move(*recorded));
        } else if (const auto* info = std::get_if<CommitInfo>(&action)) {
            commit.own_time_ms = info->in_commit_timestamp_ms;
        } else if (auto* protocol = std::get_if<Protocol>(&action)) {
            protocol_ = std::move(*protocol);
            looks_new = true;
        } else if (auto* metadata = std::get_if<Metadata>(&action)) {
            metadata_ = std::move(*metadata);
            looks_new = true;
        }
    });
    if (looks_new && file.version != snapshot_.AtVersion()) {
        CheckReadable(protocol_);
        looks_.push_back({file.version, TableShape::Of(Shape().root, protocol_, metadata_)});
    }
    return commit;
}

void ChangeFeed::Read(const CommitFile& file, int64_t file_time_ms) {
    Commit commit = Parse(file);
    commit.file_time_ms = file_time_ms;
    if (scope_ == table::ChangeScope::kAppends && !commit.removes.empty()) {
        throw Error(ErrorKind::kUnsupported,
                    "version {} of {} changed or deleted rows, it did not only append",
                    commit.version.number, snapshot_.Location());
    }
    commits_.push_back(std::move(commit));
}

void ChangeFeed::CheckLooks() const {
    const auto names = [](const TableShape& shape) {
        std::vector<std::string> physical;
        for (const table::Field& field : shape.partition_fields) {
            physical.push_back(field.physical_name);
        }
        return physical;
    };
    for (const Look& look : looks_) {
        auto misfit = FindMisfit(look.shape.schema, Shape().schema);
        if (!misfit && names(look.shape) != names(Shape())) misfit = "the partitioning changed";
        if (!misfit) continue;
        throw Error(
            ErrorKind::kUnsupported,
            "the changes of {} cannot be read as one: after version {} {}; ask for versions "
            "before and after that change apart",
            snapshot_.Location(), look.version.number, *misfit);
    }
}

std::vector<table::ChangedFile> ChangeFeed::Take() {
    CheckLooks();
    for (const Commit& commit : commits_) {
        if (commit.recorded.empty()) {
            AddDerived(commit);
        } else {
            AddRecorded(commit);
        }
    }
    return std::move(files_);
}

void ChangeFeed::AddRecorded(const Commit& commit) {
    for (const ChangeDataFile& recorded : commit.recorded) {
        FileView view;
        view.path = recorded.path;
        view.size_bytes = recorded.size_bytes;
        view.partition_values = &recorded.partition_values;
        Give(commit, view, table::ChangeType::kRecorded, nullptr);
    }
}

void ChangeFeed::AddDerived(const Commit& commit) {
    std::map<std::string, const Remove*> removed;
    for (const Remove& remove : commit.removes) removed.emplace(PathKey(remove.path), &remove);
    for (const Add& add : commit.adds) {
        const auto before = removed.find(PathKey(add.path));
        if (before == removed.end()) {
            Give(commit, FileView::Of(add), table::ChangeType::kInsert, nullptr);
        } else {
            AddVectorChange(commit, *before->second, add);
            removed.erase(before);
        }
    }
    for (const auto& [path, remove] : removed) {
        // Old writers leave the partition out of a remove: its rows could not be told.
        if (!remove->has_file_metadata && !Shape().partition_fields.empty()) {
            throw Error(ErrorKind::kUnsupported,
                        "version {} of {} removes {} without saying its partition",
                        commit.version.number, snapshot_.Location(), remove->path);
        }
        Give(commit, ViewOf(*remove), table::ChangeType::kDelete, nullptr);
    }
}

void ChangeFeed::AddVectorChange(const Commit& commit, const Remove& before, const Add& after) {
    const auto load = [&](const std::optional<DeletionVector>& vector) -> RowsPtr {
        if (!vector) return nullptr;
        table::DataFile file;
        file.path = after.path;
        file.deletion_vector = MakeVectorRef(*vector);
        return snapshot_.LoadDeletedRows(file);
    };
    const RowsPtr had = load(before.deletion_vector);
    const RowsPtr has = load(after.deletion_vector);
    const FileView view = FileView::Of(after);
    const uint64_t rows = counts_.Read(after.stats).record_count.value_or(0);
    if (has) {
        Give(commit, view, table::ChangeType::kDelete,
             std::make_shared<const AllBut>(has, had, rows));
    }
    if (had) {
        Give(commit, view, table::ChangeType::kInsert,
             std::make_shared<const AllBut>(had, has, rows));
    }
}

void ChangeFeed::Give(const Commit& commit, const FileView& file, table::ChangeType type,
                      std::shared_ptr<const table::DeletedRows> unchanged) {
    table::ChangedFile changed;
    changed.file = MakeDataFile(Shape(), file, PartitionValuesOf(Shape(), *file.partition_values));
    if (!unchanged && changed.file.deletion_vector) {
        unchanged = snapshot_.LoadDeletedRows(changed.file);
    }
    changed.file.deletion_vector.reset();
    if (!unchanged && !file.stats.empty()) {
        changed.file.statistics =
            std::make_shared<const table::FileStatistics>(counts_.Read(file.stats));
    }
    changed.type = type;
    changed.unchanged = std::move(unchanged);
    changed.version = commit.version;
    changed.committed_ms = CommitTimeOf(InCommitTimestampsOf(metadata_.configuration),
                                        commit.version, commit.own_time_ms, commit.file_time_ms);
    files_.push_back(std::move(changed));
}

LogState StateFromLater(storage::ObjectStore& store, table::ParquetFiles& parquet,
                        const std::string& root, const std::vector<CommitFile>& commits) {
    const Version first = commits.front().version;
    LogState state = FirstReadable(store, parquet, root, first);
    const auto outdated = [&](const char* what, Version changed) {
        return Error(ErrorKind::kNotFound,
                     "the changes of version {} of {} can no longer be read: the log before it is "
                     "cleaned up, and version {} changed the table's {}; ask from version {} on",
                     first.number, root, changed.number, what, changed.number);
    };
    std::optional<Protocol> protocol;
    std::optional<Metadata> metadata;
    std::vector<CommitFile> between = commits;
    std::erase_if(between, [&](const auto& commit) { return commit.version > state.version; });
    CheckContiguous(root, between);
    for (const CommitFile& commit : between) {
        const bool is_first = commit.version == first;
        ParseActions(store.Get(commit.info.location), commit.info.location, [&](Action&& action) {
            if (auto* of_protocol = std::get_if<Protocol>(&action)) {
                if (is_first) protocol = std::move(*of_protocol);
                if (!protocol) throw outdated("protocol", commit.version);
            } else if (auto* of_metadata = std::get_if<Metadata>(&action)) {
                if (is_first) metadata = std::move(*of_metadata);
                if (!metadata) throw outdated("metadata", commit.version);
            }
        });
    }
    LogState at_first;
    at_first.version = first;
    at_first.protocol = protocol ? protocol : state.protocol;
    at_first.metadata = metadata ? metadata : state.metadata;
    return at_first;
}

}  // namespace tarn::delta
