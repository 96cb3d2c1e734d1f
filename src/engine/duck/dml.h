// What DELETE, UPDATE and MERGE share: new rows go to new files, rows that go are remembered by row
// id, and in the end they are hidden by deletion vectors where the table has them, or every touched
// file is written again without them (copy-on-write). All in one change, with the files of its
// change feed where the table keeps one.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "duckdb/execution/physical_operator.hpp"
#include "engine/duck/change_recorder.h"
#include "engine/duck/row_identity.h"
#include "engine/duck/table_entry.h"
#include "engine/duck/table_writer.h"

namespace tarn::engine::duck {

// The table to write: asks the policy; InvalidInput for a table read at an older version.
std::shared_ptr<TableEntry> EntryToWrite(duckdb::ClientContext& client,
                                         duckdb::TableCatalogEntry& target);
// The same for a statement that writes rows: Unsupported or InvalidInput for what the table asks of
// its writers (Snapshot::CheckWritable), before a file is written.
std::shared_ptr<TableEntry> EntryToWriteRows(duckdb::ClientContext& client,
                                             duckdb::TableCatalogEntry& target,
                                             table::RowsThere rows);

class LakeTransaction;

enum class RowAction { kInsert, kUpdate, kDelete };

// One running statement. Thread-safe: each thread has its own Local.
class RowChanges {
public:
    RowChanges(duckdb::ClientContext& client, std::shared_ptr<TableEntry> entry);

    // Of one thread and one action.
    struct Local {
        RowAction action;
        std::unique_ptr<TableWriter::Local> writer;
        std::unique_ptr<TableWriter::Local> recorder;  // null: nothing is recorded
        std::vector<int64_t> gone;                     // row ids
        uint64_t inserted = 0;
        std::unique_ptr<RowIdentity> identity;  // null: the table does not track rows
    };
    Local MakeLocal(RowAction action) const;
    // New rows, in the order of the table's columns.
    void InsertRows(duckdb::ExecutionContext& execution, Local& local, duckdb::DataChunk& rows);
    // New rows in place of those that go. `ids_in_file`: the row-id column of their files, where
    // the table tracks rows.
    void UpdateRows(duckdb::ExecutionContext& execution, Local& local, duckdb::DataChunk& rows,
                    duckdb::Vector& row_ids, duckdb::Vector* ids_in_file);
    void DeleteRows(Local& local, duckdb::Vector& row_ids, duckdb::idx_t count) const;
    void Combine(duckdb::ExecutionContext& execution, Local& local);

    struct Rule {
        std::string operation;         // "DELETE"
        bool may_match_twice = false;  // else a row that goes twice is InvalidInput
        // Rows that are found and stay decide on nothing (ReadSet::only_rows_it_deletes).
        bool only_goers_decide = false;
    };
    // Makes the rows go and stages the change, by the time that the pipeline is finalized.
    void Finish(duckdb::Pipeline& pipeline, duckdb::Event& event,
                const duckdb::PhysicalOperator& running, const Rule& rule);
    // Afterwards: how many went.
    uint64_t RowsGone() const { return updated_.size() + deleted_.size(); }

private:
    using Ids = std::vector<int64_t>;

    // `ids`: of the rows, null for new ones.
    void Write(duckdb::ExecutionContext& execution, Local& local, duckdb::DataChunk& rows,
               duckdb::Vector* ids);

    void CheckEachOnce(const Rule& rule);
    // Tells what becomes of each file that rows go from; gives those to write again.
    std::vector<TouchedFile> SettleFiles(LakeTransaction& transaction);
    void Stage(duckdb::ClientContext& client, const Rule& rule, uint64_t rows_added);
    // Of the rows that went, by file, positions sorted.
    std::vector<TouchedFile> TouchedBy(const Ids& ids);

    const std::shared_ptr<TableEntry> entry_;
    const table::WriteRules rules_;
    const std::shared_ptr<const WriteTarget> target_;
    TableWriter writer_;
    std::optional<ChangeRecorder> recorder_;
    std::mutex mutex_;
    Ids deleted_;
    Ids updated_;
    uint64_t inserted_rows_ = 0;
    std::vector<table::DataFile> removed_;
    std::vector<table::RowDeletion> hidden_;
};

}  // namespace tarn::engine::duck
