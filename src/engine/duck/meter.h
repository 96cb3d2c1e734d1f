// What one statement does, counted while it runs. Thread-safe: operators and file handles add to
// it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "engine/lineage.h"
#include "engine/session.h"
#include "table/predicate.h"

namespace tarn::engine::duck {

// Counts one scan of a table. Thread-safe.
class ScanMeter {
public:
    ScanMeter(TableName table, table::Version version)
        : table_(std::move(table)), version_(version) {}

    // The scan starts, once or more often.
    void Start(const table::Predicate& predicate, uint64_t table_rows);
    bool HasStarted() const;
    TableScan Read() const;

    std::atomic<uint64_t> files_read{0};
    std::atomic<uint64_t> files_skipped{0};
    std::atomic<uint64_t> bytes{0};
    std::atomic<uint64_t> rows{0};
    std::atomic<uint64_t> row_groups{0};  // of the files that were read
    std::atomic<uint64_t> row_groups_read{0};

private:
    static constexpr size_t kMostFilters = 32;

    void AddFilters(const table::Predicate& predicate);
    void AddFilter(const std::vector<std::string>& column);

    const TableName table_;
    const table::Version version_;
    mutable std::mutex mutex_;
    std::set<std::string> filters_;
    uint64_t table_rows_ = 0;
    bool has_started_ = false;
};

class Meter {
public:
    std::atomic<uint64_t> bytes_read{0};
    std::atomic<uint64_t> bytes_written{0};
    std::atomic<uint64_t> files_read{0};
    std::atomic<uint64_t> files_skipped{0};
    std::atomic<uint64_t> files_written{0};
    std::atomic<uint64_t> commit_attempts{0};
    std::atomic<uint64_t> reruns{0};
    // By an UPDATE, a DELETE or a MERGE of a table of the lake.
    std::atomic<uint64_t> rows_updated{0};
    std::atomic<uint64_t> rows_deleted{0};
    std::atomic<uint64_t> rows_inserted{0};

    void AddRead(TableVersionUse use);
    void AddWritten(TableVersionUse use);
    void AddNotice(std::string words);
    // A view that a plan was bound through.
    void AddView(const DirectoryEntry& view);
    void SetLineage(std::shared_ptr<const StatementLineage> lineage);
    // The scan's own counter; of more than kMostScans none is told of.
    std::shared_ptr<ScanMeter> AddScan(const TableName& table, table::Version version);

    // Copies the counters into `stats`; rows and times are the result's to set.
    void CopyTo(StatementStats& stats) const;
    // A line for each scan, for EXPLAIN ANALYZE.
    void WriteScans(std::ostream& out) const;
    std::vector<std::string> Notices() const;
    std::vector<LineageDataset> Views() const;

private:
    static constexpr size_t kMostScans = 64;
    static constexpr size_t kMostViews = 256;

    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<ScanMeter>> scans_;
    std::vector<TableVersionUse> read_;
    std::vector<TableVersionUse> written_;
    std::vector<std::string> notices_;
    std::vector<LineageDataset> views_;
    std::shared_ptr<const StatementLineage> lineage_;
};

}  // namespace tarn::engine::duck
