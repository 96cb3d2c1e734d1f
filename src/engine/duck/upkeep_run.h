// Does one statement that tends a table.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "engine/duck/table_entry.h"
#include "sql/statement.h"

namespace tarn::engine::duck {

struct UpkeepRequest {
    const sql::UpkeepStatement& statement;
    const std::shared_ptr<TableEntry>& entry;  // the table that it names
    const duckdb::Value& version;              // a statement's VersionClause, evaluated
    std::function<void(double)> progress;      // told the share that is done
    bool explains = false;                     // the plan is told, and nothing is done
};

// The answer's rows, of the columns that DeclareUpkeepColumns says, of a plan DeclarePlanColumns.
std::vector<duckdb::vector<duckdb::Value>> RunUpkeep(duckdb::ClientContext& client,
                                                     const UpkeepRequest& request);

}  // namespace tarn::engine::duck
