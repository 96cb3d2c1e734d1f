#include "simulation/marking_format.h"

#include "base/error.h"

namespace tarn::simulation {
namespace {

UnguardedStore::Phase PhaseOf(OperationKind kind) {
    switch (kind) {
        case OperationKind::kOptimize:
            return UnguardedStore::Phase::kOptimizing;
        case OperationKind::kRestore:
            return UnguardedStore::Phase::kRestoring;
        case OperationKind::kDropFeature:
            return UnguardedStore::Phase::kDropping;
        default:
            return UnguardedStore::Phase::kCommitting;
    }
}

}  // namespace

table::CommitOutcome MarkingFormat::Commit(const table::SnapshotPtr& base,
                                           const table::Change& change) {
    const size_t number = ledger_.Tries(operation_, base->AtVersion().number, {});
    table::Change marked = change;
    marked.commit_info[kOperationMark] = std::to_string(number);
    unguarded_.Enter(PhaseOf(operation_.kind));
    try {
        const auto outcome = ForwardingFormat::Commit(base, marked);
        unguarded_.Enter(UnguardedStore::Phase::kOther);
        ledger_.Ends(number, operation_.kind, outcome);
        return outcome;
    } catch (const Error&) {
        unguarded_.Enter(UnguardedStore::Phase::kOther);
        ledger_.Refused(number);
        throw;
    }
}

}  // namespace tarn::simulation
