// What maintenance that runs by itself would write again of a table, and what it leaves for its
// next run. Pure.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "table/data_file.h"
#include "table/snapshot.h"

namespace tarn::upkeep {

enum class RewriteKind {
    kCompact,  // small files of a partition into one
    kPurge,    // a file of which many rows are hidden
    kCluster,  // files along the table's curve
};
std::string_view NameOf(RewriteKind kind);  // "compact"

struct PlannedRewrite {
    RewriteKind kind = RewriteKind::kCompact;
    uint64_t files = 0;
    uint64_t bytes = 0;
    uint64_t files_after = 0;     // about so many take their place
    uint64_t deferred_bytes = 0;  // beyond the budget
};

// One of a kind, none for a kind without work; `most_bytes` is shared by them. OPTIMIZE with that
// bound does just this.
std::vector<PlannedRewrite> PlanRewrites(const table::TableMetadata& metadata,
                                         std::vector<table::DataFile> files, uint64_t most_bytes);

}  // namespace tarn::upkeep
