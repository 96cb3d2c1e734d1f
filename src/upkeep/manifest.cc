#include "upkeep/manifest.h"

#include <map>

#include "base/error.h"
#include "storage/whole_listing.h"

namespace tarn::upkeep {
namespace {

constexpr const char* kFolder = "_symlink_format_manifest";

}  // namespace

ManifestReport GenerateManifest(
    storage::ObjectStore& store, const table::Snapshot& latest,
    const std::function<std::string(const table::DataFile&)>& folder_of) {
    const std::string root = latest.Location() + "/" + kFolder;
    ManifestReport report;
    std::map<std::string, std::string> manifests;
    for (const table::DataFile& file : latest.Plan({}).files) {
        if (file.deletion_vector) {
            throw Error(ErrorKind::kUnsupported,
                        "GENERATE symlink_format_manifest for {}: readers of such lists would see "
                        "the deleted rows of {}; run REORG TABLE ... APPLY (PURGE) first",
                        latest.Location(), file.path);
        }
        const std::string folder = folder_of(file);
        const bool is_url = file.location.find("://") != std::string::npos;
        manifests[root + (folder.empty() ? "" : "/" + folder) + "/manifest"] +=
            (is_url ? "" : "file:") + file.location + "\n";
        ++report.files;
    }
    for (const auto& [location, text] : manifests) {
        if (store.Put(location, text) == storage::PutOutcome::kUnknown) {
            throw Error(ErrorKind::kUnavailable,
                        "whether {} was written is not known; run GENERATE again", location);
        }
    }
    for (const auto& old : storage::ListAll(store, root, storage::Depth::kBelow)) {
        if (!manifests.contains(old.location)) store.Delete(old.location);
    }
    report.manifests = manifests.size();
    return report;
}

}  // namespace tarn::upkeep
