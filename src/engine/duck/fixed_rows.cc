#include "engine/duck/fixed_rows.h"

namespace tarn::engine::duck {
namespace {

struct FixedRowsState final : public duckdb::GlobalTableFunctionState {
    size_t next = 0;
};

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> StartFixedRows(
    duckdb::ClientContext&, duckdb::TableFunctionInitInput&) {
    return duckdb::make_uniq<FixedRowsState>();
}

void GiveFixedRows(duckdb::ClientContext&, duckdb::TableFunctionInput& input,
                   duckdb::DataChunk& chunk) {
    const auto& data = input.bind_data->Cast<FixedRows>();
    auto& state = input.global_state->Cast<FixedRowsState>();
    duckdb::idx_t count = 0;
    for (; state.next < data.rows.size() && count < STANDARD_VECTOR_SIZE; state.next++, count++) {
        const FixedRow& row = data.rows[state.next];
        for (size_t column = 0; column < row.size(); column++)
            chunk.SetValue(column, count, row[column]);
    }
    chunk.SetCardinality(count);
}

}  // namespace

duckdb::unique_ptr<FixedRows> DeclareFixed(const std::vector<OutputColumn>& columns,
                                           duckdb::vector<duckdb::LogicalType>& types,
                                           duckdb::vector<std::string>& names) {
    auto data = duckdb::make_uniq<FixedRows>();
    for (const OutputColumn& column : columns) {
        types.push_back(column.type);
        names.push_back(column.name);
    }
    data->types = types;
    return data;
}

duckdb::TableFunctionSet FixedFunction(
    const std::string& name, const std::vector<duckdb::vector<duckdb::LogicalType>>& argument_lists,
    duckdb::table_function_bind_t bind) {
    duckdb::TableFunctionSet functions(name);
    for (const auto& arguments : argument_lists) {
        functions.AddFunction(
            duckdb::TableFunction(name, arguments, GiveFixedRows, bind, StartFixedRows));
    }
    return functions;
}

}  // namespace tarn::engine::duck
