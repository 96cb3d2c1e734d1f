#include "delta/winning_commit.h"

#include <algorithm>

#include "base/error.h"
#include "delta/file_path.h"
#include "delta/log_path.h"

namespace tarn::delta {

void WinningCommit::Take(const Action& action) {
    if (const auto* info = std::get_if<CommitInfo>(&action)) {
        transaction_id = info->transaction_id;
        in_commit_timestamp_ms = info->in_commit_timestamp_ms;
        says_blind_append = info->is_blind_append.value_or(false);
    } else if (std::holds_alternative<Protocol>(action)) {
        has_protocol = true;
    } else if (std::holds_alternative<Metadata>(action)) {
        has_metadata = true;
    } else if (const auto* transaction = std::get_if<Transaction>(&action)) {
        app_ids.push_back(transaction->app_id);
    } else if (const auto* domain = std::get_if<DomainMetadata>(&action)) {
        domains.insert_or_assign(domain->domain, *domain);
    } else if (const auto* add = std::get_if<Add>(&action)) {
        adds.insert_or_assign(PathKey(add->path), *add);
    } else if (const auto* remove = std::get_if<Remove>(&action)) {
        removes.insert_or_assign(PathKey(remove->path), *remove);
    }
}

bool ShareFile(const WinningCommit& left, const WinningCommit& right) {
    const auto is_in_right = [&](const auto& entry) {
        return right.adds.contains(entry.first) || right.removes.contains(entry.first);
    };
    return std::any_of(left.adds.begin(), left.adds.end(), is_in_right) ||
           std::any_of(left.removes.begin(), left.removes.end(), is_in_right);
}

std::optional<WinningCommit> FindWinner(storage::ObjectStore& store, const std::string& root,
                                        table::Version version) {
    const std::string location = CommitLocation(root, version);
    std::string bytes;
    try {
        bytes = store.Get(location);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::kNotFound || error.kind() == ErrorKind::kUnavailable ||
            error.kind() == ErrorKind::kTimeout) {
            return std::nullopt;
        }
        throw;
    }
    WinningCommit winner;
    winner.version = version;
    ParseActions(bytes, location, [&](Action&& action) { winner.Take(action); });
    return winner;
}

}  // namespace tarn::delta
