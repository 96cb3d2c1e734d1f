#include "simulation/marking_format.h"

#include "base/error.h"

namespace tarn::simulation {

table::CommitOutcome MarkingFormat::Commit(const table::SnapshotPtr& base,
                                           const table::Change& change) {
    Operation operation;
    operation.kind = kind_;
    const size_t number = ledger_.Tries(operation, base->AtVersion().number, {});
    table::Change marked = change;
    marked.commit_info[kOperationMark] = std::to_string(number);
    unguarded_.Enter(kind_ == OperationKind::kOptimize ? UnguardedStore::Phase::kOptimizing
                                                       : UnguardedStore::Phase::kCommitting);
    try {
        const auto outcome = ForwardingFormat::Commit(base, marked);
        unguarded_.Enter(UnguardedStore::Phase::kOther);
        ledger_.Ends(number, kind_, outcome);
        return outcome;
    } catch (const Error&) {
        unguarded_.Enter(UnguardedStore::Phase::kOther);
        ledger_.Refused(number);
        throw;
    }
}

}  // namespace tarn::simulation
