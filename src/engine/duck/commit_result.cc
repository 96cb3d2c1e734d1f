#include "engine/duck/commit_result.h"

#include "base/error.h"

namespace tarn::engine::duck {
namespace {

std::string_view NameOf(table::ConflictReason reason) {
    switch (reason) {
        case table::ConflictReason::kMetadataChanged:
            return "the table's schema or properties were changed";
        case table::ConflictReason::kProtocolChanged:
            return "the table's protocol was changed";
        case table::ConflictReason::kConcurrentAppend:
            return "rows were added that this statement would have read";
        case table::ConflictReason::kConcurrentDeleteRead:
            return "rows that this statement read were removed";
        case table::ConflictReason::kConcurrentDelete:
            return "rows that this statement removes were removed";
        case table::ConflictReason::kTransaction:
            return "this writer has committed this version before";
        case table::ConflictReason::kLogCleanedUp:
            return "the versions since this transaction's were cleaned up";
        case table::ConflictReason::kTooManyAttempts:
            return "too many other commits came first";
        case table::ConflictReason::kTableExists:
            return "a table is there";
    }
    return "another commit came first";
}

[[noreturn]] void ThrowConflict(const TableName& name, const table::Conflict& conflict) {
    if (conflict.reason == table::ConflictReason::kTableExists) {
        throw Error(ErrorKind::kAlreadyExists, "{}: the folder holds a table already. {}",
                    name.ToString(), conflict.detail);
    }
    throw Error(ErrorKind::kConflict, "{}: {} by version {}; run the statement again. {}",
                name.ToString(), NameOf(conflict.reason), conflict.version.number, conflict.detail);
}

}  // namespace

void NoteWritten(ClientState& state, const TableName& name, const table::CommitOutcome& outcome,
                 Clock& clock) {
    if (const auto* conflict = std::get_if<table::Conflict>(&outcome)) {
        state.conflict = conflict->reason;
        ThrowConflict(name, *conflict);
    }
    if (const auto* unknown = std::get_if<table::Unknown>(&outcome)) {
        throw Error(ErrorKind::kUnavailable,
                    "{}: the answer to the commit {} was lost; look at the table's history before "
                    "running it again. {}",
                    name.ToString(), unknown->commit_id, unknown->detail)
            .With("commit", unknown->commit_id);
    }
    const auto& committed = std::get<table::Committed>(outcome);
    state.meter->commit_attempts += static_cast<uint64_t>(committed.attempts);
    state.meter->AddWritten({name, committed.version, ToUnixMs(clock.Now())});
}

}  // namespace tarn::engine::duck
