#include "delta/conflict.h"

#include <algorithm>

#include "base/text.h"
#include "delta/feature_drop.h"
#include "delta/file_path.h"

namespace tarn::delta {
namespace {

using table::Conflict;
using table::ConflictReason;

// Did the change read rows that the file may hold.
bool WasRead(const PendingChange& pending, const Add& file) {
    const table::ReadSet& reads = pending.change.reads;
    if (reads.whole_table) return true;
    return std::any_of(reads.predicates.begin(), reads.predicates.end(),
                       [&](const table::Predicate& predicate) {
                           return pending.base.MayHold(FileView::Of(file), predicate);
                       });
}

// Changes that only move rows neither miss rows nor bring any. Under other columns they would leave
// those of others behind.
bool OnlyMovesRows(const table::Change& change) {
    const auto moves = [](const table::DataFile& file) { return !file.data_change; };
    return !change.metadata && !(change.add.empty() && change.remove.empty()) &&
           change.delete_rows.empty() && std::all_of(change.add.begin(), change.add.end(), moves) &&
           std::all_of(change.remove.begin(), change.remove.end(), moves);
}

std::optional<Conflict> DescriptionConflict(const PendingChange& pending,
                                            const WinningCommit& winner) {
    if (winner.has_protocol) {
        return Conflict{ConflictReason::kProtocolChanged, winner.version, "the protocol changed"};
    }
    if (winner.has_metadata) {
        return Conflict{ConflictReason::kMetadataChanged, winner.version,
                        "the schema or the properties changed"};
    }
    for (const Action& action : pending.actions) {
        const auto* domain = std::get_if<DomainMetadata>(&action);
        if (domain == nullptr || !winner.domains.contains(domain->domain)) continue;
        return Conflict{ConflictReason::kMetadataChanged, winner.version,
                        "the metadata domain " + domain->domain + " changed"};
    }
    for (const table::AppTransaction& transaction : pending.change.transactions) {
        const auto& ids = winner.app_ids;
        if (std::find(ids.begin(), ids.end(), transaction.app_id) != ids.end()) {
            return Conflict{ConflictReason::kTransaction, winner.version, transaction.app_id};
        }
    }
    return std::nullopt;
}

std::optional<Conflict> ReplacedFileConflict(const PendingChange& pending,
                                             const WinningCommit& winner) {
    if (winner.removes.empty()) return std::nullopt;
    for (const table::DataFile& file : pending.change.remove) {
        if (!winner.removes.contains(PathKey(file.path))) continue;
        return Conflict{ConflictReason::kConcurrentDelete, winner.version, file.path};
    }
    return std::nullopt;
}

// A new vector that shows rows which the old one hid.
bool BringsRowsBack(const Remove& before, const Add& after, const LoadVector& load) {
    if (!before.deletion_vector) return false;
    if (!after.deletion_vector) return true;
    if (before.deletion_vector->UniqueId() == after.deletion_vector->UniqueId()) return false;
    auto hidden = load(after.path, *after.deletion_vector);
    const uint64_t count = hidden.Cardinality();
    hidden.Unite(load(before.path, *before.deletion_vector));
    return hidden.Cardinality() != count;
}

std::optional<Conflict> AppendConflict(const PendingChange& pending, const WinningCommit& winner,
                                       const LoadVector& load) {
    const bool is_before_appends =
        !pending.change.metadata &&
        IsolationOf(pending.base.Metadata().properties) == Isolation::kWriteSerializable;
    if (is_before_appends && winner.IsBlindAppend()) return std::nullopt;
    for (const auto& [key, add] : winner.adds) {
        if (!add.data_change || !WasRead(pending, add)) continue;
        if (winner.Revises(key) && !BringsRowsBack(winner.removes.at(key), add, load)) continue;
        return Conflict{ConflictReason::kConcurrentAppend, winner.version, add.path};
    }
    return std::nullopt;
}

std::optional<Conflict> DeleteReadConflict(const PendingChange& pending,
                                           const WinningCommit& winner) {
    if (pending.change.reads.only_rows_it_deletes) return std::nullopt;
    std::vector<LogicalFile> removed;
    for (const auto& [key, remove] : winner.removes) {
        if (!remove.data_change) continue;
        removed.push_back({remove.path, remove.deletion_vector ? remove.deletion_vector->UniqueId()
                                                               : std::string()});
    }
    for (const LogicalFile& file : removed) {
        const auto moved = pending.moved.find(PathKey(file.path));
        if (moved != pending.moved.end() && WasRead(pending, moved->second)) {
            return Conflict{ConflictReason::kConcurrentDeleteRead, winner.version, file.path};
        }
    }
    // What else the base did not hold was added by a winner before, and judged then.
    for (const auto& file : pending.base.State().files.Find(removed)) {
        if (file && WasRead(pending, *file)) {
            return Conflict{ConflictReason::kConcurrentDeleteRead, winner.version, file->path};
        }
    }
    return std::nullopt;
}

}  // namespace

Isolation IsolationOf(const std::map<std::string, std::string>& properties) {
    const auto found = properties.find("delta.isolationLevel");
    const bool is_weaker =
        found == properties.end() || EqualsIgnoreCase(found->second, "WriteSerializable");
    return is_weaker ? Isolation::kWriteSerializable : Isolation::kSerializable;
}

std::optional<Conflict> FindConflict(const PendingChange& pending, const WinningCommit& winner,
                                     const LoadVector& load) {
    if (auto conflict = DescriptionConflict(pending, winner)) return conflict;
    if (pending.change.drop && BringsBack(*pending.change.drop, winner)) {
        return Conflict{ConflictReason::kProtocolChanged, winner.version,
                        "the feature to drop is in use again"};
    }
    if (auto conflict = ReplacedFileConflict(pending, winner)) return conflict;
    if (pending.change.reads.IsBlind() || OnlyMovesRows(pending.change)) return std::nullopt;
    if (auto conflict = AppendConflict(pending, winner, load)) return conflict;
    return DeleteReadConflict(pending, winner);
}

}  // namespace tarn::delta
