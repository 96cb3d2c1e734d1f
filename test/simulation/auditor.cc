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
}

void Auditor::Land(int64_t version, std::string_view bytes) {
    if (version != LastVersion() + 1) {
        Fail(fmt::format("version {} is written after version {}", version, LastVersion()));
        return;
    }
    LandedCommit landed;
    try {
        landed = files_->Take(bytes);
    } catch (const std::exception& error) {
        Fail(fmt::format("version {}: {}", version, error.what()));
    }
    if (!landed.operation || *landed.operation >= tries_.size()) {
        Fail(fmt::format("version {} has no mark", version));
        versions_.push_back({files_->LiveRows(), false, {}});
        return;
    }
    Try& tried = tries_[*landed.operation];
    const std::string_view name = NameOf(tried.operation.kind);
    if (tried.landed) {
        Fail(fmt::format("{} {} stands at versions {} and {}", name, *landed.operation,
                         *tried.landed, version));
    }
    if (tried.is_refused) {
        Fail(fmt::format("{} {} was refused and stands at version {}", name, *landed.operation,
                         version));
    }
    tried.landed = version;
    Version now = Replay(tried, version, landed);
    const Rows found = files_->LiveRows();
    if (found != now.rows) {
        Fail(fmt::format("after {} at version {} on {}: {}", name, version, tried.base,
                         Difference(now.rows, found)));
        now.rows = found;
    }
    versions_.push_back(std::move(now));
}

std::set<int64_t> Auditor::MayMiss(const Try& tried, int64_t version) const {
    std::set<int64_t> ids;
    if (isolation_ == Isolation::kSerializable) return ids;
    for (int64_t between = tried.base + 1; between < version; ++between) {
        const Version& other = versions_[static_cast<size_t>(between)];
        if (other.is_blind_append) ids.insert(other.fresh.begin(), other.fresh.end());
    }
    return ids;
}

Auditor::Version Auditor::Replay(const Try& tried, int64_t version, const LandedCommit& landed) {
    const Operation& operation = tried.operation;
    Version now;
    const std::set<int64_t> missed = MayMiss(tried, version);
    if (version > 0) now.rows = versions_.back().rows;
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
    if (operation.ReadsNothing() && !operation.fresh.empty()) {
        now.is_blind_append = true;
        for (const Row& row : operation.fresh) now.fresh.insert(row.id);
    }
    CheckBatch(tried, version, landed);
    return now;
}

void Auditor::CheckBatch(const Try& tried, int64_t version, const LandedCommit& landed) {
    for (const auto& [app_id, batch] : landed.batches) {
        if (batch != batches_[app_id] + 1) {
            Fail(fmt::format("version {} has batch {} of {} after batch {}", version, batch, app_id,
                             batches_[app_id]));
        }
        batches_[app_id] = batch;
    }
    if (tried.operation.kind == OperationKind::kProperty) {
        ++counter_;
        if (landed.counter != counter_) {
            Fail(fmt::format("version {} counts {}, not {}", version, landed.counter.value_or(0),
                             counter_));
        }
    }
}

void Auditor::Deletes(const std::string& location) {
    if (files_->Needs(location)) Fail(fmt::format("{} is deleted and live", location));
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
