#include "delta/rebase.h"

#include <algorithm>

#include "base/check.h"
#include "delta/deletion_vectors.h"
#include "delta/file_path.h"
#include "delta/row_tracking.h"
#include "delta/table_shape.h"

namespace tarn::delta {

using table::Conflict;
using table::ConflictReason;

Rebase::Rebase(storage::ObjectStore& store, Clock& clock, Random& random,
               std::shared_ptr<const Snapshot> base, const table::Change& change)
    : store_(store),
      clock_(clock),
      random_(random),
      base_(std::move(base)),
      change_(change),
      prepared_(PrepareChange(*base_, change, ToUnixMs(clock.Now()))),
      hidden_(FindHiddenRows(store, *base_, change)) {
    place_.version = base_->AtVersion().Next();
    place_.previous_ms = base_->CommittedMs();
    place_.row_id_high_water = RowIdHighWater(base_->State().domains);
}

void Rebase::Store() {
    if (is_stored_) return;
    prepared_.revisions = MakeRevisions(store_, base_->Location(), NewUuid(clock_, random_),
                                        hidden_, ToUnixMs(clock_.Now()));
    is_stored_ = true;
}

WinningCommit Rebase::AsWinner() const {
    WinningCommit winner;
    winner.version = place_.version;
    winner.Take(prepared_.info);
    for (const Action& action : prepared_.actions) winner.Take(action);
    for (const Action& action : prepared_.revisions) winner.Take(action);
    return winner;
}

format::RoaringBitmap64 Rebase::Load(const std::string& path, const DeletionVector& vector) const {
    return ReadVector(store_, base_->Location(), path, vector);
}

std::optional<Conflict> Rebase::ConflictWith(const WinningCommit& winner) const {
    return FindConflict({*base_, change_, prepared_.actions, moved_}, winner,
                        [this](const std::string& path, const DeletionVector& vector) {
                            return Load(path, vector);
                        });
}

// The rows that the winner hid in the same files stay hidden. Only one of both may hide a row.
std::optional<Conflict> Rebase::UniteRows(const WinningCommit& winner) {
    for (HiddenRows& hidden : hidden_) {
        const std::string key = PathKey(hidden.file.path);
        if (!winner.removes.contains(key)) continue;
        const Conflict conflict{ConflictReason::kConcurrentDelete, winner.version,
                                hidden.file.path};
        const auto revision = winner.adds.find(key);
        if (revision == winner.adds.end()) return conflict;
        hidden.all = {};
        if (revision->second.deletion_vector) {
            hidden.all = Load(hidden.file.path, *revision->second.deletion_vector);
        }
        if (hidden.all.Intersects(hidden.rows)) return conflict;
        hidden.all.Unite(hidden.rows);
        hidden.all.Shrink();
    }
    return std::nullopt;
}

// Files that the winner added again are as it left them.
void Rebase::Refresh(const WinningCommit& winner) {
    for (HiddenRows& hidden : hidden_) {
        const auto again = winner.adds.find(PathKey(hidden.file.path));
        if (again == winner.adds.end()) continue;
        const bool data_change = hidden.file.data_change;
        hidden.file = again->second;
        hidden.file.data_change = data_change;
        is_stored_ = false;
    }
    for (Action& action : prepared_.actions) {
        auto* remove = std::get_if<Remove>(&action);
        if (remove == nullptr) continue;
        const auto again = winner.adds.find(PathKey(remove->path));
        if (again == winner.adds.end()) continue;
        *remove = MakeRemove(again->second, remove->data_change,
                             remove->deletion_timestamp_ms.value_or(0));
    }
}

std::optional<Conflict> Rebase::Over(const WinningCommit& winner) {
    Check(winner.version == place_.version, "commits are met in their order");
    if (auto conflict = ConflictWith(winner)) return conflict;
    const bool stands_on_files = prepared_.adds_files_again || prepared_.judges_files;
    if (stands_on_files && !(winner.adds.empty() && winner.removes.empty())) {
        return Conflict{ConflictReason::kConcurrentAppend, winner.version,
                        "the change stands on all files as they were before"};
    }
    if (auto conflict = UniteRows(winner)) return conflict;
    Refresh(winner);
    for (const auto& [key, add] : winner.adds) {
        if (!add.data_change) moved_.insert_or_assign(key, add);
    }
    place_.version = place_.version.Next();
    place_.previous_ms =
        std::max(place_.previous_ms, winner.in_commit_timestamp_ms.value_or(place_.previous_ms));
    if (!winner.domains.empty()) {
        place_.row_id_high_water =
            std::max(place_.row_id_high_water, RowIdHighWater(winner.domains));
    }
    return std::nullopt;
}

}  // namespace tarn::delta
