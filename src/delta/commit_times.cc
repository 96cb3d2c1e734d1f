#include "delta/commit_times.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "delta/features.h"

namespace tarn::delta {
namespace {

using table::Version;

constexpr const char* kEnabled = "delta.enableInCommitTimestamps";
constexpr const char* kSinceVersion = "delta.inCommitTimestampEnablementVersion";
constexpr const char* kSinceTime = "delta.inCommitTimestampEnablementTimestamp";

std::optional<int64_t> NumberOf(const std::map<std::string, std::string>& configuration,
                                const char* key) {
    const auto found = configuration.find(key);
    if (found == configuration.end()) return std::nullopt;
    return ParseInt(found->second);
}

CommitInfo InfoIn(std::string_view bytes, const std::string& name) {
    CommitInfo found;
    ParseActions(bytes, name, [&](Action&& action) {
        if (auto* info = std::get_if<CommitInfo>(&action)) found = std::move(*info);
    });
    return found;
}

int64_t OwnTime(storage::ObjectStore& store, const CommitFile& commit) {
    const auto time_ms = ReadCommitInfo(store, commit).in_commit_timestamp_ms;
    if (time_ms) return *time_ms;
    throw Error(ErrorKind::kCorrupt, "{} lacks the inCommitTimestamp that its table demands",
                commit.info.location);
}

}  // namespace

std::optional<CommitTimesEnabled> InCommitTimestampsOf(
    const std::map<std::string, std::string>& configuration) {
    if (!IsEnabled(configuration, kEnabled)) return std::nullopt;
    CommitTimesEnabled enabled{{0}, INT64_MIN};
    const auto version = NumberOf(configuration, kSinceVersion);
    const auto unix_ms = NumberOf(configuration, kSinceTime);
    // Without both of them the table has had such times from its first version on.
    if (version && unix_ms) enabled = {{*version}, *unix_ms};
    return enabled;
}

std::vector<int64_t> GrowingFileTimes(const std::vector<CommitFile>& commits, int64_t previous_ms) {
    std::vector<int64_t> times;
    times.reserve(commits.size());
    for (const CommitFile& commit : commits) {
        const int64_t least_ms = previous_ms == INT64_MIN ? INT64_MIN : previous_ms + 1;
        previous_ms = std::max(commit.info.modified_ms, least_ms);
        times.push_back(previous_ms);
    }
    return times;
}

int64_t CommitTimeOf(const std::optional<CommitTimesEnabled>& enabled, Version version,
                     std::optional<int64_t> own_ms, int64_t file_ms) {
    return enabled && version >= enabled->version ? own_ms.value_or(file_ms) : file_ms;
}

CommitInfo ReadCommitInfo(storage::ObjectStore& store, const CommitFile& commit) {
    const std::string bytes = store.Get(commit.info.location);
    // It is the first line, where it must be there at all.
    const std::string_view first = std::string_view(bytes).substr(0, bytes.find('\n'));
    constexpr std::string_view kFirstWords = R"({"commitInfo":{)";
    const bool is_whole = first.starts_with(kFirstWords) && Trim(first).ends_with("}}");
    return InfoIn(is_whole ? first : bytes, commit.info.location);
}

std::optional<Version> VersionAt(storage::ObjectStore& store,
                                 const std::vector<CommitFile>& commits,
                                 const std::optional<CommitTimesEnabled>& enabled,
                                 int64_t unix_ms) {
    const auto first_with_own = std::find_if(
        commits.begin(), commits.end(),
        [&](const CommitFile& commit) { return enabled && commit.version >= enabled->version; });
    if (enabled && unix_ms >= enabled->unix_ms) {
        // These times grow, so that a few of them tell.
        const auto after = std::partition_point(
            first_with_own, commits.end(),
            [&](const CommitFile& commit) { return OwnTime(store, commit) <= unix_ms; });
        if (after == first_with_own) return std::nullopt;
        return std::prev(after)->version;
    }
    const std::vector<int64_t> times = GrowingFileTimes({commits.begin(), first_with_own});
    const auto after = std::upper_bound(times.begin(), times.end(), unix_ms) - times.begin();
    if (after == 0) return std::nullopt;
    return commits[static_cast<size_t>(after) - 1].version;
}

}  // namespace tarn::delta
