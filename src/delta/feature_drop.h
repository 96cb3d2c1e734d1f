// Taking features out of a table (ALTER TABLE ... DROP FEATURE): which may go, what each leaves in
// the latest version and in older ones, and what the last commit of it says. As open Delta has it
// (docs/decisions/dropped-features-guard-their-history.md). Pure but for what it reads of logs.
#pragma once

#include <string>

#include "delta/actions.h"
#include "delta/change_actions.h"
#include "delta/snapshot.h"
#include "delta/winning_commit.h"
#include "storage/object_store.h"
#include "table/feature_drop.h"
#include "table/rows.h"

namespace tarn::delta {

// The property that says before which version older ones have features that were dropped.
inline constexpr const char* kGuardedBefore = "delta.requireCheckpointProtectionBeforeVersion";

// TableFormat::TraceOf, but for kept_locations.
table::FeatureTrace FindTrace(const Snapshot& latest, const std::string& feature,
                              bool truncates_history);

// Where the vectors lie that only removes name. They are to stay as long as those, and whoever does
// not know vectors does not see that.
std::vector<std::string> VectorsOfRemoves(const std::string& root,
                                          const std::vector<Remove>& removes);

// Makes of a prepared commit the one after which the table no longer demands the feature.
// InvalidInput when the base has a trace of it.
void ApplyDrop(const Snapshot& base, const table::FeatureDrop& drop, int64_t now_ms,
               PreparedChange& prepared);
// Has a commit that landed before such a one brought back what must be gone.
bool BringsBack(const table::FeatureDrop& drop, const WinningCommit& winner);

// Versions of the table's history before this one are guarded: whoever cuts them cuts all.
void GuardHistory(table::Version version, std::vector<Action>& actions);

// How long versions are kept from a drop that truncates the history, in milliseconds.
int64_t TruncatedRetentionMs(const Metadata& metadata);
// InvalidInput while versions are left that cannot be read without the feature.
void CheckForgotten(storage::ObjectStore& store, table::ParquetFiles& parquet,
                    const Snapshot& latest, const table::FeatureDrop& drop);

}  // namespace tarn::delta
