// The format as upkeep sees it in the simulated world: marks each commit and tells the auditor of
// it, and takes away one protection where a test of the guards asks for that.
#pragma once

#include "simulation/ledger.h"
#include "simulation/unguarded_store.h"
#include "table/forwarding_format.h"

namespace tarn::simulation {

class MarkingFormat final : public table::ForwardingFormat {
public:
    MarkingFormat(table::TableFormat& inner, Ledger& ledger, UnguardedStore& unguarded, Guard guard,
                  Operation operation)
        : ForwardingFormat(inner),
          ledger_(ledger),
          unguarded_(unguarded),
          guard_(guard),
          operation_(std::move(operation)) {}

    table::CommitOutcome Commit(const table::SnapshotPtr& base,
                                const table::Change& change) override;
    table::FilesInUse InUseSince(const table::SnapshotPtr& latest, int64_t since_ms) override {
        if (guard_ == Guard::kFilesInUse) return {};
        return ForwardingFormat::InUseSince(latest, since_ms);
    }

private:
    Ledger& ledger_;
    UnguardedStore& unguarded_;
    const Guard guard_;
    const Operation operation_;
};

}  // namespace tarn::simulation
