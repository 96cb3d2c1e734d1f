// What one process says of its work: to the auditor what it tried and was told, to the trace and
// the tallies what happened.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "simulation/auditor.h"
#include "simulation/world.h"
#include "table/change.h"

namespace tarn::simulation {

// Of all processes of a run.
struct Tallies {
    std::map<std::string, uint64_t> by_name;  // "committed append", "conflict merge", "crash"
    void Count(std::string_view what, std::string_view of = {}, uint64_t times = 1);
};

class Ledger {
public:
    Ledger(World& world, Auditor& auditor, Tallies& tallies, std::string name)
        : world_(world), auditor_(auditor), tallies_(tallies), name_(std::move(name)) {}

    size_t Tries(const Operation& operation, int64_t base, Rows read) {
        return auditor_.Tries(operation, base, std::move(read));
    }
    void Refused(size_t number) { auditor_.Refused(number); }
    void Ends(size_t number, OperationKind kind, const table::CommitOutcome& outcome);
    // An error that may come: the store is down, or others were in the way (Conflict), or what was
    // read is too old to be there. Any other is a failure of the run.
    void Fails(const Error& error, std::optional<int64_t> version_read);
    void Count(std::string_view what, std::string_view of = {}, uint64_t times = 1) {
        tallies_.Count(what, of, times);
    }

private:
    World& world_;
    Auditor& auditor_;
    Tallies& tallies_;
    const std::string name_;
};

}  // namespace tarn::simulation
