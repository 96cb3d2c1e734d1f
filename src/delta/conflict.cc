#include "delta/conflict.h"

#include <algorithm>
#include <set>

#include "delta/file_path.h"

namespace tarn::delta {
namespace {

using table::Conflict;
using table::ConflictReason;

// Did the change read rows that the file may hold.
bool WasRead(const table::Change& change, const Snapshot& base, const FileView& file) {
    if (change.reads.whole_table) return true;
    return std::any_of(
        change.reads.predicates.begin(), change.reads.predicates.end(),
        [&](const table::Predicate& predicate) { return base.MayHold(file, predicate); });
}

// Changes that only move rows neither miss rows nor bring any.
bool OnlyMovesRows(const table::Change& change) {
    const auto moves = [](const table::DataFile& file) { return !file.data_change; };
    return !(change.add.empty() && change.remove.empty()) && change.delete_rows.empty() &&
           std::all_of(change.add.begin(), change.add.end(), moves) &&
           std::all_of(change.remove.begin(), change.remove.end(), moves);
}

std::optional<Conflict> AppendConflict(const table::Change& change, const Snapshot& base,
                                       const WinningCommit& winner) {
    if (change.reads.IsBlind() || OnlyMovesRows(change)) return std::nullopt;
    for (const Add& add : winner.adds) {
        if (add.data_change && WasRead(change, base, FileView::Of(add))) {
            return Conflict{ConflictReason::kConcurrentAppend, winner.version, add.path};
        }
    }
    return std::nullopt;
}

std::optional<Conflict> DeleteConflict(const table::Change& change, const Snapshot& base,
                                       const WinningCommit& winner) {
    // One path at a time: a winner that put another deletion vector on the file removed it as well.
    std::set<std::string> removed_by_us;
    for (const table::DataFile& file : change.remove) removed_by_us.insert(PathKey(file.path));
    for (const auto& [file, rows] : change.delete_rows) removed_by_us.insert(PathKey(file.path));
    std::vector<LogicalFile> removed;
    for (const Remove& remove : winner.removes) {
        if (removed_by_us.contains(PathKey(remove.path))) {
            return Conflict{ConflictReason::kConcurrentDelete, winner.version, remove.path};
        }
        if (!remove.data_change) continue;
        removed.push_back({remove.path, remove.deletion_vector ? remove.deletion_vector->UniqueId()
                                                               : std::string()});
    }
    if (change.reads.IsBlind() || OnlyMovesRows(change)) return std::nullopt;
    // What the base did not hold was added by a winner before, and judged then.
    for (const auto& file : base.State().files.Find(removed)) {
        if (file && WasRead(change, base, FileView::Of(*file))) {
            return Conflict{ConflictReason::kConcurrentDeleteRead, winner.version, file->path};
        }
    }
    return std::nullopt;
}

}  // namespace

WinningCommit ReadWinner(table::Version version, std::string_view bytes, std::string_view name) {
    WinningCommit winner;
    winner.version = version;
    ParseActions(bytes, name, [&](Action&& action) {
        if (auto* info = std::get_if<CommitInfo>(&action)) {
            winner.transaction_id = std::move(info->transaction_id);
            winner.in_commit_timestamp_ms = info->in_commit_timestamp_ms;
        } else if (std::holds_alternative<Protocol>(action)) {
            winner.has_protocol = true;
        } else if (std::holds_alternative<Metadata>(action)) {
            winner.has_metadata = true;
        } else if (auto* transaction = std::get_if<Transaction>(&action)) {
            winner.app_ids.push_back(std::move(transaction->app_id));
        } else if (auto* add = std::get_if<Add>(&action)) {
            winner.adds.push_back(std::move(*add));
        } else if (auto* remove = std::get_if<Remove>(&action)) {
            winner.removes.push_back(std::move(*remove));
        }
    });
    return winner;
}

std::optional<Conflict> FindConflict(const table::Change& change, const Snapshot& base,
                                     const WinningCommit& winner) {
    if (winner.has_protocol) {
        return Conflict{ConflictReason::kProtocolChanged, winner.version, "the protocol changed"};
    }
    if (winner.has_metadata) {
        return Conflict{ConflictReason::kMetadataChanged, winner.version,
                        "the schema or the properties changed"};
    }
    for (const table::AppTransaction& transaction : change.transactions) {
        const auto& ids = winner.app_ids;
        if (std::find(ids.begin(), ids.end(), transaction.app_id) != ids.end()) {
            return Conflict{ConflictReason::kTransaction, winner.version, transaction.app_id};
        }
    }
    if (auto conflict = AppendConflict(change, base, winner)) return conflict;
    return DeleteConflict(change, base, winner);
}

}  // namespace tarn::delta
