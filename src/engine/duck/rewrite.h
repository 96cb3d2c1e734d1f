// Rows of a table's files read again within a statement: to copy what stays of a file, or to record
// what went.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "duckdb/execution/execution_context.hpp"
#include "engine/duck/table_entry.h"
#include "engine/duck/table_writer.h"
#include "table/data_file.h"

namespace tarn::engine::duck {

struct TouchedFile {
    table::DataFile file;
    std::vector<uint64_t> gone;  // positions, sorted
};

// What one thread does with the rows it read, in the order of the table's columns.
class RowTaker {
public:
    virtual ~RowTaker() = default;
    virtual void Take(duckdb::ExecutionContext& execution, duckdb::DataChunk& rows) = 0;
    virtual void Finish(duckdb::ExecutionContext& execution) = 0;
};
using MakeTaker = std::function<std::unique_ptr<RowTaker>()>;

// Every row of the files that neither a deletion vector nor `gone` hides, with its identity behind
// the columns where the table tracks rows (row_identity.h); all threads help.
void TakeRemaining(duckdb::ClientContext& client, const std::shared_ptr<TableEntry>& entry,
                   const std::vector<TouchedFile>& touched, const MakeTaker& make);
// The rows that `gone` names.
void TakeGone(duckdb::ClientContext& client, const std::shared_ptr<TableEntry>& entry,
              const std::vector<TouchedFile>& touched, const MakeTaker& make);

// Every row of the files that neither a deletion vector nor `gone` hides goes to the writer, which
// is one of MovedRowsTarget.
void RewriteWithout(duckdb::ClientContext& client, const std::shared_ptr<TableEntry>& entry,
                    const std::vector<TouchedFile>& touched, TableWriter& writer);

}  // namespace tarn::engine::duck
