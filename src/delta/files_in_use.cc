#include "delta/files_in_use.h"

#include <algorithm>
#include <set>

#include "delta/commit_reader.h"
#include "delta/deletion_vectors.h"
#include "delta/file_path.h"
#include "delta/log_segment.h"
#include "delta/log_state.h"

namespace tarn::delta {
namespace {

class Collector {
public:
    explicit Collector(const std::string& root) : root_(root) {}

    void Add(std::string_view path, const DeletionVector* vector) {
        in_use_.Add(root_, ResolveLocation(root_, path));
        if (vector == nullptr) return;
        if (const auto file = VectorLocation(root_, *vector)) in_use_.Add(root_, *file);
    }
    void Add(const FileView& file) { Add(file.path, file.deletion_vector); }
    void Add(const Remove& remove) {
        Add(remove.path, remove.deletion_vector ? &*remove.deletion_vector : nullptr);
    }
    void Add(const CommitActions& actions) {
        FileRows::Reader reader(actions.adds);
        for (uint32_t row = 0; row < actions.adds.Count(); ++row) Add(reader.At(row));
        for (const Action& action : actions.others) {
            if (const auto* remove = std::get_if<Remove>(&action)) Add(*remove);
            if (const auto* file = std::get_if<ChangeDataFile>(&action)) Add(file->path, nullptr);
        }
    }
    table::FilesInUse Take() { return std::move(in_use_); }

private:
    const std::string& root_;
    table::FilesInUse in_use_;
};

// From the first commit that is as young: later ones are reachable, whatever their clocks say.
std::vector<storage::ObjectInfo> CommitsSince(std::vector<CommitFile> commits, int64_t since_ms) {
    const auto first = std::find_if(
        commits.begin(), commits.end(),
        [since_ms](const CommitFile& commit) { return commit.info.modified_ms >= since_ms; });
    std::vector<storage::ObjectInfo> files;
    for (auto at = first; at != commits.end(); ++at) files.push_back(std::move(at->info));
    return files;
}

}  // namespace

table::FilesInUse FindFilesInUse(storage::ObjectStore& store, table::ParquetFiles& parquet,
                                 const Snapshot& latest, int64_t since_ms) {
    const std::string& root = latest.Location();
    Collector collector(root);
    latest.State().files.ForEach([&](const FileView& file) { collector.Add(file); });
    for (const Remove& remove : ReadTombstones(store, parquet, root, latest.State())) {
        if (remove.deletion_timestamp_ms.value_or(0) >= since_ms) collector.Add(remove);
    }
    std::vector<storage::ObjectInfo> commits =
        CommitsSince(ListCommits(store, root, {0}), since_ms);
    const size_t count = commits.size();
    CommitReader reader(store, std::move(commits));
    for (size_t i = 0; i < count; ++i) {
        reader.Next([&](CommitActions&& actions) { collector.Add(actions); });
    }
    return collector.Take();
}

std::vector<std::string> FindRemovedFiles(storage::ObjectStore& store, table::ParquetFiles& parquet,
                                          const Snapshot& latest) {
    const std::string& root = latest.Location();
    std::set<std::string> removed;
    const auto add = [&](const Remove& remove) {
        removed.insert(ResolveLocation(root, remove.path));
        if (!remove.deletion_vector) return;
        if (const auto file = VectorLocation(root, *remove.deletion_vector)) removed.insert(*file);
    };
    for (const Remove& remove : ReadTombstones(store, parquet, root, latest.State())) add(remove);
    std::vector<storage::ObjectInfo> commits;
    for (CommitFile& commit : ListCommits(store, root, {0}))
        commits.push_back(std::move(commit.info));
    const size_t count = commits.size();
    CommitReader reader(store, std::move(commits));
    for (size_t i = 0; i < count; ++i) {
        reader.Next([&](CommitActions&& actions) {
            for (const Action& action : actions.others) {
                if (const auto* remove = std::get_if<Remove>(&action)) add(*remove);
                if (const auto* file = std::get_if<ChangeDataFile>(&action))
                    removed.insert(ResolveLocation(root, file->path));
            }
        });
    }
    return {removed.begin(), removed.end()};
}

}  // namespace tarn::delta
