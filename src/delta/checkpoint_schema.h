// The columns of checkpoints and sidecars (PROTOCOL.md, "Checkpoint Schema"). Pure.
#pragma once

#include <cstdint>

#include "delta/actions.h"
#include "delta/arrow_append.h"
#include "delta/parsed_columns.h"

namespace tarn::delta {

// Places of the columns. A sidecar has only the first two; domains are a column where there are
// any.
struct CheckpointColumns {
    enum : int64_t { kAdd, kRemove, kTxn, kMetadata, kProtocol, kDomain, kAll };
    static constexpr int64_t kOfSidecar = kRemove + 1;
    static constexpr int64_t kWithoutDomains = kDomain;
    int64_t count = kAll;
};

// Places of the fields that not every checkpoint has; 0: it has none. What a feature brings stands
// there only where the protocol has the feature: a column costs as much empty as full.
struct AddFields {
    AddFields(const Protocol& protocol, bool with_json, const ParsedColumns* parsed);

    int64_t deletion_vector = 0;
    int64_t base_row_id = 0;  // the version of its commit follows
    int64_t clustering_provider = 0;
    int64_t stats = 0;
    int64_t stats_parsed = 0;
    int64_t partitions_parsed = 0;
    int64_t count = 6;
};

struct RemoveFields {
    // A table that dropped the feature still has removes of files with vectors.
    RemoveFields(const Protocol& protocol, bool has_vectors);

    int64_t deletion_vector = 0;
    int64_t base_row_id = 0;
    int64_t count = 6;
};

// `parsed` is null without columns of the table's types.
void SetCheckpointSchema(ArrowSchema* schema, const CheckpointColumns& columns,
                         const AddFields& add, const RemoveFields& remove,
                         const ParsedColumns* parsed, const Protocol& protocol);

}  // namespace tarn::delta
