// The rows that a range of versions changed, with what changed them: the table's columns and
// _change_type (insert, delete, update_preimage, update_postimage), _commit_version,
// _commit_timestamp (change data feed).
#pragma once

#include <memory>

#include "engine/duck/scan.h"

namespace tarn::engine::duck {

// Both versions belong to the range. InvalidInput when `first` lies behind `last`; Unsupported when
// only appends are asked for and a version did more.
duckdb::TableFunction BindChangeScan(duckdb::ClientContext& client,
                                     std::shared_ptr<TableEntry> entry, table::Version first,
                                     table::Version last, table::ChangeScope scope,
                                     duckdb::unique_ptr<duckdb::FunctionData>& bind_data,
                                     duckdb::vector<duckdb::LogicalType>& types,
                                     duckdb::vector<std::string>& names);

}  // namespace tarn::engine::duck
