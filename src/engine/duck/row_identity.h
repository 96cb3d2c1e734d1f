// Rows that keep their identity when a statement moves them to another file, in tables that track
// rows (PROTOCOL.md, "Row Tracking"): behind the table's own columns their files hold the id and
// the version of the commit that last changed the row.
#pragma once

#include <memory>

#include "engine/duck/metadata_column.h"
#include "engine/duck/table_entry.h"
#include "engine/duck/table_writer.h"

namespace tarn::engine::duck {

inline constexpr size_t kIdentityColumns = 2;

// Where DELETE, UPDATE, MERGE and copies write rows: the table's columns, and the identity behind
// them where the table tracks rows. NULL stands for what the new file itself says.
std::shared_ptr<const WriteTarget> MovedRowsTarget(const TableEntry& entry);
// The same in files of another description of the same columns.
std::shared_ptr<const WriteTarget> MovedRowsTarget(const TableEntry& entry,
                                                   const table::TableMetadata& written_as);

// Works out the identity of rows read by a scan. Not thread-safe.
class RowIdentity {
public:
    explicit RowIdentity(TableEntry& entry) : entry_(entry) {}

    // The id that stands in the file, else the file's base id and the row's position; NULL in a
    // file that is not committed yet. `row_ids` are those of the scan.
    void FillIds(duckdb::Vector& row_ids, duckdb::Vector& in_file, duckdb::idx_t count,
                 duckdb::Vector& ids);
    // The version that stands in the file, else the one that added the file.
    void FillVersions(duckdb::Vector& row_ids, duckdb::Vector& in_file, duckdb::idx_t count,
                      duckdb::Vector& versions);

private:
    const table::DataFile& FileOf(int64_t row_id);

    TableEntry& entry_;
    int64_t number_ = -1;
    table::DataFile file_;
};

}  // namespace tarn::engine::duck
