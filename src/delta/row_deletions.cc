#include "delta/row_deletions.h"

#include <set>

#include "base/error.h"
#include "delta/deletion_vectors.h"
#include "delta/file_path.h"
#include "delta/stats_json.h"
#include "delta/table_shape.h"

namespace tarn::delta {
namespace {

format::RoaringBitmap64 AskedRows(const table::RowDeletion& deletion, uint64_t record_count) {
    format::RoaringBitmap64 rows;
    for (size_t i = 0; i < deletion.rows.size(); ++i) {
        const uint64_t row = deletion.rows[i];
        if (i > 0 && row <= deletion.rows[i - 1]) {
            throw Error(ErrorKind::kInvalidInput,
                        "rows to delete in {} are out of order: {} after {}", deletion.file.path,
                        row, deletion.rows[i - 1]);
        }
        if (row >= record_count) {
            throw Error(ErrorKind::kInvalidInput, "row {} is to be deleted in {}, which has {}",
                        row, deletion.file.path, record_count);
        }
        rows.Add(row);
    }
    return rows;
}

// What the log says, or whoever read the file.
uint64_t RecordCountOf(const Add& file, const table::RowDeletion& deletion,
                       StatisticsReader& counts) {
    if (const auto count = counts.ReadCount(file.stats)) return *count;
    if (deletion.file.statistics && deletion.file.statistics->record_count) {
        return *deletion.file.statistics->record_count;
    }
    throw Error(ErrorKind::kInvalidInput,
                "no rows can be hidden in {}: nothing tells how many rows it has",
                deletion.file.path);
}

// The paths that a change may not name again.
std::set<std::string> NamedPaths(const Snapshot& base, const table::Change& change) {
    std::set<std::string> paths;
    for (const table::DataFile& file : change.remove) paths.insert(PathKey(file.path));
    for (const table::DataFile& file : change.add) {
        paths.insert(
            PathKey(file.path.empty() ? LogPathOf(base.Location(), file.location) : file.path));
    }
    return paths;
}

}  // namespace

std::vector<HiddenRows> FindHiddenRows(storage::ObjectStore& store, const Snapshot& base,
                                       const table::Change& change) {
    std::vector<HiddenRows> all_hidden;
    if (change.delete_rows.empty()) return all_hidden;
    if (!base.Rules().hides_rows) {
        throw Error(ErrorKind::kInvalidInput,
                    "rows cannot be hidden: the property delta.enableDeletionVectors is off");
    }
    std::vector<LogicalFile> wanted;
    for (const auto& [file, rows] : change.delete_rows) {
        wanted.push_back(
            {file.path, file.deletion_vector ? file.deletion_vector->unique_id : std::string()});
    }
    auto found = base.State().files.Find(wanted);
    std::set<std::string> paths = NamedPaths(base, change);
    StatisticsReader counts({});
    for (size_t i = 0; i < wanted.size(); ++i) {
        const table::RowDeletion& deletion = change.delete_rows[i];
        if (!found[i]) {
            throw Error(ErrorKind::kInvalidInput, "the file {} is not in version {} of {}",
                        deletion.file.path, base.AtVersion().number, base.Location());
        }
        if (!paths.insert(PathKey(found[i]->path)).second) {
            throw Error(ErrorKind::kInvalidInput, "the file {} is changed twice in one commit",
                        deletion.file.path);
        }
        if (deletion.rows.empty()) continue;
        HiddenRows hidden;
        hidden.file = std::move(*found[i]);
        hidden.file.data_change = deletion.file.data_change;
        hidden.record_count = RecordCountOf(hidden.file, deletion, counts);
        hidden.rows = AskedRows(deletion, hidden.record_count);
        if (hidden.file.deletion_vector) {
            hidden.all =
                ReadVector(store, base.Location(), hidden.file.path, *hidden.file.deletion_vector);
        }
        if (hidden.all.Intersects(hidden.rows)) {
            throw Error(ErrorKind::kInvalidInput, "a row to delete in {} is deleted already",
                        deletion.file.path);
        }
        hidden.all.Unite(hidden.rows);
        hidden.all.Shrink();
        all_hidden.push_back(std::move(hidden));
    }
    return all_hidden;
}

FileRevision ReviseFile(const HiddenRows& hidden, const DeletionVector& vector, int64_t now_ms) {
    FileRevision revision;
    revision.remove = MakeRemove(hidden.file, hidden.file.data_change, now_ms);
    if (hidden.HidesFile()) return revision;
    revision.add = hidden.file;
    revision.add->stats = WithLooseBounds(hidden.file.stats, hidden.record_count);
    revision.add->deletion_vector = vector;
    return revision;
}

std::vector<Action> MakeRevisions(storage::ObjectStore& store, const std::string& root,
                                  const std::string& uuid, const std::vector<HiddenRows>& hidden,
                                  int64_t now_ms) {
    std::vector<const format::RoaringBitmap64*> rows;
    for (const HiddenRows& file : hidden) {
        if (!file.HidesFile()) rows.push_back(&file.all);
    }
    const std::vector<DeletionVector> vectors = StoreVectors(store, root, uuid, rows);
    std::vector<Action> actions;
    auto next = vectors.begin();
    for (const HiddenRows& file : hidden) {
        FileRevision revision =
            ReviseFile(file, file.HidesFile() ? DeletionVector() : *next++, now_ms);
        actions.emplace_back(std::move(revision.remove));
        if (revision.add) actions.emplace_back(*std::move(revision.add));
    }
    return actions;
}

}  // namespace tarn::delta
