// What a statement does to rows, written for readers of the change feed: the rows' columns and
// _change_type, in files of their own (PROTOCOL.md, "Change Data Files").
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/duck/rewrite.h"
#include "engine/duck/table_writer.h"
#include "table/change.h"

namespace tarn::engine::duck {

inline constexpr const char* kInserted = "insert";
inline constexpr const char* kDeleted = "delete";
inline constexpr const char* kBeforeUpdate = "update_preimage";
inline constexpr const char* kAfterUpdate = "update_postimage";

// Of a statement's writer: beside a recorder each of the two has half of its open files.
TableWriter::Limits LimitsOfWriter(bool is_recorded);

// Thread-safe: each thread has its own Local.
class ChangeRecorder {
public:
    ChangeRecorder(duckdb::ClientContext& client, const TableEntry& entry);

    std::unique_ptr<TableWriter::Local> MakeLocal() const { return writer_.MakeLocal(); }
    // Rows in the order of the table's columns.
    void Record(duckdb::ExecutionContext& execution, TableWriter::Local& local,
                duckdb::DataChunk& rows, const char* type);
    void Combine(duckdb::ExecutionContext& execution, TableWriter::Local& local) {
        writer_.Combine(execution, local);
    }
    // A taker of rows that went, as they were.
    MakeTaker TakerOf(const char* type);
    std::vector<table::ChangeDataFile> Finish(duckdb::ClientContext& client);

private:
    const std::shared_ptr<const WriteTarget> target_;
    TableWriter writer_;
};

}  // namespace tarn::engine::duck
