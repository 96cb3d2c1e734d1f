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
    if (version > 0) {
        now.rows = versions_.back().rows;
        now.counter = versions_.back().counter;
    }
    try {
        landed = files_->Take(bytes, now.landed_at);
    } catch (const std::exception& error) {
        Fail(fmt::format("version {}: {}", version, error.what()));
    }
    std::string names;
    for (const Try* tried : Marked(version, landed)) {
        Replay(*tried, version, now);
        names += fmt::format(" {} on {}", NameOf(tried->operation.kind), tried->base);
    }
    CheckBatches(version, landed);
    CheckCounter(version, landed, now);
    now.features = files_->Features();
    now.guarded_before = files_->GuardedBefore();
    now.records_changes = files_->RecordsChanges();
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
        // What RESTORE brings back it does not append blindly.
        if (!other.is_restored) continue;
        std::set<int64_t> stayed;
        for (const Row& row : versions_[between - 1].rows) stayed.insert(row.id);
        std::erase_if(ids, [&](int64_t id) { return !stayed.contains(id); });
    }
    return ids;
}

void Auditor::Replay(const Try& tried, int64_t version, Version& now) {
    const Operation& operation = tried.operation;
    if (operation.kind == OperationKind::kRestore) {
        now.rows = At(operation.version).rows;
        now.counter = At(operation.version).counter;
        now.is_restored = true;
        return;
    }
    if (operation.kind == OperationKind::kProperty) ++now.counter;
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

void Auditor::CheckCounter(int64_t version, const LandedCommit& landed, const Version& now) {
    const int64_t before = version == 0 ? 0 : At(version - 1).counter;
    const int64_t counter = landed.counter.value_or(before);
    if (counter == now.counter) return;
    Fail(fmt::format("version {} counts {}, not {}", version, counter, now.counter));
}

bool Auditor::IsReachable(int64_t version) const {
    if (version >= LastVersion()) return true;
    return clock_->Now() - At(version + 1).landed_at < kRetention - kRetentionSlack;
}

bool Auditor::IsFeedKept(int64_t version) const {
    return clock_->Now() - At(version).landed_at < kRetention - kRetentionSlack;
}

bool Auditor::LackedSince(const std::string& feature, int64_t version) const {
    return std::any_of(versions_.begin() + version, versions_.end(),
                       [&](const Version& other) { return !other.features.contains(feature); });
}

int64_t Auditor::GuardedBefore() const {
    int64_t guarded = versions_.back().guarded_before;
    for (int64_t version = LastVersion(); version > 0; --version) {
        if (clock_->Now() - At(version).landed_at >= kRetentionSlack) break;
        guarded = std::min(guarded, At(version - 1).guarded_before);
    }
    return guarded;
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

void Auditor::HasCutLog() {
    const int64_t first = files_->FirstCommit();
    if (first >= GuardedBefore()) return;
    Fail(fmt::format("the log is cut and begins with version {}; all before {} should have gone",
                     first, GuardedBefore()));
}

size_t Auditor::Tries(const Operation& operation, int64_t base, Rows read) {
    if (base >= 0) {
        if (base > LastVersion()) {
            Fail(fmt::format("somebody read version {}, which is not there", base));
        } else {
            const Rows& rows = At(base).rows;
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
    const Rows& expected = At(version).rows;
    if (rows != expected) {
        Fail(fmt::format("a reader of version {} sees torn rows: {}", version,
                         Difference(expected, rows)));
    }
}

void Auditor::SawFeed(int64_t first, int64_t last, const std::map<int64_t, RowChanges>& feed) {
    for (int64_t version = first; version <= last; ++version) {
        const auto found = feed.find(version);
        CheckFeed(version, found == feed.end() ? RowChanges{} : found->second);
    }
    const bool is_beyond =
        !feed.empty() && (feed.begin()->first < first || feed.rbegin()->first > last);
    if (is_beyond) Fail(fmt::format("the feed of {} to {} goes beyond them", first, last));
}

void Auditor::CheckFeed(int64_t version, const RowChanges& changes) {
    const Rows before = version == 0 ? Rows{} : At(version - 1).rows;
    const Rows& gone = changes.gone;
    const Rows& come = changes.come;
    Rows rows;
    std::set_difference(before.begin(), before.end(), gone.begin(), gone.end(),
                        std::back_inserter(rows));
    const bool were_there = std::includes(before.begin(), before.end(), gone.begin(), gone.end());
    rows.insert(rows.end(), come.begin(), come.end());
    std::sort(rows.begin(), rows.end());
    if (!were_there || rows != At(version).rows) {
        Fail(fmt::format("the feed of version {} says: gone{}; come{}; and makes other rows: {}",
                         version, Show(gone), Show(come), Difference(At(version).rows, rows)));
    }
    Rows both;
    std::set_intersection(gone.begin(), gone.end(), come.begin(), come.end(),
                          std::back_inserter(both));
    if (both.empty() || At(version).is_restored || !At(version).records_changes) return;
    Fail(fmt::format("the feed of version {} names rows that did not change:{}", version,
                     Show(both)));
}

}  // namespace tarn::simulation
