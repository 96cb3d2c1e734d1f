// Whether a table keeps its contract: its columns and types, what its rows must be, how fresh and
// how many they are. Makes SQL and judges its answers; runs nothing itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/session.h"
#include "quality/contract.h"

namespace tarn::quality {

// Of which rows a promise is: of the table as it is; of many rows, so that a part of the table can
// break it, and tells nothing where it does not; of each row, so that it is kept by a table when it
// is kept by any parts that its rows come in; of the table as time goes on.
enum class PromiseScope { kTable, kManyRows, kEachRow, kOverTime };

// A promise that can be put as a number of the table's rows.
struct ContractPromise {
    std::string name;     // "user_id.not_null", "sla.max_delay_seconds"
    std::string value;    // SQL: an aggregate over the table's rows, or a query in parentheses
    std::string must_be;  // what follows the value in a condition: "= 0"
    bool only_warns = false;
    PromiseScope scope = PromiseScope::kTable;
    std::string column = {};     // empty: of the table
    std::string broken_by = {};  // SQL: the condition of the rows that break it; empty: of no rows
};

// Promises of columns and types that the table does not keep; empty: it keeps them all. Columns
// that the contract does not name are the table's own affair.
std::vector<std::string> ColumnBreaches(const ContractTable& promised,
                                        const std::vector<engine::ColumnInfo>& columns);

// What the table's rows are asked. `table`: as SQL; `now`: a timestamp literal as SQL. Promises
// about columns that the table lacks are left out, as ColumnBreaches tells of them.
std::vector<ContractPromise> PromisesOf(const Contract& contract, const ContractTable& promised,
                                        const std::vector<engine::ColumnInfo>& columns,
                                        std::string_view table, std::string_view now);

// One row: how many rows there are, and three columns for each promise: its value, whether it is
// kept, and how many rows break it, where that can be told; in one scan but for promises with
// queries of their own.
std::string PromiseQuery(const std::vector<ContractPromise>& promises, std::string_view table);

}  // namespace tarn::quality
