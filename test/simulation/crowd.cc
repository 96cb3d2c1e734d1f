#include "simulation/crowd.h"

#include <algorithm>

#include "base/error.h"
#include "delta/snapshot.h"

namespace tarn::simulation {

void Crowd::Join(const table::SnapshotPtr& base, const Operation& operation,
                 RowEngine::Result result) {
    auto member = std::make_unique<Member>();
    member->kind = operation.kind;
    member->root = base->Location();
    member->change = std::move(result.change);
    const bool is_nothing = member->change.IsEmpty();
    member->number = ledger_.Tries(operation, base->AtVersion().number, std::move(result.read));
    if (is_nothing) return;
    if (guard_ == Guard::kReads) member->change.reads = {};
    member->change.transactions.push_back({MarkOf(member->number), 1});
    try {
        member->rebase = std::make_unique<delta::Rebase>(
            store_, clock_, random_, std::dynamic_pointer_cast<const delta::Snapshot>(base),
            member->change);
        member->rebase->Store();
    } catch (const Error&) {
        ledger_.Refused(member->number);
        throw;
    }
    member->waiting.emplace(*member->rebase);
    if (guard_ == Guard::kNeighbours) member->waiting->own = {};
    members_.push_back(std::move(member));
}

void Crowd::Commit() {
    const auto is_waiting = [](const auto& member) { return !member->waiting->IsSettled(); };
    while (true) {
        const auto first = std::find_if(members_.begin(), members_.end(), is_waiting);
        if (first == members_.end()) break;
        std::vector<delta::WaitingChange*> changes;
        for (auto at = first; at != members_.end(); ++at) {
            const bool goes = at == first || guard_ == Guard::kRecordedAlone ||
                              delta::CommitGroup::MayShare(*(*first)->rebase, *(*at)->rebase);
            if (is_waiting(*at) && goes) changes.push_back(&*(*at)->waiting);
        }
        delta::CommitGroup group(store_, clock_, random_, (*first)->root);
        group.Commit(changes, {-1});
    }
    for (const auto& member : members_) Tell(*member);
    members_.clear();
}

void Crowd::Tell(Member& member) {
    if (member.waiting->failure) {
        ledger_.Refused(member.number);
        ledger_.Fails(*member.waiting->failure);
        return;
    }
    const bool stands = std::holds_alternative<table::Committed>(*member.waiting->outcome);
    if (stands && !member.waiting->is_first_of_commit) ledger_.Count("shares its commit");
    ledger_.Ends(member.number, member.kind, *member.waiting->outcome);
}

}  // namespace tarn::simulation
