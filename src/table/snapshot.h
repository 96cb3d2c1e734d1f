// A table at one version: immutable, thread-safe, shared by readers.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "table/change.h"
#include "table/data_file.h"
#include "table/predicate.h"
#include "table/type.h"
#include "table/version.h"
#include "table/write_rules.h"

namespace tarn::table {

// The table's description as its metadata gives it.
struct TableMetadata {
    std::string id;  // UUID of the table
    std::string name;
    std::string description;
    Schema schema;
    std::vector<std::string> partition_columns;  // logical names
    std::vector<std::string> clustering_columns;
    std::vector<RowCheck> checks;
    std::map<std::string, std::string> properties;  // without the checks
    FileRules file_rules;                           // as the properties say
    int64_t created_ms = 0;
};

struct ScanPlan {
    std::vector<DataFile> files;
    uint64_t files_skipped = 0;
    uint64_t bytes_skipped = 0;
};

// What a statement does to the rows that are there.
enum class RowsThere {
    kStay,  // they may move to other files
    kChange,
};

struct TableTotals {
    uint64_t files = 0;
    uint64_t size_bytes = 0;
};

class Snapshot {
public:
    virtual ~Snapshot() = default;
    virtual const std::string& Location() const = 0;  // the table's root folder, no trailing "/"
    virtual Version AtVersion() const = 0;
    // Time of the version's commit, Unix milliseconds.
    virtual int64_t CommittedMs() const = 0;
    virtual const TableMetadata& Metadata() const = 0;
    // The protocol as one line and its parts, for DESCRIBE DETAIL: "minReaderVersion", "features"
    // ...
    virtual std::vector<std::pair<std::string, std::string>> Protocol() const = 0;
    virtual WriteRules Rules() const = 0;
    // Asked before a file is written for the table; a commit asks again. Unsupported for what the
    // table asks of its writers and is not known here, InvalidInput for what it forbids.
    virtual void CheckWritable(RowsThere rows) const = 0;
    // Where the file of its deletion vector lies; nothing when it has none, or it stands in the
    // log.
    virtual std::optional<std::string> DeletedRowsLocation(const DataFile& file) const = 0;
    virtual TableTotals Totals() const = 0;
    // Rows a reader sees, exactly; nothing when any file lacks its count. The first call may read
    // the statistics of every file.
    virtual std::optional<uint64_t> LiveRows() const = 0;
    // The same cheaply and perhaps not exactly, for planning.
    virtual std::optional<uint64_t> EstimatedRows() const = 0;
    // Files that may hold matching rows.
    virtual ScanPlan Plan(const Predicate& predicate) const = 0;
    // The highest version that writer `app_id` has committed (idempotent writers), if any.
    virtual std::optional<int64_t> TransactionVersion(const std::string& app_id) const = 0;
    // NotFound, Corrupt (checksum, cardinality).
    virtual std::shared_ptr<const DeletedRows> LoadDeletedRows(const DataFile& file) const = 0;
    // This snapshot with a change laid over it that is not committed yet: what a transaction itself
    // sees.
    virtual std::shared_ptr<const Snapshot> WithStaged(const Change& change) const = 0;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace tarn::table
