#include "delta/commit_group.h"

#include <algorithm>
#include <functional>
#include <map>

#include "base/text.h"
#include "delta/committer.h"

namespace tarn::delta {
namespace {

using table::Conflict;
using table::Version;

// Nothing but files and marks of writers. Recorded changes (cdc) would hide from the change feed
// what others do in the same commit.
bool IsPlain(const PreparedChange& prepared) {
    return prepared.actions.size() + prepared.revisions.size() <= CommitGroup::kMaxActionsEach &&
           std::all_of(prepared.actions.begin(), prepared.actions.end(), [](const Action& action) {
               return std::holds_alternative<Transaction>(action) ||
                      std::holds_alternative<Remove>(action) || std::holds_alternative<Add>(action);
           });
}

// What the history tells of a change but for its figures.
CommitInfo WithoutFigures(CommitInfo info) {
    info.metrics.clear();
    return info;
}

void AddFigures(CommitInfo& sum, const CommitInfo& info) {
    for (const auto& [name, text] : info.metrics) {
        const auto value = ParseInt(text);
        std::string& total = sum.metrics[name];
        const auto before = total.empty() ? int64_t{0} : ParseInt(total);
        if (value && before) total = std::to_string(*before + *value);
    }
}

// A failure of one change is its own.
void Guarded(WaitingChange& waiting, const std::function<void()>& act) {
    try {
        act();
    } catch (const Error& error) {
        waiting.failure = error;
    }
}

void MeetWinner(WaitingChange& waiting, const WinningCommit& winner) {
    Guarded(waiting, [&] {
        if (auto conflict = waiting.change.Over(winner)) waiting.outcome = *std::move(conflict);
    });
}

}  // namespace

bool CommitGroup::MayShare(const Rebase& left, const Rebase& right) {
    return IsPlain(left.Prepared()) && IsPlain(right.Prepared()) &&
           WithoutFigures(left.Prepared().info) == WithoutFigures(right.Prepared().info);
}

// What cannot be read now leaves a change where it stands.
void CommitGroup::BringTo(Version place, const std::vector<WaitingChange*>& changes) {
    std::map<Version, std::optional<WinningCommit>> winners;
    for (WaitingChange* waiting : changes) {
        while (!waiting->IsSettled() && waiting->change.Place().version < place) {
            const Version next = waiting->change.Place().version;
            auto found = winners.find(next);
            if (found == winners.end()) {
                found = winners.emplace(next, FindWinner(store_, root_, next)).first;
            }
            if (!found->second) break;
            MeetWinner(*waiting, *found->second);
        }
    }
}

// The first that is not settled, and those that stand at its place and could come right after it.
void CommitGroup::Gather(const std::vector<WaitingChange*>& changes) {
    const auto goes_with_members = [&](const WaitingChange& waiting) {
        return std::all_of(members_.begin(), members_.end(), [&](const WaitingChange* member) {
            return member->change.Place().version == waiting.change.Place().version &&
                   !ShareFile(member->own, waiting.own) &&
                   !waiting.change.ConflictWith(member->own);
        });
    };
    for (WaitingChange* waiting : changes) {
        if (waiting->IsSettled()) continue;
        bool goes = false;
        Guarded(*waiting, [&] { goes = goes_with_members(*waiting); });
        if (goes) members_.push_back(waiting);
    }
}

std::string CommitGroup::Render() {
    std::optional<Error> failure;
    for (WaitingChange* member : members_) {
        Guarded(*member, [&] { member->change.Store(); });
        if (member->failure) failure = member->failure;
    }
    std::erase_if(members_, [](const WaitingChange* member) { return member->IsSettled(); });
    if (members_.empty()) throw Error(*failure);
    std::vector<const PreparedChange*> changes;
    CommitInfo info = members_.front()->change.Prepared().info;
    for (const WaitingChange* member : members_) {
        changes.push_back(&member->change.Prepared());
        if (member != members_.front()) AddFigures(info, changes.back()->info);
    }
    if (changes.size() > 1) info.others["groupedChanges"] = std::to_string(changes.size());
    info.transaction_id = commit_id_;
    return RenderCommit(changes, std::move(info), members_.front()->change.Place(),
                        ToUnixMs(clock_.Now()));
}

std::optional<Conflict> CommitGroup::Judge(const WinningCommit& winner) {
    for (WaitingChange* member : members_) MeetWinner(*member, winner);
    std::erase_if(members_, [](const WaitingChange* member) { return member->IsSettled(); });
    if (!members_.empty()) return std::nullopt;
    return Conflict{table::ConflictReason::kConcurrentAppend, winner.version, "nobody is left"};
}

void CommitGroup::Settle(const table::CommitOutcome& outcome) {
    for (WaitingChange* member : members_) member->outcome = outcome;
    if (!members_.empty()) members_.front()->is_first_of_commit = true;
    members_.clear();
}

void CommitGroup::Commit(const std::vector<WaitingChange*>& changes, Version known_end) {
    Version place = known_end.Next();
    for (const WaitingChange* waiting : changes) {
        place = std::max(place, waiting->change.Place().version);
    }
    BringTo(place, changes);
    Gather(changes);
    if (members_.empty()) return;
    commit_id_ = NewUuid(clock_, random_);
    Committer committer(store_, clock_, random_);
    try {
        Settle(committer.Commit(
            root_, members_.front()->change.Place().version, commit_id_,
            [this](Version) { return Render(); },
            [this](const WinningCommit& winner) { return Judge(winner); }));
    } catch (const Error& error) {
        for (WaitingChange* member : members_) member->failure = error;
        members_.clear();
    }
}

void CommitGroup::Abandon() {
    Settle(table::Unknown{commit_id_, "the writer of a shared commit broke off"});
}

}  // namespace tarn::delta
