// Writes checkpoints and `_last_checkpoint` (PROTOCOL.md, "Checkpoints"): classic ones of the V1
// spec, or of the V2 spec where the table asks for them, with their files in sidecars of which the
// next checkpoint takes over what did not change (sidecar_plan.h). A checkpoint only spares readers
// work: its failure concerns nobody else.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "delta/checkpoint_rows.h"
#include "delta/log_state.h"
#include "delta/sidecar_plan.h"
#include "storage/object_store.h"
#include "table/rows.h"

namespace tarn::delta {

// Every so many commits a checkpoint is due ("delta.checkpointInterval", default 10).
bool IsCheckpointDue(table::Version version, const Metadata& metadata);
// Of the V2 spec ("delta.checkpointPolicy" and the feature).
bool WantsV2Checkpoint(const Protocol& protocol, const Metadata& metadata);

// How long removes are kept ("delta.deletedFileRetentionDuration", default a week).
int64_t TombstoneRetentionMs(const std::map<std::string, std::string>& configuration);
// "interval 2 days", "1 week": milliseconds; nothing when it is not understood.
std::optional<int64_t> ParseInterval(std::string_view text);

class CheckpointWriter {
public:
    // All of them outlive the writer.
    CheckpointWriter(storage::ObjectStore& store, table::ParquetFiles& parquet, Clock& clock,
                     Random& random, std::string root)
        : store_(store),
          parquet_(parquet),
          clock_(clock),
          random_(random),
          root_(std::move(root)) {}

    // Throws like the store and ParquetFiles do.
    void Write(const LogState& state, const std::vector<Remove>& tombstones);

private:
    struct Written {
        uint64_t actions = 0;
        uint64_t size_bytes = 0;
    };

    using Sidecars = std::vector<std::shared_ptr<const StoredSidecar>>;

    Written WriteClassic(const LogState& state, const std::vector<const Remove*>& removes,
                         const StatisticsForm& form);
    Written WriteV2(const LogState& state, const std::vector<const Remove*>& removes,
                    const StatisticsForm& form);
    // The sidecars that hold the files, old and new ones.
    Sidecars WriteFiles(const LogState& state, const StatisticsForm& form);
    std::shared_ptr<const StoredSidecar> WriteSidecar(const std::string& name,
                                                      table::RowSource& rows, uint64_t files);
    void WriteHint(const LogState& state, const Written& written);

    storage::ObjectStore& store_;
    table::ParquetFiles& parquet_;
    Clock& clock_;
    Random& random_;
    const std::string root_;
};

}  // namespace tarn::delta
