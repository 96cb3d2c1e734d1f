// Rows into a table's data files: Parquet by DuckDB's writer, one file a partition at a time, a new
// one when a file is full. Any number of threads sink at once, each with its own Local.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "duckdb/common/hive_partitioning.hpp"
#include "duckdb/execution/execution_context.hpp"
#include "duckdb/function/copy_function.hpp"
#include "engine/duck/instance.h"
#include "engine/duck/row_rules.h"
#include "engine/duck/store_file_system.h"
#include "engine/table_directory.h"
#include "table/data_file.h"
#include "table/snapshot.h"

namespace tarn::engine::duck {

// What is written where.
struct WriteTarget {
    WriteTarget(Core& target_core, TableName target_name, std::string target_location,
                const table::TableMetadata& metadata);

    Core& core;
    const TableName name;
    std::string location;  // the folder of the files: the table's root but for change files
    std::string prefix = "part-";
    const table::Schema schema;
    const std::vector<table::RowCheck> checks;
    const table::FileRules file_rules;
    std::vector<size_t> partition_columns;  // in the order of the metadata
    std::vector<size_t> data_columns;       // those that stand in files, in their order there
    table::Schema data_schema;
    // Types of the rows given to Sink, in the order of the schema.
    duckdb::vector<duckdb::LogicalType> row_types;
};

class TableWriter {
public:
    // Unless the table asks for another size.
    static constexpr uint64_t kFileBytes = uint64_t{128} << 20;
    // Of a statement, whatever the partitions: one more closes the file that was opened first.
    // Holds a year of days, and leaves room below the 1024 that a process may have open.
    static constexpr size_t kMaxOpenFiles = 400;
    // A thread gathers this many rows of a partitioned table before it writes them.
    static constexpr duckdb::idx_t kGatheredRows = duckdb::idx_t{1} << 19;

    struct Limits {
        std::optional<uint64_t> file_bytes;  // such a file is closed; nothing: as the table asks
        size_t open_files = kMaxOpenFiles;   // of one that shares a statement: its part
    };
    TableWriter(duckdb::ClientContext& client, std::shared_ptr<const WriteTarget> target,
                const Limits& limits);
    ~TableWriter();

    // Rows of one thread that are not in a file yet. Those of a partitioned table are gathered by
    // partition first, so that each file gets them in large pieces.
    class Local {
        friend class TableWriter;
        duckdb::unique_ptr<duckdb::LocalFunctionData> state_;  // without partitions
        duckdb::unique_ptr<duckdb::HivePartitionedColumnData> partitions_;
        duckdb::unique_ptr<duckdb::PartitionedColumnDataAppendState> append_;
        duckdb::idx_t gathered_ = 0;
        std::unique_ptr<RowRules::Local> rules_;
    };
    std::unique_ptr<Local> MakeLocal() const;
    // New rows, in the order of the schema. InvalidInput for a row that breaks a rule of the table.
    void Sink(duckdb::ExecutionContext& execution, Local& local, duckdb::DataChunk& rows);
    // Rows that the table had already: its rules are not asked again.
    void SinkMoved(duckdb::ExecutionContext& execution, Local& local, duckdb::DataChunk& rows);
    void Combine(duckdb::ExecutionContext& execution, Local& local);
    // Closes every file: all are durable when this returns. Once, after every Combine.
    std::vector<table::DataFile> Finish(duckdb::ClientContext& client);
    uint64_t RowsWritten() const { return rows_written_; }

private:
    struct OpenFile;
    using OpenFiles = std::unordered_map<std::string, std::shared_ptr<OpenFile>>;
    using PartitionValues = duckdb::vector<duckdb::Value>;

    void Gather(duckdb::ExecutionContext& execution, Local& local, duckdb::DataChunk& rows);
    void WriteGathered(duckdb::ExecutionContext& execution, Local& local);
    void WriteRows(duckdb::ExecutionContext& execution, duckdb::LocalFunctionData& state,
                   OpenFile& file, duckdb::DataChunk& rows);
    // Calls `use` with a file of the partition that stays open meanwhile; closes the file when it
    // is full then.
    template <typename Use>
    void WithFile(duckdb::ClientContext& client, const PartitionValues& values, Use&& use);
    std::shared_ptr<OpenFile> FileFor(duckdb::ClientContext& client, const std::string& key,
                                      const PartitionValues& values);
    std::shared_ptr<OpenFile> Open(duckdb::ClientContext& client, const PartitionValues& values);
    // Under the mutex: the file is to be closed, by who calls this.
    std::shared_ptr<OpenFile> TakeOut(OpenFiles::iterator file);
    void CloseIfFull(duckdb::ClientContext& client, const std::string& key,
                     const std::shared_ptr<OpenFile>& file);
    void Close(duckdb::ClientContext& client, OpenFile& file);
    std::string NewLocation(const PartitionValues& values) const;

    const std::shared_ptr<const WriteTarget> target_;
    const uint64_t file_bytes_;
    const size_t max_open_;
    const RowRules rules_;
    duckdb::CopyFunction function_;
    duckdb::unique_ptr<duckdb::FunctionData> bind_data_;
    std::atomic<uint64_t> rows_written_{0};
    std::mutex mutex_;
    OpenFiles open_;
    size_t closing_ = 0;  // taken out and not closed yet
    uint64_t opened_ = 0;
    std::vector<table::DataFile> finished_;
};

// The function that writes Parquet, and its bound options for these columns.
duckdb::CopyFunction ParquetCopyFunction(duckdb::ClientContext& client);
duckdb::unique_ptr<duckdb::FunctionData> BindParquetCopy(duckdb::ClientContext& client,
                                                         duckdb::CopyFunction& function,
                                                         const table::Schema& schema);

}  // namespace tarn::engine::duck
