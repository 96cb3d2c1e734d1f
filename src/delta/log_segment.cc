#include "delta/log_segment.h"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "delta/log_path.h"

namespace tarn::delta {
namespace {

using storage::ObjectInfo;
using storage::ObjectStore;
using table::Version;

constexpr size_t kPageSize = 20'000;
constexpr uint64_t kMaxHintBytes = 16ULL << 20;

struct Checkpoint {
    std::optional<ObjectInfo> classic;
    std::vector<ObjectInfo> uuid_named;
    // By the number of parts: one part a slot.
    std::map<uint32_t, std::vector<std::optional<ObjectInfo>>> multi_part;

    // The files of one whole checkpoint; empty when there is none.
    std::vector<ObjectInfo> Files() const {
        if (!uuid_named.empty()) return {uuid_named.back()};
        if (classic) return {*classic};
        for (const auto& [count, parts] : multi_part) {
            std::vector<ObjectInfo> files;
            for (const auto& part : parts) {
                if (part) files.push_back(*part);
            }
            if (files.size() == count) return files;
        }
        return {};
    }
};

struct Listing {
    std::map<int64_t, Checkpoint> checkpoints;
    std::vector<CommitFile> commits;
    bool IsEmpty() const { return checkpoints.empty() && commits.empty(); }
};

// Names of the log begin with digits and sort before "_last_checkpoint" and other strangers.
bool IsBeyondTheLog(std::string_view name) { return !name.empty() && name.front() > '9'; }

void TakeFile(Listing& listing, ObjectInfo&& info) {
    const LogPath path = ParseLogPath(storage::LastName(info.location));
    Checkpoint* checkpoint = nullptr;
    if (path.kind != LogFileKind::kCommit && path.kind != LogFileKind::kStranger) {
        checkpoint = &listing.checkpoints[path.version.number];
    }
    switch (path.kind) {
        case LogFileKind::kCommit:
            listing.commits.push_back({path.version, std::move(info)});
            break;
        case LogFileKind::kClassicCheckpoint:
            // An empty file is a crashed writer's; it is no checkpoint.
            if (info.size_bytes > 0) checkpoint->classic = std::move(info);
            break;
        case LogFileKind::kUuidCheckpoint:
            if (info.size_bytes > 0) checkpoint->uuid_named.push_back(std::move(info));
            break;
        case LogFileKind::kMultiPartCheckpoint: {
            constexpr uint32_t kMaxParts = 100'000;
            if (path.parts > kMaxParts || info.size_bytes == 0) break;
            auto& parts = checkpoint->multi_part[path.parts];
            parts.resize(path.parts);
            parts[path.part - 1] = std::move(info);
            break;
        }
        case LogFileKind::kStranger:
            break;
    }
}

Listing ListLog(ObjectStore& store, const std::string& root, Version from) {
    Listing listing;
    storage::ListOptions options;
    options.limit = kPageSize;
    options.start_after = BeforeVersionLocation(root, from);
    while (true) {
        std::vector<ObjectInfo> page = store.List(LogFolder(root), options);
        if (page.empty()) return listing;
        const bool is_last =
            page.size() < options.limit || IsBeyondTheLog(storage::LastName(page.back().location));
        options.start_after = page.back().location;
        for (ObjectInfo& info : page) TakeFile(listing, std::move(info));
        if (is_last) return listing;
    }
}

// A listing is no snapshot: a commit that landed meanwhile may be missing between listed ones.
void FillGaps(ObjectStore& store, const std::string& root, std::vector<CommitFile>& commits) {
    for (size_t i = 1; i < commits.size(); ++i) {
        const Version expected = commits[i - 1].version.Next();
        if (commits[i].version <= expected) continue;
        const auto info = store.Stat(CommitLocation(root, expected));
        if (!info) return;
        commits.insert(commits.begin() + static_cast<std::ptrdiff_t>(i), {expected, *info});
    }
}

// The segment for a version at most `wanted`, if the listing has what it takes.
std::optional<LogSegment> SegmentOf(const Listing& listing, std::optional<Version> wanted) {
    LogSegment segment;
    for (auto at = listing.checkpoints.rbegin(); at != listing.checkpoints.rend(); ++at) {
        if (wanted && at->first > wanted->number) continue;
        segment.checkpoint_files = at->second.Files();
        if (segment.checkpoint_files.empty()) continue;
        segment.checkpoint_version = Version{at->first};
        break;
    }
    for (const CommitFile& commit : listing.commits) {
        if (wanted && commit.version > *wanted) break;
        segment.last_commit = commit;
        if (segment.checkpoint_version && commit.version <= *segment.checkpoint_version) continue;
        segment.commits.push_back(commit);
    }
    if (segment.commits.empty()) {
        if (!segment.checkpoint_version) return std::nullopt;
        segment.version = *segment.checkpoint_version;
    } else {
        segment.version = segment.commits.back().version;
    }
    if (segment.last_commit && segment.last_commit->version != segment.version) {
        segment.last_commit.reset();
    }
    return segment;
}

void CheckSegment(const std::string& root, const LogSegment& segment,
                  std::optional<Version> wanted) {
    CheckContiguous(root, segment.commits);
    const Version first =
        segment.checkpoint_version ? segment.checkpoint_version->Next() : Version{0};
    if (!segment.commits.empty() && segment.commits.front().version != first) {
        if (!segment.checkpoint_version && wanted) {
            throw Error(ErrorKind::kNotFound,
                        "version {} of {} can no longer be read: its log begins at version {}",
                        wanted->number, root, segment.commits.front().version.number);
        }
        throw Error(ErrorKind::kCorrupt, "the log of {} lacks version {}", root, first.number);
    }
    if (wanted && segment.version != *wanted) {
        throw Error(ErrorKind::kNotFound, "{} has no version {}; the latest is {}", root,
                    wanted->number, segment.version.number);
    }
}

}  // namespace

int64_t LogSegment::ModifiedMs() const {
    if (last_commit) return last_commit->info.modified_ms;
    return checkpoint_files.empty() ? 0 : checkpoint_files.front().modified_ms;
}

std::optional<Version> ReadLastCheckpointHint(ObjectStore& store, const std::string& root) {
    std::string text;
    try {
        text = store.Get(LastCheckpointLocation(root), kMaxHintBytes);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::kNotFound || error.kind() == ErrorKind::kLimitExceeded) {
            return std::nullopt;
        }
        throw;
    }
    const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) return std::nullopt;
    const auto version = json.find("version");
    if (version == json.end() || !version->is_number_integer()) return std::nullopt;
    const auto number = version->get<int64_t>();
    if (number < 0) return std::nullopt;
    return Version{number};
}

