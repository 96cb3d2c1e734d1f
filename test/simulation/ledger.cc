#include "simulation/ledger.h"

#include <fmt/format.h>

namespace tarn::simulation {

void Ledger::Ends(size_t number, OperationKind kind, const table::CommitOutcome& outcome) {
    const std::string_view name = NameOf(kind);
    if (const auto* committed = std::get_if<table::Committed>(&outcome)) {
        world_.Note(name_,
                    fmt::format("{} {} stands at {}", name, number, committed->version.number));
        Count("committed", name);
        auditor_.Committed(number, committed->version.number);
    } else if (const auto* conflict = std::get_if<table::Conflict>(&outcome)) {
        world_.Note(name_, fmt::format("{} {} conflicts with {}: {}", name, number,
                                       conflict->version.number, conflict->detail));
        Count("conflict", name);
        auditor_.Refused(number);
    } else {
        world_.Note(name_, fmt::format("{} {} is unknown", name, number));
        Count("unknown", name);
    }
}

void Ledger::Fails(const Error& error, Excuse excuse) {
    Count("failed", TraitsOf(error.kind()).name);
    world_.Note(name_, error.what());
    switch (error.kind()) {
        case ErrorKind::kUnavailable:
        case ErrorKind::kConflict:
            return;
        case ErrorKind::kNotFound:
        case ErrorKind::kCorrupt:
            if (excuse == Excuse::kTooOld || world_.misled.contains(name_)) return;
            break;
        case ErrorKind::kInvalidInput:
            if (excuse == Excuse::kRefused) return;
            break;
        default:
            break;
    }
    auditor_.Fail(fmt::format("{}: {}", name_, error.what()));
}

}  // namespace tarn::simulation
