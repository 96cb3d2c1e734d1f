// What one process says of its work: to the auditor what it tried and was told, to the trace and
// the tallies what happened.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "simulation/auditor.h"
#include "simulation/world.h"
#include "table/change.h"

namespace tarn::simulation {

class Ledger {
public:
    Ledger(World& world, Auditor& auditor, std::string name)
        : world_(world), auditor_(auditor), name_(std::move(name)) {}

    size_t Tries(const Operation& operation, int64_t base, Rows read) {
        return auditor_.Tries(operation, base, std::move(read));
    }
    void HasCutLog() { auditor_.HasCutLog(); }
    void Refused(size_t number) { auditor_.Refused(number); }
    void Ends(size_t number, OperationKind kind, const table::CommitOutcome& outcome);
    // An error that may come: the store is down, or others were in the way (Conflict), or what was
    // read is too old to be there or was listed late, or what was asked for may be refused
    // (InvalidInput). Any other is a failure of the run.
    void Begins() { world_.misled.erase(name_); }
    enum class Excuse { kNone, kTooOld, kRefused };
    void Fails(const Error& error, Excuse excuse = Excuse::kNone);
    const Auditor& Sees() const { return auditor_; }
    void Count(std::string_view what, std::string_view of = {}, uint64_t times = 1) {
        world_.tallies.Count(what, of, times);
    }

private:
    World& world_;
    Auditor& auditor_;
    const std::string name_;
};

}  // namespace tarn::simulation
