// Which files below a table's root may go: those that no version reachable within the retention
// names and that are older than it. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/object_store.h"
#include "table/files_in_use.h"

namespace tarn::upkeep {

struct VacuumPlan {
    std::vector<storage::ObjectInfo> files;
    uint64_t size_bytes = 0;
    uint64_t listed = 0;  // files that were looked at
};

// Is the file one that vacuum may judge: none of its folders and not its name begin with "_" or
// ".", but for "_change_data" and folders of partitions ("_p=1"). `path` is relative to the root.
bool IsVacuumsAffair(std::string_view path);

// Adds the candidates of a listing; `older_than_ms`: the store's time of a file must be earlier.
void PlanVacuum(const std::string& root, const std::vector<storage::ObjectInfo>& listed,
                const table::FilesInUse& in_use, int64_t older_than_ms, VacuumPlan& plan);

// Takes out what is in use by now.
void KeepInUse(const table::FilesInUse& in_use, VacuumPlan& plan);

}  // namespace tarn::upkeep
