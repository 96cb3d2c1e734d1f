// Rows of a table's files read again within a statement: to copy what stays of a file, or to record
// what went.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "duckdb/execution/execution_context.hpp"
#include "duckdb/parallel/base_pipeline_event.hpp"
#include "engine/duck/table_entry.h"
#include "engine/duck/table_writer.h"
#include "table/data_file.h"

namespace tarn::engine::duck {

struct TouchedFile {
    table::DataFile file;
    std::vector<uint64_t> gone;  // positions, sorted
};

// What one thread does with the rows it read, in the order of the columns.
class RowTaker {
public:
    virtual ~RowTaker() = default;
    virtual void Take(duckdb::ExecutionContext& execution, duckdb::DataChunk& rows) = 0;
    virtual void Finish(duckdb::ExecutionContext& execution) = 0;
};
using MakeTaker = std::function<std::unique_ptr<RowTaker>()>;

// One pass over rows of files, for any number of threads at once.
class RowPass {
public:
    // Every row of the files that neither a deletion vector nor `gone` hides, with its identity
    // behind the columns where the table tracks rows (row_identity.h).
    static std::unique_ptr<RowPass> OverRemaining(duckdb::ClientContext& client,
                                                  const std::shared_ptr<TableEntry>& entry,
                                                  std::vector<TouchedFile> touched, MakeTaker make);
    // The rows that `gone` names.
    static std::unique_ptr<RowPass> OverGone(duckdb::ClientContext& client,
                                             const std::shared_ptr<TableEntry>& entry,
                                             std::vector<TouchedFile> touched, MakeTaker make);
    // Some columns, by their places in the table, of every row that no deletion vector hides.
    static std::unique_ptr<RowPass> OverColumns(duckdb::ClientContext& client,
                                                const std::shared_ptr<TableEntry>& entry,
                                                const std::vector<table::DataFile>& files,
                                                const std::vector<size_t>& columns, MakeTaker make);
    ~RowPass();

    // As many threads as are worth their start.
    uint64_t Threads() const;
    // One thread's share, to its end.
    void Run();

private:
    struct Scan;
    RowPass(std::unique_ptr<Scan> scan, MakeTaker make);

    const std::unique_ptr<Scan> scan_;
    const MakeTaker make_;
};

// Takers that hand rows to a writer, which must outlive them: each row by `give`, or as it is to
// one of MovedRowsTarget.
using GiveRows =
    std::function<void(duckdb::ExecutionContext&, TableWriter::Local&, duckdb::DataChunk&)>;
MakeTaker ToWriter(TableWriter& writer, GiveRows give);
MakeTaker ToWriter(TableWriter& writer);

// All passes by the threads of a pipeline that is being finalized, then `done`. What both use must
// live as long as the pipeline.
void RunInPipeline(duckdb::Pipeline& pipeline, duckdb::Event& event,
                   const duckdb::PhysicalOperator& running,
                   std::vector<std::unique_ptr<RowPass>> passes, std::function<void()> done);

}  // namespace tarn::engine::duck
