#include "delta/log_segment.h"

#include <algorithm>
#include <functional>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/error.h"
#include "delta/commit_times.h"
#include "delta/log_path.h"

namespace tarn::delta {
namespace {

using storage::ObjectInfo;
using storage::ObjectStore;
using table::Version;

constexpr size_t kPageSize = 20'000;
constexpr uint64_t kMaxHintBytes = 16ULL << 20;
constexpr size_t kAskedByName = 3;  // commits behind the known one

// Names of the log begin with digits and sort before "_last_checkpoint" and other strangers.
bool IsBeyondTheLog(std::string_view name) { return !name.empty() && name.front() > '9'; }

void ForEachLogFile(ObjectStore& store, const std::string& root, Version from,
                    const std::function<void(ObjectInfo&&)>& take) {
    storage::ListOptions options;
    options.limit = kPageSize;
    options.start_after = BeforeVersionLocation(root, from);
    while (true) {
        std::vector<ObjectInfo> page = store.List(LogFolder(root), options);
        if (page.empty()) return;
        const bool is_last =
            page.size() < options.limit || IsBeyondTheLog(storage::LastName(page.back().location));
        options.start_after = page.back().location;
        for (ObjectInfo& info : page) take(std::move(info));
        if (is_last) return;
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

// A listing may also lag behind what its reader was told: commits from `next` on, up to the wanted
// one, are asked for by name.
void AskFurther(ObjectStore& store, const std::string& root, Version next,
                const std::optional<Version>& wanted, std::vector<CommitFile>& commits) {
    for (; !wanted || next <= *wanted; next = next.Next()) {
        auto info = store.Stat(CommitLocation(root, next));
        if (!info) return;
        commits.push_back({next, *std::move(info)});
    }
}

// From each version on the one that reaches furthest, within the segment's commits. Commits alone
// say which version is the last: a compaction beyond them is not believed.
std::vector<CompactionFile> Choose(std::vector<CompactionFile> all, const LogSegment& segment) {
    std::vector<CompactionFile> chosen;
    if (segment.commits.empty()) return chosen;
    const Version last = segment.commits.back().version;
    std::erase_if(all, [&](const CompactionFile& file) { return file.last > last; });
    std::stable_sort(all.begin(), all.end(), [](const auto& left, const auto& right) {
        return left.first < right.first || (left.first == right.first && left.last > right.last);
    });
    Version next = segment.commits.front().version;
    for (CompactionFile& file : all) {
        if (file.first < next) continue;
        next = file.last.Next();
        chosen.push_back(std::move(file));
    }
    return chosen;
}

}  // namespace

LogListing::LogListing(ObjectStore& store, std::string root, std::optional<Version> wanted)
    : store_(store), root_(std::move(root)), wanted_(wanted) {
    const auto hint = ReadLastCheckpointHint(store_, root_);
    List(hint && (!wanted_ || *hint <= *wanted_) ? *hint : Version{0});
    if (from_.number == 0) return;
    // The hint may have named a checkpoint that is not there.
    const auto found = Find();
    if (!found || !found->checkpoint_version) List({0});
}

void LogListing::List(Version from) {
    from_ = from;
    checkpoints_.clear();
    commits_.clear();
    compactions_.clear();
    checksums_.clear();
    ForEachLogFile(store_, root_, from, [&](ObjectInfo&& info) { Take(std::move(info)); });
    FillGaps(store_, root_, commits_);
    Version next = commits_.empty() ? from : commits_.back().version.Next();
    if (!checkpoints_.empty()) next = std::max(next, Version{checkpoints_.rbegin()->first}.Next());
    AskFurther(store_, root_, next, wanted_, commits_);
    if (from.number == 0 && checkpoints_.empty() && commits_.empty()) {
        throw Error(ErrorKind::kNotFound, "there is no Delta table at {} (no log in _delta_log)",
                    root_);
    }
}

void LogListing::Take(ObjectInfo&& info) {
    const LogPath path = ParseLogPath(storage::LastName(info.location));
    switch (path.kind) {
        case LogFileKind::kCommit:
            commits_.push_back({path.version, std::move(info)});
            break;
        case LogFileKind::kCompaction:
            if (info.size_bytes == 0) break;
            compactions_.push_back({path.first_version, path.version, std::move(info)});
            break;
        case LogFileKind::kChecksum:
            checksums_.emplace(path.version.number, std::move(info));
            break;
        case LogFileKind::kStranger:
            break;
        default:
            TakeCheckpointFile(std::move(info));
    }
}

void LogListing::TakeCheckpointFile(ObjectInfo&& info) {
    const LogPath path = ParseLogPath(storage::LastName(info.location));
    Checkpoint& checkpoint = checkpoints_[path.version.number];
    constexpr uint32_t kMaxParts = 100'000;
    // An empty file is a crashed writer's; it is no checkpoint.
    if (info.size_bytes == 0 || path.parts > kMaxParts) return;
    if (path.kind == LogFileKind::kClassicCheckpoint) {
        checkpoint.classic = std::move(info);
    } else if (path.kind == LogFileKind::kUuidCheckpoint) {
        checkpoint.uuid_named.push_back(std::move(info));
    } else {
        auto& parts = checkpoint.multi_part[path.parts];
        parts.resize(path.parts);
        parts[path.part - 1] = std::move(info);
    }
}

std::vector<ObjectInfo> LogListing::WholeCheckpoint(const Checkpoint& checkpoint) const {
    const auto is_aside = [&](const ObjectInfo& first) { return aside_.contains(first.location); };
    for (auto at = checkpoint.uuid_named.rbegin(); at != checkpoint.uuid_named.rend(); ++at) {
        if (!is_aside(*at)) return {*at};
    }
    if (checkpoint.classic && !is_aside(*checkpoint.classic)) return {*checkpoint.classic};
    for (const auto& [count, parts] : checkpoint.multi_part) {
        std::vector<ObjectInfo> files;
        for (const auto& part : parts) {
            if (part) files.push_back(*part);
        }
        if (files.size() == count && !is_aside(files.front())) return files;
    }
    return {};
}

std::optional<LogSegment> LogListing::Find() const {
    LogSegment segment;
    for (auto at = checkpoints_.rbegin(); at != checkpoints_.rend(); ++at) {
        if (wanted_ && at->first > wanted_->number) continue;
        segment.checkpoint_files = WholeCheckpoint(at->second);
        if (segment.checkpoint_files.empty()) continue;
        segment.checkpoint_version = Version{at->first};
        break;
    }
    for (const CommitFile& commit : commits_) {
        if (wanted_ && commit.version > *wanted_) break;
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
    if (segment.last_commit) {
        std::vector<CommitFile> until = commits_;
        std::erase_if(until, [&](const auto& commit) { return commit.version > segment.version; });
        segment.file_time_ms = GrowingFileTimes(until).back();
    } else {
        segment.file_time_ms = segment.checkpoint_files.front().modified_ms;
    }
    segment.compactions = Choose(compactions_, segment);
    const auto checksum = checksums_.find(segment.version.number);
    if (checksum != checksums_.end()) segment.checksum = checksum->second;
    return segment;
}

void LogListing::Check(const LogSegment& segment) const {
    CheckContiguous(root_, segment.commits);
    const Version first =
        segment.checkpoint_version ? segment.checkpoint_version->Next() : Version{0};
    if (!segment.commits.empty() && segment.commits.front().version != first) {
        if (!segment.checkpoint_version && wanted_) {
            throw Error(ErrorKind::kNotFound,
                        "version {} of {} can no longer be read: its log begins at version {}",
                        wanted_->number, root_, segment.commits.front().version.number);
        }
        throw Error(ErrorKind::kCorrupt, "the log of {} lacks version {}", root_, first.number);
    }
    if (segment.version < reached_) {
        throw Error(ErrorKind::kCorrupt, "the log of {} lacks version {}", root_,
                    segment.version.number + 1);
    }
    if (wanted_ && segment.version != *wanted_) {
        throw Error(ErrorKind::kNotFound, "there is no version {}; the latest is {}",
                    wanted_->number, segment.version.number);
    }
}

LogSegment LogListing::Segment() const {
    auto segment = Find();
    if (!segment) {
        if (wanted_) {
            throw Error(ErrorKind::kNotFound,
                        "version {} of {} cannot be read: its log has begun later", wanted_->number,
                        root_);
        }
        throw Error(ErrorKind::kCorrupt, "the log of {} has neither commits nor a whole checkpoint",
                    root_);
    }
    Check(*segment);
    return *std::move(segment);
}

void LogListing::PutAsideCheckpoint(const LogSegment& segment) {
    tarn::Check(!segment.checkpoint_files.empty(), "the segment stands on a checkpoint");
    aside_.insert(segment.checkpoint_files.front().location);
    reached_ = std::max(reached_, *segment.checkpoint_version);
    if (from_.number > 0) List({0});
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
    return ParseLastCheckpoint(text);
}

std::optional<Version> ParseLastCheckpoint(std::string_view text) {
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
    std::vector<CommitFile> commits;
    ForEachLogFile(store, root, from, [&](ObjectInfo&& info) {
        const LogPath path = ParseLogPath(storage::LastName(info.location));
        if (path.kind == LogFileKind::kCommit) commits.push_back({path.version, std::move(info)});
    });
    FillGaps(store, root, commits);
    AskFurther(store, root, commits.empty() ? from : commits.back().version.Next(), std::nullopt,
               commits);
    return commits;
}

std::vector<CommitFile> CommitsBehind(ObjectStore& store, const std::string& root, Version known) {
    std::vector<CommitFile> commits;
    for (Version version = known; commits.size() <= kAskedByName; version = version.Next()) {
        auto info = store.Stat(CommitLocation(root, version));
        if (!info) return commits;
        commits.push_back({version, *std::move(info)});
    }
    return ListCommits(store, root, known);
}

std::set<Version> ListCheckpoints(ObjectStore& store, const std::string& root, Version from) {
    std::set<Version> versions;
    ForEachLogFile(store, root, from, [&](const ObjectInfo& info) {
        const LogPath path = ParseLogPath(storage::LastName(info.location));
        const bool is_checkpoint = path.kind == LogFileKind::kClassicCheckpoint ||
                                   path.kind == LogFileKind::kMultiPartCheckpoint ||
                                   path.kind == LogFileKind::kUuidCheckpoint;
        if (is_checkpoint) versions.insert(path.version);
    });
    return versions;
}

LogSegment ListSegment(ObjectStore& store, const std::string& root, std::optional<Version> wanted) {
    return LogListing(store, root, wanted).Segment();
}

}  // namespace tarn::delta
