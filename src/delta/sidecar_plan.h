// Which sidecars of an earlier checkpoint the next one takes over, and what new ones hold. A
// sidecar is kept when all its files are live still: so an incremental checkpoint writes the files
// that came since, and those of sidecars of which some were removed. Small sidecars are merged, so
// that there are few. Pure, but for what was remembered in the chunks.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "delta/checkpoint_rows.h"
#include "delta/file_set.h"

namespace tarn::delta {

// Most files in one sidecar.
inline constexpr uint64_t kFilesPerSidecar = 1 << 15;

// How the name of a sidecar of ours begins: it tells that it holds adds only, and how their
// statistics stand; another form is not taken over.
std::string SidecarPrefix(const StatisticsForm& form);
inline constexpr std::string_view kRemovesPrefix = "removes-";
// false: the sidecar may hold removes.
bool HoldsAddsOnly(std::string_view name);

struct SidecarPlan {
    struct New {
        std::vector<FilePiece> pieces;
        uint64_t files = 0;
    };
    std::vector<std::shared_ptr<const StoredSidecar>> kept;
    std::vector<New> written;
};

using IsThere = std::function<bool(const StoredSidecar&)>;
SidecarPlan PlanSidecars(const FileSet& files, std::string_view prefix, const IsThere& is_there);

// Tells the chunks where their rows lie now; `written` are those of the plan, in its order.
void RememberSidecars(const FileSet& files, const SidecarPlan& plan,
                      const std::vector<std::shared_ptr<const StoredSidecar>>& written);

}  // namespace tarn::delta
