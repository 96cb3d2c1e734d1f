#include "upkeep/fsck.h"

#include <set>
#include <string>
#include <utility>

#include "base/error.h"
#include "storage/whole_listing.h"

namespace tarn::upkeep {
namespace {

// What lies below the table is listed once; what lies elsewhere is asked for.
class Presence {
public:
    Presence(storage::ObjectStore& store, const std::string& root) : store_(store) {
        for (auto& file : storage::ListAll(store, root, storage::Depth::kBelow))
            listed_.insert(std::move(file.location));
    }
    bool Has(const std::string& location) const {
        return listed_.contains(location) || store_.Stat(location).has_value();
    }

private:
    storage::ObjectStore& store_;
    std::set<std::string> listed_;
};

table::Change Removal(const std::vector<BrokenFile>& broken) {
    table::Change change;
    change.operation = "FSCK";
    uint64_t missing = 0;
    uint64_t vectors = 0;
    for (const BrokenFile& each : broken) {
        missing += each.is_missing ? 1 : 0;
        vectors += each.is_vector_missing ? 1 : 0;
        change.remove.push_back(each.file);
    }
    change.metrics = {{"numMissingFiles", std::to_string(missing)},
                      {"numMissingDeletionVectors", std::to_string(vectors)}};
    return change;
}

}  // namespace

std::vector<table::DataFile> FsckReport::WithoutVector() const {
    std::vector<table::DataFile> files;
    for (const BrokenFile& each : broken) {
        if (!each.is_missing) files.push_back(each.file);
    }
    return files;
}

FsckReport Fsck(const FsckTask& task) {
    FsckReport report;
    const std::string& root = task.latest->Location();
    const Presence presence(task.store, root);
    const std::vector<table::DataFile> files = task.latest->Plan({}).files;
    size_t done = 0;
    for (const table::DataFile& file : files) {
        task.step(static_cast<double>(done++) / static_cast<double>(files.size()));
        BrokenFile broken{file, !presence.Has(file.location), false};
        broken.vector = task.latest->DeletedRowsLocation(file);
        broken.is_vector_missing = broken.vector && !presence.Has(*broken.vector);
        if (broken.is_missing || broken.is_vector_missing)
            report.broken.push_back(std::move(broken));
    }
    if (task.is_dry_run || report.broken.empty()) return report;
    const auto outcome = task.format.Commit(task.latest, Removal(report.broken));
    if (const auto* committed = std::get_if<table::Committed>(&outcome)) {
        report.version = committed->version;
        return report;
    }
    if (const auto* conflict = std::get_if<table::Conflict>(&outcome)) {
        throw Error(ErrorKind::kConflict, "FSCK {}: {}; run it again", root, conflict->detail);
    }
    throw Error(ErrorKind::kUnavailable, "the answer to FSCK's commit on {} was lost; run it again",
                root);
}

}  // namespace tarn::upkeep
