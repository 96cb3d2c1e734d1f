#include "upkeep/optimize_plan.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/error.h"

namespace tarn::upkeep {
namespace {

bool IsWorthIt(const FileGroup& group, const OptimizeRules& rules) {
    if (group.files.size() >= rules.fewest_files) return true;
    return group.files.size() == 1 && HidesMany(group.files.front(), rules);
}

// Fills groups one after another, in the order of the files.
void Pack(std::vector<table::DataFile> files, const OptimizeRules& rules,
          std::vector<FileGroup>& groups) {
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) {
        return std::tie(a.modified_ms, a.path) < std::tie(b.modified_ms, b.path);
    });
    FileGroup open;
    const auto close = [&] {
        if (!open.files.empty()) groups.push_back(std::move(open));
        open = {};
    };
    for (table::DataFile& file : files) {
        if (open.size_bytes + file.size_bytes > rules.target_bytes) close();
        open.partition_values = file.partition_values;
        open.size_bytes += file.size_bytes;
        open.files.push_back(std::move(file));
    }
    close();
}

using Partitions = std::map<std::string, std::vector<table::DataFile>>;

Partitions ByPartition(std::vector<table::DataFile> files) {
    Partitions partitions;
    for (table::DataFile& file : files)
        partitions[PartitionKey(file.partition_values)].push_back(std::move(file));
    return partitions;
}

}  // namespace

bool HidesMany(const table::DataFile& file, const OptimizeRules& rules) {
    if (!file.deletion_vector) return false;
    const auto live = file.LiveRows();
    if (!live) return true;
    const auto hidden = static_cast<double>(file.deletion_vector->cardinality);
    return hidden > rules.hidden_share * (hidden + static_cast<double>(*live));
}

std::string PartitionKey(const std::vector<table::Value>& partition_values) {
    std::string key;
    for (const table::Value& value : partition_values) {
        const std::string text = table::ToString(value);
        key += std::to_string(text.size()) + ':' + text;
    }
    return key;
}

OptimizeRules RulesOf(const table::TableMetadata& metadata) {
    OptimizeRules rules;
    if (metadata.file_rules.bytes) rules.target_bytes = *metadata.file_rules.bytes;
    return rules;
}

std::vector<FileGroup> PlanRewrite(std::vector<table::DataFile> files, const OptimizeRules& rules) {
    std::vector<FileGroup> groups;
    for (auto& [key, members] : ByPartition(std::move(files)))
        Pack(std::move(members), rules, groups);
    return groups;
}

std::vector<FileGroup> PlanWholePartitions(std::vector<table::DataFile> files) {
    std::vector<FileGroup> groups;
    for (auto& [key, members] : ByPartition(std::move(files))) {
        FileGroup group;
        group.partition_values = members.front().partition_values;
        for (const table::DataFile& file : members) group.size_bytes += file.size_bytes;
        group.files = std::move(members);
        groups.push_back(std::move(group));
    }
    return groups;
}

std::vector<FileGroup> PlanOptimize(std::vector<table::DataFile> files,
                                    const OptimizeRules& rules) {
    std::erase_if(files, [&](const table::DataFile& file) {
        return file.size_bytes >= rules.target_bytes && !HidesMany(file, rules);
    });
    std::vector<FileGroup> groups = PlanRewrite(std::move(files), rules);
    std::erase_if(groups, [&](const FileGroup& group) { return !IsWorthIt(group, rules); });
    return groups;
}

std::vector<std::vector<size_t>> BatchesOf(const std::vector<FileGroup>& groups, size_t limit) {
    std::vector<std::vector<size_t>> batches;
    std::vector<size_t> left(groups.size());
    for (size_t i = 0; i < left.size(); ++i) left[i] = i;
    while (!left.empty()) {
        std::set<std::string> partitions;
        std::vector<size_t> batch;
        std::vector<size_t> later;
        for (const size_t group : left) {
            const bool fits =
                batch.size() < limit &&
                partitions.insert(PartitionKey(groups[group].partition_values)).second;
            (fits ? batch : later).push_back(group);
        }
        batches.push_back(std::move(batch));
        left = std::move(later);
    }
    return batches;
}

}  // namespace tarn::upkeep
