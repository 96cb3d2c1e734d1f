// A data file of a table as planning and commits see it. A logical file is (path, deletion vector),
// never the path alone: one path may stand in a table's history with several vectors.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "table/value.h"

namespace tarn::table {

// Rows of a data file that are deleted, by position. Immutable, thread-safe.
class DeletedRows {
public:
    virtual ~DeletedRows() = default;
    virtual uint64_t Count() const = 0;
    // Sets marks[i] where the row first + i is deleted and leaves the others; is any.
    virtual bool MarkIn(uint64_t first, std::span<bool> marks) const = 0;
    bool Contains(uint64_t row) const {
        bool mark = false;
        return MarkIn(row, {&mark, 1});
    }
};

// Where a deletion vector lies; its bytes are loaded through Snapshot::LoadDeletedRows.
struct DeletionVectorRef {
    std::string unique_id;   // distinguishes two vectors of one path
    std::string descriptor;  // the format's own description of it, opaque to others
    uint64_t cardinality = 0;
};

struct ColumnStatistics {
    std::vector<std::string> path;  // physical names from the top-level column to the leaf
    Value min;                      // NULL: unknown
    Value max;
    std::optional<uint64_t> null_count;
};

struct FileStatistics {
    std::optional<uint64_t> record_count;  // physical rows, deleted ones included
    std::vector<ColumnStatistics> columns;
    // false: bounds and null counts were taken before rows were deleted: right as bounds, not
    // exact.
    bool tight_bounds = true;
};

// Rows that one run laid along a curve through some columns, so that near values share files.
struct FileClustering {
    std::string run;                   // names the run; files of one are clustered together
    std::vector<std::string> columns;  // logical names, fields behind dots
};

struct DataFile {
    std::string path;      // as the log names it; empty in a file that is yet to be committed
    std::string location;  // whole location of the bytes in the object store
    uint64_t size_bytes = 0;
    int64_t modified_ms = 0;
    std::vector<Value>
        partition_values;  // one for each of the table's partition columns, in their order
    std::optional<DeletionVectorRef> deletion_vector;
    std::shared_ptr<const FileStatistics> statistics;  // null: none known
    // Where the table tracks its rows: the id of the first row, and the version that added it.
    std::optional<int64_t> base_row_id;
    std::optional<int64_t> default_row_commit_version;
    // Of tables that are clustered by columns; null: rows lie as they were written.
    std::shared_ptr<const FileClustering> clustering;
    bool data_change = true;  // false: this commit only moves rows (compaction)

    // Rows a reader sees; nothing when the log does not say.
    std::optional<uint64_t> LiveRows() const;
};

}  // namespace tarn::table
