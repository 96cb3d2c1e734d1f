// The rows that a range of versions added, with what brought them: the table's columns and
// _change_type, _commit_version, _commit_timestamp. Unsupported when a version of the range removed
// or rewrote rows.
#pragma once

#include <memory>

#include "engine/duck/scan.h"

namespace tarn::engine::duck {

// Both versions belong to the range. InvalidInput when `first` lies behind `last`.
duckdb::TableFunction BindChangeScan(duckdb::ClientContext& client,
                                     std::shared_ptr<TableEntry> entry, table::Version first,
                                     table::Version last,
                                     duckdb::unique_ptr<duckdb::FunctionData>& bind_data,
                                     duckdb::vector<duckdb::LogicalType>& types,
                                     duckdb::vector<std::string>& names);

}  // namespace tarn::engine::duck
