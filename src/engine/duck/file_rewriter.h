// Copies the rows of files into new ones, for OPTIMIZE and DROP FEATURE; and tells which partitions
// a condition means.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "engine/duck/table_entry.h"
#include "sql/statement.h"
#include "upkeep/file_rewrite.h"

namespace tarn::engine::duck {

class FileRewriter final : public upkeep::FileRewriter {
public:
    // Both outlive the rewriter.
    FileRewriter(duckdb::ClientContext& client, const TableEntry& entry)
        : client_(client), entry_(entry) {}
    std::vector<table::DataFile> Rewrite(const table::SnapshotPtr& snapshot,
                                         const std::vector<const upkeep::FileGroup*>& groups,
                                         const upkeep::FileStyle& style) override;

private:
    duckdb::ClientContext& client_;
    const TableEntry& entry_;
};

// Does the condition hold for these partition values. InvalidInput when it names anything but the
// table's partition columns.
using PartitionTest = std::function<bool(const std::vector<table::Value>&)>;
PartitionTest TestOf(Core& core, const table::TableMetadata& metadata,
                     const sql::Condition& condition);

}  // namespace tarn::engine::duck
