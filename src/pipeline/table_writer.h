// Writes a node's tables through the session: one commit a table, with the run's number as its
// transaction and the offsets of its sources beside it. Knows what was committed before.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/session.h"
#include "engine/table_directory.h"
#include "pipeline/model.h"
#include "table/change.h"

namespace tarn::pipeline {

struct TableWrite {
    engine::TableName table;
    std::string select;                     // the rows
    std::vector<std::string> partition_by;  // of a table that is made by this
    std::string comment;                    // of a table that is made by this
    bool replace = true;                    // the table becomes these rows
    // Where it does not, how they meet the rows that are there, by what key or condition.
    IncrementalStrategy strategy = IncrementalStrategy::kAppend;
    std::vector<std::string> unique_key = {};
    std::vector<std::string> merge_update_columns = {};
    std::vector<std::string> merge_exclude_columns = {};
    std::vector<std::string> predicates = {};
    std::string replace_where = {};
    SchemaChange on_schema_change = SchemaChange::kFail;
    // Of a snapshot: the rows are those of now, and what was before is kept beside them.
    const SnapshotConfig* snapshot = nullptr;
    std::string now = {};  // when it is taken: "2024-01-02 03:04:05.678"
    table::AppTransaction transaction;
    std::vector<table::AppTransaction> offsets;
    std::map<std::string, std::string> commit_info;
};

struct WriteOutcome {
    int64_t rows = 0;
    int64_t files = 0;
    int64_t bytes = 0;
    std::optional<int64_t> version;  // nothing when the engine made no commit
    std::string statement;           // that wrote
    std::shared_ptr<const engine::StatementLineage> lineage;  // of that; null: nobody asks
};

class TableWriter {
public:
    // Both outlive the writer.
    TableWriter(engine::Session& session, engine::TableDirectory& directory)
        : session_(session), directory_(directory) {}

    // Makes the schema and the table when they are not there.
    WriteOutcome Write(const TableWrite& write);
    // A statement of the caller's that writes the table, in a commit with the marks of `write`.
    WriteOutcome Run(const std::string& text, const TableWrite& write,
                     engine::InsertMode mode = engine::InsertMode::kAppend);

    // Null when there is no such table. InvalidInput when the name is a view's or a system table's.
    table::SnapshotPtr Find(const engine::TableName& table);
    // The highest version that `app_id` committed to the table; nothing when there is no such
    // table.
    std::optional<int64_t> Committed(const engine::TableName& table, const std::string& app_id);

    void EnsureSchema(const std::string& schema);

private:
    // The statement that brings a snapshot up to what its rows are now; `old` is null where it is
    // the first one.
    std::string SnapshotText(const TableWrite& write, const table::SnapshotPtr& old);
    // The table gets the columns and types of the rows, before they come: sync_all_columns.
    void SyncColumns(const TableWrite& write, const table::Schema& schema);
    // The statement by which the rows meet those that are there.
    std::string MeetText(const TableWrite& write, const table::Schema& schema);
    // The rows with the columns that the table has.
    std::string WithKnownColumns(const TableWrite& write, const table::Schema& schema);

    engine::Session& session_;
    engine::TableDirectory& directory_;
};

// "schema"."name"
std::string QuotedTable(const engine::TableName& table);

}  // namespace tarn::pipeline
