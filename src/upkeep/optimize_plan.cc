#include "upkeep/optimize_plan.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "base/error.h"

namespace tarn::upkeep {
namespace {

constexpr uint64_t kSmallestTarget = uint64_t{128} << 20;
constexpr uint64_t kLargestTarget = uint64_t{1} << 30;
constexpr uint64_t kFilesOfPartition = 1024;
constexpr double kGrowthThatPays = 1.5;

// Leaves out the largest files, until what is left grows into one file that is so much larger.
void LeaveLarge(const OptimizeRules& rules, FileGroup& group) {
    const auto by_size = [](const table::DataFile& a, const table::DataFile& b) {
        return a.size_bytes < b.size_bytes;
    };
    while (group.files.size() > 1) {
        const auto largest = std::max_element(group.files.begin(), group.files.end(), by_size);
        const auto bytes = static_cast<double>(largest->size_bytes);
        if (static_cast<double>(group.size_bytes) >= rules.least_growth * bytes) return;
        group.size_bytes -= largest->size_bytes;
        group.files.erase(largest);
    }
}

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

OptimizeRules RulesOfMaintenance(const table::TableMetadata& metadata, uint64_t most_bytes) {
    OptimizeRules rules = RulesOf(metadata);
    rules.small_share = 0.5;
    rules.least_growth = kGrowthThatPays;
    rules.grows_with_partition = !metadata.file_rules.bytes;
    rules.most_bytes = most_bytes;
    return rules;
}

uint64_t TargetOfPartition(uint64_t partition_bytes) {
    return std::clamp(partition_bytes / kFilesOfPartition, kSmallestTarget, kLargestTarget);
}

uint64_t TargetFor(const OptimizeRules& rules, uint64_t bytes) {
    return rules.grows_with_partition ? TargetOfPartition(bytes) : rules.target_bytes;
}

uint64_t BytesOf(const std::vector<table::DataFile>& files) {
    uint64_t bytes = 0;
    for (const table::DataFile& file : files) bytes += file.size_bytes;
    return bytes;
}

void KeepWithin(uint64_t most_bytes, std::vector<FileGroup>& groups) {
    if (most_bytes == UINT64_MAX) return;
    std::stable_sort(groups.begin(), groups.end(), [](const FileGroup& a, const FileGroup& b) {
        return static_cast<double>(a.files.size()) * static_cast<double>(b.size_bytes) >
               static_cast<double>(b.files.size()) * static_cast<double>(a.size_bytes);
    });
    uint64_t left = most_bytes;
    std::erase_if(groups, [&](const FileGroup& group) {
        if (group.size_bytes > left) return true;
        left -= group.size_bytes;
        return false;
    });
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
    std::vector<FileGroup> groups;
    for (auto& [key, members] : ByPartition(std::move(files))) {
        OptimizeRules here = rules;
        here.target_bytes = TargetFor(rules, BytesOf(members));
        const auto large =
            static_cast<uint64_t>(static_cast<double>(here.target_bytes) * here.small_share);
        std::erase_if(members, [&](const table::DataFile& file) {
            return file.size_bytes >= large && !HidesMany(file, here);
        });
        Pack(std::move(members), here, groups);
    }
    for (FileGroup& group : groups) LeaveLarge(rules, group);
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
