// Rows between rooms travel as Arrow record batches (Arrow C data interface), never one by one.
#pragma once

#include <cstdint>
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

struct ParquetReadOptions {
    // Top-level columns wanted, by name; a name that the file lacks is left out. Empty: all.
    std::vector<std::string> columns;
};

// Whole Parquet files as rows, for metadata that formats keep in Parquet (checkpoints, sidecars).
// The engine implements it; formats use it.
class ParquetFiles {
public:
    virtual ~ParquetFiles() = default;
    // NotFound, Corrupt.
    virtual std::unique_ptr<RowSource> Read(const std::string& location,
                                            const ParquetReadOptions& options) = 0;
    // Writes one file at the location, durable when this returns; gives its size in bytes.
    virtual uint64_t Write(const std::string& location, RowSource& rows) = 0;
};

}  // namespace tarn::table
