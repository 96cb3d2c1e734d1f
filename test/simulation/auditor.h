// Watches the true store and hears what writers and readers were told, and holds all of it against
// a model: the operations replayed in the order of the log. What it finds wrong it keeps:
// - versions are contiguous, and no log entry is written twice or deleted before its time;
// - each operation stands in the log at most once, at the version that its writer was told; never
//   when the writer was told that it did not happen, however late;
// - after each commit the live files hold the model's rows: none lost, none doubled, none torn;
// - each operation has read what the model held before it, by its isolation level, and each batch
//   of an idempotent writer and each count of the property follows on the last;
// - after a RESTORE rows and properties are those of the version it names;
// - readers see the rows of exactly one version, no older than what anybody was told before, and
//   the change feed of a version makes its rows of those before it;
// - what live files need is never deleted, nor what a version needs that was the latest within the
//   retention; nor anything of the log but behind a whole checkpoint that is as old, and of a
//   guarded history all or nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "delta/log_path.h"
#include "simulation/log_files.h"
#include "simulation/operation.h"
#include "simulation/row_engine.h"
#include "simulation/watched_store.h"

namespace tarn::simulation {

// Of files and of the log, in every simulated table.
inline constexpr DurationUs kRetention = std::chrono::hours(1);
// How much earlier something may look old: clocks go wrong and statements take a while.
inline constexpr DurationUs kRetentionSlack = std::chrono::minutes(5);

enum class Isolation { kSerializable, kWriteSerializable };

class Auditor final : public StoreWatcher {
public:
    Auditor(std::string root, Isolation isolation)
        : root_(std::move(root)), isolation_(isolation) {}
    // The store that it watches, and its clock; before anything happens in it.
    void Watch(storage::ObjectStore& store, Clock& clock) {
        files_.emplace(store, root_);
        clock_ = &clock;
    }

    void Written(const std::string& location, std::string_view bytes) override;
    void Deletes(const std::string& location) override;

    // An operation is tried on a version and has read these rows: the number that marks its commit.
    size_t Tries(const Operation& operation, int64_t base, Rows read);
    void Committed(size_t number, int64_t version);
    // Its writer was told that it did not happen.
    void Refused(size_t number);
    // A reader asked for the latest version when `acknowledged` was LastAcknowledged().
    void Saw(int64_t version, const Rows& rows, int64_t acknowledged);
    // A reader saw what these versions changed, each one from first to last.
    void SawFeed(int64_t first, int64_t last, const std::map<int64_t, RowChanges>& feed);
    // Did the version land within the retention, so that what it changed can be told.
    bool IsFeedKept(int64_t version) const;
    // Did a version from this one on lack the feature.
    bool LackedSince(const std::string& feature, int64_t version) const;
    // A clean-up of the log has deleted some of it and ended well.
    void HasCutLog();
    // Was the version the latest at some time within the retention, but for what clocks may differ.
    bool IsReachable(int64_t version) const;
    int64_t LastAcknowledged() const { return acknowledged_; }
    int64_t LastVersion() const { return static_cast<int64_t>(versions_.size()) - 1; }

    void Fail(std::string what) { failures_.push_back(std::move(what)); }
    const std::vector<std::string>& Failures() const { return failures_; }

private:
    struct Try {
        Operation operation;
        int64_t base;
        Rows read;
        std::optional<int64_t> landed;
        bool is_refused = false;
    };
    struct Version {
        Rows rows;
        std::set<int64_t> fresh;  // ids that came by blind appends
        TimestampUs landed_at;
        int64_t counter = 0;
        bool is_restored = false;
        bool records_changes = false;
        std::set<std::string> features;
        int64_t guarded_before = 0;
    };

    void Land(int64_t version, std::string_view bytes);
    // The tries that the commit stands for; says what is wrong with them.
    std::vector<Try*> Marked(int64_t version, const LandedCommit& landed);
    // What the operation makes of the model; says what it should have seen and did not.
    void Replay(const Try& tried, int64_t version, Version& now);
    void DeletesOfLog(const std::string& location, const delta::LogPath& path);
    // Ids that a write-serializable operation may have missed: they came by blind appends, `now`
    // those of its own commit.
    std::set<int64_t> MayMiss(const Try& tried, const Version& now) const;
    void CheckBatches(int64_t version, const LandedCommit& landed);
    void CheckCounter(int64_t version, const LandedCommit& landed, const Version& now);
    void CheckFeed(int64_t version, const RowChanges& changes);
    const Version& At(int64_t version) const { return versions_[static_cast<size_t>(version)]; }
    // The version before which the history is guarded for all who knew of it in time.
    int64_t GuardedBefore() const;

    const std::string root_;
    const Isolation isolation_;
    std::optional<LogFiles> files_;
    Clock* clock_ = nullptr;
    std::vector<Try> tries_;
    std::vector<Version> versions_;
    std::set<int64_t> whole_checkpoints_;  // that were written, deleted or not
    std::map<std::string, int64_t> batches_;
    int64_t acknowledged_ = -1;
    std::vector<std::string> failures_;
};

}  // namespace tarn::simulation
