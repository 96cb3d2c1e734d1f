#include "upkeep/clone.h"

#include <map>
#include <set>
#include <utility>

#include <nlohmann/json.hpp>

#include "table/copied_location.h"
#include "upkeep/file_rewrite.h"
#include "upkeep/restore.h"

namespace tarn::upkeep {
namespace {

using table::DataFile;

constexpr uint64_t kCopiedAtOnce = 8 << 20;

// What makes files of the two tables the same one: where the bytes lie, and those of the vector.
using Identity = std::pair<std::string, std::string>;
Identity IdentityOf(const DataFile& file, const std::optional<std::string>& vector) {
    if (vector) return {file.location, *vector};
    return {file.location, file.deletion_vector ? file.deletion_vector->unique_id : ""};
}

void CopyObject(storage::ObjectStore& store, const ObjectCopy& copy) {
    const auto reader = store.OpenReader(copy.from);
    const uint64_t size = reader->Info().size_bytes;
    const auto there = store.Stat(copy.to);
    if (there && there->size_bytes == size) return;
    const auto writer = store.OpenWriter(copy.to);
    std::string bytes;
    for (uint64_t at = 0; at < size; at += bytes.size()) {
        bytes.resize(std::min(kCopiedAtOnce, size - at));
        reader->ReadAt(at, bytes.data(), bytes.size());
        writer->Write(bytes);
    }
    writer->Commit();
}

}  // namespace

ClonePlan PlanClone(const table::Snapshot& source, const table::Snapshot* target,
                    const std::string& location, bool is_shallow) {
    ClonePlan plan;
    std::map<Identity, DataFile> there;
    if (target != nullptr) {
        for (DataFile& file : target->Plan({}).files) {
            Identity identity = IdentityOf(file, target->DeletedRowsLocation(file));
            there.emplace(std::move(identity), std::move(file));
        }
    }
    for (DataFile& file : source.Plan({}).files) {
        ++plan.source.files;
        plan.source.size_bytes += file.size_bytes;
        ObjectCopy copy{file.location, file.location};
        const auto vector = source.DeletedRowsLocation(file);
        std::optional<std::string> vector_copy = vector;
        if (!is_shallow) {
            copy.to = table::CopiedLocation(source.Location(), location, file.location);
            file.location = copy.to;
            if (vector) vector_copy = table::CopiedLocation(source.Location(), location, *vector);
        }
        if (there.erase(IdentityOf(file, vector_copy)) > 0) continue;
        if (!is_shallow) {
            plan.copies.push_back(std::move(copy));
            if (vector) plan.copies.push_back({*vector, *vector_copy});
        }
        plan.added.push_back(std::move(file));
    }
    for (auto& [identity, file] : there) plan.removed.push_back(std::move(file));
    return plan;
}

void CopyObjects(storage::ObjectStore& store, const std::vector<ObjectCopy>& copies,
                 const std::function<void(double)>& step) {
    std::set<std::string> done;
    for (const ObjectCopy& copy : copies) {
        step(static_cast<double>(done.size()) / static_cast<double>(copies.size()));
        if (done.insert(copy.to).second) CopyObject(store, copy);
    }
}

table::Change CloneChange(const ClonePlan& plan, table::SnapshotPtr source, bool is_shallow) {
    table::Change change;
    change.operation = "CLONE";
    change.parameters = {{"source", nlohmann::json(source->Location()).dump()},
                         {"sourceVersion", std::to_string(source->AtVersion().number)},
                         {"isShallow", is_shallow ? "true" : "false"}};
    change.metrics = {{"sourceTableSize", std::to_string(plan.source.size_bytes)},
                      {"sourceNumOfFiles", std::to_string(plan.source.files)},
                      {"numRemovedFiles", std::to_string(plan.removed.size())},
                      {"numCopiedFiles", std::to_string(is_shallow ? 0 : plan.added.size())},
                      {"removedFilesSize", std::to_string(BytesOf(plan.removed))},
                      {"copiedFilesSize", std::to_string(is_shallow ? 0 : BytesOf(plan.added))}};
    change.add = plan.added;
    change.remove = plan.removed;
    change.origin = std::move(source);
    // Whatever others write meanwhile is not what the source is.
    change.reads.whole_table = true;
    return change;
}

}  // namespace tarn::upkeep
