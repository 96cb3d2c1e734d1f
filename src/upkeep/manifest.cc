#include "upkeep/manifest.h"

#include "base/error.h"
#include "storage/whole_listing.h"

namespace tarn::upkeep {
namespace {

constexpr const char* kFolder = "_symlink_format_manifest";

std::string RootOf(const table::Snapshot& latest) { return latest.Location() + "/" + kFolder; }

}  // namespace

Manifests PlanManifests(const table::Snapshot& latest,
                        const std::function<std::string(const table::DataFile&)>& folder_of) {
    const std::string root = RootOf(latest);
    Manifests manifests;
    for (const table::DataFile& file : latest.Plan({}).files) {
        if (file.deletion_vector) {
            throw Error(ErrorKind::kUnsupported,
                        "GENERATE symlink_format_manifest for {}: readers of such lists would see "
                        "the deleted rows of {}; run REORG TABLE ... APPLY (PURGE) first",
                        latest.Location(), file.path);
        }
        const std::string folder = folder_of(file);
        const bool is_url = file.location.find("://") != std::string::npos;
        manifests.texts[root + (folder.empty() ? "" : "/" + folder) + "/manifest"] +=
            (is_url ? "" : "file:") + file.location + "\n";
        ++manifests.files;
    }
    return manifests;
}

void WriteManifests(storage::ObjectStore& store, const table::Snapshot& latest,
                    const Manifests& manifests) {
    for (const auto& [location, text] : manifests.texts) {
        if (store.Put(location, text) == storage::PutOutcome::kUnknown) {
            throw Error(ErrorKind::kUnavailable,
                        "whether {} was written is not known; run GENERATE again", location);
        }
    }
    for (const auto& old : storage::ListAll(store, RootOf(latest), storage::Depth::kBelow)) {
        if (!manifests.texts.contains(old.location)) store.Delete(old.location);
    }
}

}  // namespace tarn::upkeep
