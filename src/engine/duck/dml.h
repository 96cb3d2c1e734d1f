// What DELETE, UPDATE and MERGE share: new rows go to new files, rows that go are remembered by row
// id, and in the end every touched file is written again without them (copy-on-write), all in one
// change.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "duckdb/execution/physical_operator.hpp"
#include "engine/duck/table_entry.h"
#include "engine/duck/table_writer.h"

namespace tarn::engine::duck {

// The table to write: asks the policy; InvalidInput for a table read at an older version.
std::shared_ptr<TableEntry> EntryToWrite(duckdb::ClientContext& client,
                                         duckdb::TableCatalogEntry& target);

// One running statement. Thread-safe: each thread has its own Local.
class RowChanges {
public:
    RowChanges(duckdb::ClientContext& client, std::shared_ptr<TableEntry> entry);

    struct Local {
        std::unique_ptr<TableWriter::Local> writer;
        std::vector<int64_t> gone;  // row ids
    };
    Local MakeLocal() const;
    // Rows in the order of the table's columns.
    void AddRows(duckdb::ExecutionContext& execution, Local& local, duckdb::DataChunk& rows);
    void RemoveRows(Local& local, duckdb::Vector& row_ids, duckdb::idx_t count) const;
    void Combine(duckdb::ExecutionContext& execution, Local& local);

    struct Rule {
        std::string operation;         // "DELETE"
        bool may_match_twice = false;  // else a row that goes twice is InvalidInput
    };
    // Rewrites the touched files and stages the change; gives the number of rows that went.
    uint64_t Finish(duckdb::ClientContext& client, const Rule& rule);
    uint64_t RowsAdded() const { return writer_.RowsWritten(); }

private:
    // Positions by file number, sorted.
    std::map<int64_t, std::vector<uint64_t>> SortedPositions(const Rule& rule);

    const std::shared_ptr<TableEntry> entry_;
    TableWriter writer_;
    std::mutex mutex_;
    std::vector<int64_t> gone_;
};

}  // namespace tarn::engine::duck
