#include "upkeep/vacuum_plan.h"

#include <algorithm>

#include "base/text.h"

namespace tarn::upkeep {

bool IsVacuumsAffair(std::string_view path) {
    const std::vector<std::string> parts = Split(path, '/');
    for (size_t i = 0; i < parts.size(); ++i) {
        const std::string& part = parts[i];
        if (part.empty()) return false;
        if (part.front() != '_' && part.front() != '.') continue;
        const bool is_folder = i + 1 < parts.size();
        const bool is_partition = part.front() == '_' && part.find('=') != std::string::npos;
        if (!is_folder || !(is_partition || (i == 0 && part == "_change_data"))) return false;
    }
    return true;
}

void PlanVacuum(const std::string& root, const std::vector<storage::ObjectInfo>& listed,
                const table::FilesInUse& in_use, int64_t older_than_ms, VacuumPlan& plan) {
    const std::string folder = root + "/";
    for (const storage::ObjectInfo& file : listed) {
        ++plan.listed;
        const std::string_view location = file.location;
        if (!location.starts_with(folder)) continue;
        if (!IsVacuumsAffair(location.substr(folder.size()))) continue;
        if (file.modified_ms >= older_than_ms || in_use.Contains(location)) continue;
        plan.files.push_back(file);
        plan.size_bytes += file.size_bytes;
    }
}

void KeepInUse(const table::FilesInUse& in_use, VacuumPlan& plan) {
    std::erase_if(plan.files, [&](const storage::ObjectInfo& file) {
        if (!in_use.Contains(file.location)) return false;
        plan.size_bytes -= file.size_bytes;
        return true;
    });
}

}  // namespace tarn::upkeep