void CheckContiguous(const std::string& root, const std::vector<CommitFile>& commits) {
    for (size_t i = 1; i < commits.size(); ++i) {
        const Version expected = commits[i - 1].version.Next();
        if (commits[i].version == expected) continue;
        throw Error(ErrorKind::kCorrupt, "the log of {} lacks version {}, though {} is there", root,
                    expected.number, commits[i].version.number);
    }
}

std::vector<CommitFile> ListCommits(ObjectStore& store, const std::string& root, Version from) {
    std::vector<CommitFile> commits = ListLog(store, root, from).commits;
    FillGaps(store, root, commits);
    return commits;
}

LogSegment ListSegment(ObjectStore& store, const std::string& root, std::optional<Version> wanted) {
    Version from{0};
    const auto hint = ReadLastCheckpointHint(store, root);
    if (hint && (!wanted || *hint <= *wanted)) from = *hint;
    Listing listing = ListLog(store, root, from);
    FillGaps(store, root, listing.commits);
    auto segment = SegmentOf(listing, wanted);
    if (from.number > 0 && (!segment || !segment->checkpoint_version)) {
        // The hint named a checkpoint that is not there.
        listing = ListLog(store, root, {0});
        FillGaps(store, root, listing.commits);
        segment = SegmentOf(listing, wanted);
    }
    if (!segment) {
        if (listing.IsEmpty()) {
            throw Error(ErrorKind::kNotFound,
                        "there is no Delta table at {} (no log in _delta_log)", root);
        }
        if (wanted) {
            throw Error(ErrorKind::kNotFound,
                        "version {} of {} cannot be read: its log has begun later", wanted->number,
                        root);
        }
        throw Error(ErrorKind::kCorrupt, "the log of {} has neither commits nor a whole checkpoint",
                    root);
    }
    CheckSegment(root, *segment, wanted);
    return *std::move(segment);
}

}  // namespace tarn::delta
