#include "upkeep/clustering_plan.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace tarn::upkeep {
namespace {

using table::DataFile;

struct Files {
    std::vector<DataFile> files;
    uint64_t size_bytes = 0;

    void Add(DataFile file) {
        size_bytes += file.size_bytes;
        files.push_back(std::move(file));
    }
    void Add(Files&& others) {
        size_bytes += others.size_bytes;
        std::move(others.files.begin(), others.files.end(), std::back_inserter(files));
    }
};

std::vector<FileGroup> GroupOf(Files&& taken) {
    FileGroup group;
    group.partition_values = taken.files.front().partition_values;
    group.size_bytes = taken.size_bytes;
    group.files = std::move(taken.files);
    std::vector<FileGroup> groups;
    groups.push_back(std::move(group));
    return groups;
}

}  // namespace

std::vector<FileGroup> PlanClustering(std::vector<table::DataFile> files,
                                      const std::vector<std::string>& columns,
                                      const OptimizeRules& rules,
                                      const ClusteringRules& clustering) {
    Files fresh;
    std::map<std::string, Files> by_run;
    for (DataFile& file : files) {
        const bool is_clustered = file.clustering != nullptr;
        const bool by_others = is_clustered && file.clustering->columns != columns;
        if (by_others && !clustering.takes_all) continue;
        if (!is_clustered || by_others || HidesMany(file, rules)) {
            fresh.Add(std::move(file));
        } else {
            by_run[file.clustering->run].Add(std::move(file));
        }
    }
    std::vector<Files> runs;
    for (auto& [run, members] : by_run) runs.push_back(std::move(members));
    const bool is_worth_it = clustering.takes_all ? !fresh.files.empty() || runs.size() > 1
                                                  : fresh.files.size() + 1 >= rules.fewest_files;
    if (!is_worth_it) return {};
    std::stable_sort(runs.begin(), runs.end(),
                     [](const Files& a, const Files& b) { return a.size_bytes < b.size_bytes; });
    for (Files& run : runs) {
        const bool joins =
            clustering.takes_all || (run.size_bytes < clustering.whole_bytes &&
                                     run.size_bytes <= clustering.most_growth * fresh.size_bytes);
        if (joins) fresh.Add(std::move(run));
    }
    return GroupOf(std::move(fresh));
}

void CutTo(uint64_t most_bytes, std::vector<FileGroup>& groups) {
    std::erase_if(groups, [&](FileGroup& group) {
        if (group.size_bytes <= most_bytes) return false;
        std::vector<DataFile> kept;
        group.size_bytes = 0;
        for (DataFile& file : group.files) {
            if (group.size_bytes + file.size_bytes > most_bytes) break;
            group.size_bytes += file.size_bytes;
            kept.push_back(std::move(file));
        }
        group.files = std::move(kept);
        return group.files.size() < 2;
    });
}

}  // namespace tarn::upkeep
