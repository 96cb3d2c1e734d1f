// Table functions whose rows are known once they are bound: few, and small.
#pragma once

#include <string>
#include <vector>

#include "duckdb/function/function_set.hpp"
#include "duckdb/function/table_function.hpp"

namespace tarn::engine::duck {

using FixedRow = duckdb::vector<duckdb::Value>;

struct FixedRows final : public duckdb::TableFunctionData {
    std::vector<FixedRow> rows;
    duckdb::vector<duckdb::LogicalType> types;
};

struct OutputColumn {
    std::string name;
    duckdb::LogicalType type;
};

// Says the columns to the binder; the rows are to be added.
duckdb::unique_ptr<FixedRows> DeclareFixed(const std::vector<OutputColumn>& columns,
                                           duckdb::vector<duckdb::LogicalType>& types,
                                           duckdb::vector<std::string>& names);

// One function for each list of arguments; `bind` gives FixedRows.
duckdb::TableFunctionSet FixedFunction(
    const std::string& name, const std::vector<duckdb::vector<duckdb::LogicalType>>& argument_lists,
    duckdb::table_function_bind_t bind);

}  // namespace tarn::engine::duck
