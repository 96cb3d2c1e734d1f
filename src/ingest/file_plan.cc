#include "ingest/file_plan.h"

#include <algorithm>

namespace tarn::ingest {

namespace {

// A store's clock may be coarse, and its tag made of it: a file that was written this shortly
// before it was read may have been written again within the same tick.
constexpr int64_t kRacyMs = 2000;

bool IsProvenUnchanged(const FoundFile& file, const LandedFile& landed) {
    return !file.etag.empty() && file.etag == landed.etag && file.size_bytes == landed.size_bytes &&
           file.modified_ms == landed.modified_ms && landed.modified_ms + kRacyMs <= landed.read_ms;
}

}  // namespace

FilePlan PlanFiles(const std::vector<FoundFile>& found, const LedgerState& ledger,
                   ReloadPolicy policy, const HashOf& hash_of) {
    FilePlan plan;
    for (const FoundFile& file : found) {
        const auto known = ledger.files.find(file.path);
        if (known == ledger.files.end()) {
            plan.land.push_back(file);
            continue;
        }
        const std::vector<LandedFile>& versions = known->second;
        const auto unchanged = [&](const LandedFile& landed) {
            return IsProvenUnchanged(file, landed);
        };
        if (std::any_of(versions.begin(), versions.end(), unchanged)) {
            ++plan.known;
            continue;
        }
        const std::optional<std::string> hash = hash_of(file);
        if (!hash) continue;
        const auto same = [&](const LandedFile& landed) {
            return landed.size_bytes == file.size_bytes && landed.sha256 == *hash;
        };
        if (std::any_of(versions.begin(), versions.end(), same)) {
            ++plan.known;
        } else if (policy == ReloadPolicy::kAppend) {
            plan.land.push_back(file);
        } else {
            (policy == ReloadPolicy::kNever ? plan.kept : plan.refused).push_back(file.path);
        }
    }
    return plan;
}

std::vector<FoundFile> TakeBatch(std::vector<FoundFile>& files, const BatchLimits& limits) {
    size_t count = 0;
    uint64_t bytes = 0;
    while (count < files.size() && count < static_cast<size_t>(limits.max_files)) {
        bytes += files[count].size_bytes;
        if (count > 0 && bytes > static_cast<uint64_t>(limits.max_bytes)) break;
        ++count;
    }
    const auto end = files.begin() + static_cast<std::ptrdiff_t>(count);
    std::vector<FoundFile> batch(std::make_move_iterator(files.begin()),
                                 std::make_move_iterator(end));
    files.erase(files.begin(), end);
    return batch;
}

}  // namespace tarn::ingest
