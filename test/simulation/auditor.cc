#include "simulation/auditor.h"

#include <algorithm>
#include <exception>

#include <fmt/format.h>

#include "delta/log_path.h"

namespace tarn::simulation {
namespace {

constexpr size_t kShownRows = 5;

std::string Show(const Rows& rows) {
    std::string text;
    for (size_t i = 0; i < std::min(rows.size(), kShownRows); ++i) {
        text += fmt::format(" {}={}", rows[i].id, rows[i].value);
    }
    return text + (rows.size() > kShownRows ? " ..." : "");
}

// Rows that one has and the other has not.
std::string Difference(const Rows& expected, const Rows& found) {
    Rows lost;
    Rows extra;
    std::set_difference(expected.begin(), expected.end(), found.begin(), found.end(),
                        std::back_inserter(lost));
    std::set_difference(found.begin(), found.end(), expected.begin(), expected.end(),
                        std::back_inserter(extra));
    return fmt::format("missing:{}; too many:{}", Show(lost), Show(extra));
}

}  // namespace

void Auditor::Written(const std::string& location, std::string_view bytes) {
    const std::string folder = delta::LogFolder(root_) + "/";
    if (!location.starts_with(folder)) return;
    const delta::LogPath path = delta::ParseLogPath(location.substr(folder.size()));
    if (path.kind == delta::LogFileKind::kCommit) Land(path.version.number, bytes);
    const bool is_checkpoint = path.kind == delta::LogFileKind::kClassicCheckpoint ||
                               path.kind == delta::LogFileKind::kUuidCheckpoint;
    if (is_checkpoint && bytes != kTornBytes) whole_checkpoints_.insert(path.version.number);
}

std::vector<Auditor::Try*> Auditor::Marked(int64_t version, const LandedCommit& landed) {
    std::vector<Try*> marked;
    for (const size_t number : landed.operations) {
        if (number >= tries_.size()) continue;
        Try& tried = tries_[number];
        const std::string_view name = NameOf(tried.operation.kind);
        if (tried.landed) {
            Fail(fmt::format("{} {} stands at versions {} and {}", name, number, *tried.landed,
                             version));
        }
        if (tried.is_refused) {
            Fail(fmt::format("{} {} was refused and stands at version {}", name, number, version));
        }
        tried.landed = version;
        marked.push_back(&tried);
    }
    if (marked.empty()) Fail(fmt::format("version {} has no mark", version));
    return marked;
}

void Auditor::Land(int64_t version, std::string_view bytes) {
    if (version != LastVersion() + 1) {
        Fail(fmt::format("version {} is written after version {}", version, LastVersion()));
        return;
    }
    LandedCommit landed;
    Version now;
    now.landed_at = clock_->Now();
    if (version > 0) now.rows = versions_.back().rows;
    try {
        landed = files_->Take(bytes, now.landed_at);
    } catch (const std::exception& error) {
        Fail(fmt::format("version {}: {}", version, error.what()));
    }
    std::string names;
    for (const Try* tried : Marked(version, landed)) {
        Replay(*tried, version, now);
        names += fmt::format(" {} on {}", NameOf(tried->operation.kind), tried->base);
        if (tried->operation.kind == OperationKind::kProperty) CheckCounter(version, landed);
    }
    CheckBatches(version, landed);
    const Rows found = files_->LiveRows();
    if (found != now.rows) {
        Fail(fmt::format("version {}, after{}: {}", version, names, Difference(now.rows, found)));
        now.rows = found;
    }
    versions_.push_back(std::move(now));
}

std::set<int64_t> Auditor::MayMiss(const Try& tried, const Version& now) const {
    if (isolation_ == Isolation::kSerializable) return {};
    std::set<int64_t> ids = now.fresh;
    for (auto between = static_cast<size_t>(tried.base + 1); between < versions_.size();
         ++between) {
        const Version& other = versions_[between];
        ids.insert(other.fresh.begin(), other.fresh.end());
    }
    return ids;
}

void Auditor::Replay(const Try& tried, int64_t version, Version& now) {
    const Operation& operation = tried.operation;
    const std::set<int64_t> missed = MayMiss(tried, now);
    SplitRows split = SplitBy(operation, now.rows);
    const auto is_missed = [&](const Row& row) { return missed.contains(row.id); };
    std::copy_if(split.read.begin(), split.read.end(), std::back_inserter(split.others), is_missed);
    std::erase_if(split.read, is_missed);
    if (split.read != tried.read) {
        Fail(fmt::format("{} on {} landed at {} over what it should have read: {}",
                         NameOf(operation.kind), tried.base, version,
                         Difference(split.read, tried.read)));
    }
    now.rows = operation.Apply(split.read);
    now.rows.insert(now.rows.end(), split.others.begin(), split.others.end());
    std::sort(now.rows.begin(), now.rows.end());
    if (!operation.ReadsNothing()) return;
    for (const Row& row : operation.fresh) now.fresh.insert(row.id);
}

void Auditor::CheckBatches(int64_t version, const LandedCommit& landed) {
    for (const auto& [app_id, batch] : landed.batches) {
        if (batch != batches_[app_id] + 1) {
            Fail(fmt::format("version {} has batch {} of {} after batch {}", version, batch, app_id,
                             batches_[app_id]));
        }
        batches_[app_id] = batch;
    }
}

void Auditor::CheckCounter(int64_t version, const LandedCommit& landed) {
    ++counter_;
    if (landed.counter == counter_) return;
    Fail(
        fmt::format("version {} counts {}, not {}", version, landed.counter.value_or(0), counter_));
}

bool Auditor::IsReachable(int64_t version) const {
    if (version >= LastVersion()) return true;
    const TimestampUs replaced_at = versions_[static_cast<size_t>(version) + 1].landed_at;
    return clock_->Now() - replaced_at < kRetention - kRetentionSlack;
}

void Auditor::Deletes(const std::string& location) {
    const std::string folder = delta::LogFolder(root_) + "/";
    if (location.starts_with(folder)) {
        DeletesOfLog(location, delta::ParseLogPath(location.substr(folder.size())));
        return;
    }
    if (files_->Needs(location)) Fail(fmt::format("{} is deleted and live", location));
    const auto until = files_->NeededUntil(location);
    if (until && clock_->Now() - *until < kRetention - kRetentionSlack) {
        Fail(fmt::format("{} is deleted and was live a moment ago", location));
    }
}

// Versions that are reachable must stand on a checkpoint behind what is deleted.
void Auditor::DeletesOfLog(const std::string& location, const delta::LogPath& path) {
    const bool matters = path.kind == delta::LogFileKind::kCommit ||
                         path.kind == delta::LogFileKind::kClassicCheckpoint ||
                         path.kind == delta::LogFileKind::kUuidCheckpoint;
    if (!matters) return;
    const int64_t version = path.version.number;
    for (auto at = whole_checkpoints_.upper_bound(version); at != whole_checkpoints_.end(); ++at) {
        if (*at <= LastVersion() && !IsReachable(*at - 1)) return;
    }
    Fail(fmt::format("{} is deleted, and versions that need it are reachable", location));
}

size_t Auditor::Tries(const Operation& operation, int64_t base, Rows read) {
    if (base >= 0) {
        if (base > LastVersion()) {
            Fail(fmt::format("somebody read version {}, which is not there", base));
        } else {
            const Rows& rows = versions_[static_cast<size_t>(base)].rows;
            const Rows expected = SplitBy(operation, rows).read;
            if (expected != read) {
                Fail(fmt::format("{} read version {} wrongly: {}", NameOf(operation.kind), base,
                                 Difference(expected, read)));
            }
        }
    }
    tries_.push_back({operation, base, std::move(read), std::nullopt, false});
    return tries_.size() - 1;
}

void Auditor::Committed(size_t number, int64_t version) {
    const Try& tried = tries_.at(number);
    if (tried.landed != version) {
        Fail(fmt::format("{} {} is said to stand at version {}, and stands at {}",
                         NameOf(tried.operation.kind), number, version, tried.landed.value_or(-1)));
    }
    acknowledged_ = std::max(acknowledged_, version);
}

void Auditor::Refused(size_t number) {
    Try& tried = tries_.at(number);
    tried.is_refused = true;
    if (tried.landed) {
        Fail(fmt::format("{} {} is said not to stand, and stands at {}",
                         NameOf(tried.operation.kind), number, *tried.landed));
    }
}

void Auditor::Saw(int64_t version, const Rows& rows, int64_t acknowledged) {
    if (version < acknowledged) {
        Fail(fmt::format("the latest version is said to be {}; {} was acknowledged before", version,
                         acknowledged));
    }
    if (version > LastVersion()) {
        Fail(fmt::format("somebody saw version {}, which is not there", version));
        return;
    }
    const Rows& expected = versions_[static_cast<size_t>(version)].rows;
    if (rows != expected) {
        Fail(fmt::format("a reader of version {} sees torn rows: {}", version,
                         Difference(expected, rows)));
    }
}

}  // namespace tarn::simulation
