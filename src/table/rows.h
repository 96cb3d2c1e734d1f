// Rows between rooms travel as Arrow record batches (Arrow C data interface), never one by one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nanoarrow/nanoarrow.h>

namespace tarn::table {

// Gives record batches of one schema. Not thread-safe; the consumer owns what it is given.
class RowSource {
public:
    virtual ~RowSource() = default;
    // A struct schema, one child a column. Fills `out` with a copy the caller releases.
    virtual void GetSchema(ArrowSchema* out) = 0;
    // false at the end (then `out` is left released). Throws tarn::Error on failure.
    virtual bool Next(ArrowArray* out) = 0;
};

// Takes record batches of one schema.
class RowSink {
public:
    virtual ~RowSink() = default;
    // Takes over `batch` (it is released when this returns).
    virtual void Write(ArrowArray* batch) = 0;
    virtual void Finish() = 0;
};

// Positions of rows in a file, both ends included.
struct RowRange {
    int64_t first = 0;
    int64_t last = 0;
};

struct ParquetReadOptions {
    // Columns wanted, each as its path from the top ({"add"}, {"add", "path"}); one that the file
    // lacks is left out, and so are dates and instants of the Julian calendar. A struct of which
    // some fields are wanted has only those. Empty: all.
    std::vector<std::vector<std::string>> columns;
    // Further top-level columns of which is only asked whether a row has them: of a struct comes no
    // more than its first field that is a scalar.
    std::vector<std::string> presence;
    // Only these rows, and perhaps more of their row groups.
    std::optional<RowRange> rows;
    // A further last column kRowNumberColumn: each row's position in the file, BIGINT.
    bool with_row_numbers = false;
};

inline constexpr const char* kRowNumberColumn = "file_row_number";

// Whole Parquet files as rows, for metadata that formats keep in Parquet (checkpoints, sidecars).
// The engine implements it; formats use it. Thread-safe.
class ParquetFiles {
public:
    // Valid during the call only. Called from several threads at once, in no order of rows.
    using TakeBatch = std::function<void(const ArrowSchema& schema, const ArrowArray& batch)>;

    virtual ~ParquetFiles() = default;
    // Reads on all threads of the engine; what `take` throws comes out. NotFound, Corrupt.
    virtual void Scan(const std::string& location, const ParquetReadOptions& options,
                      const TakeBatch& take) = 0;
    // Writes one file at the location, its rows in any order, durable when this returns; gives its
    // size in bytes.
    virtual uint64_t Write(const std::string& location, RowSource& rows) = 0;
};

}  // namespace tarn::table
