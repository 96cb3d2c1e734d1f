// The columns of checkpoints and sidecars (PROTOCOL.md, "Checkpoint Schema"). Pure.
#pragma once

#include <cstdint>

#include "delta/actions.h"
#include "delta/arrow_append.h"
#include "delta/parsed_columns.h"

namespace tarn::delta {

// Places of the columns; a sidecar has only the first two.
struct CheckpointColumns {
    enum : int64_t { kAdd, kRemove, kTxn, kMetadata, kProtocol, kDomain, kAll };
    static constexpr int64_t kOfSidecar = kRemove + 1;
    int64_t count = kAll;
};

// Places of the fields of an add that not every checkpoint has; 0: it has none.
struct AddFields {
    AddFields(bool with_json, const ParsedColumns* parsed);

    int64_t stats = 0;
    int64_t stats_parsed = 0;
    int64_t partitions_parsed = 0;
    int64_t count = 10;
};

// `parsed` is null without columns of the table's types, `protocol` for a sidecar.
void SetCheckpointSchema(ArrowSchema* schema, const CheckpointColumns& columns,
                         const AddFields& fields, const ParsedColumns* parsed,
                         const Protocol* protocol);

}  // namespace tarn::delta
