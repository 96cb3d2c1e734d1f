// Which dataset a scan of a plan reads, and which one a statement writes, as lineage names them.
#pragma once

#include <optional>
#include <string>

#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/planner/operator/logical_get.hpp"
#include "engine/lineage.h"

namespace tarn::engine::duck {

// Nothing for what reads no dataset: a function that makes rows, rows that a caller gave.
std::optional<LineageDataset> DatasetOf(const duckdb::LogicalGet& get);
// Are its rows a table's at a version: not those of files that changed.
bool ReadsVersion(const duckdb::LogicalGet& get);
// The name of the temporary table that is read; nothing when none is.
std::optional<std::string> TemporaryTable(const duckdb::LogicalGet& get);
// Of the scan's column at that place; nothing for what is no column (the number of a row).
std::optional<std::string> NameOfColumn(const duckdb::LogicalGet& get, size_t place);

// A table that is written; of one that is to be made, what is known by now.
LineageDataset WrittenDataset(duckdb::TableCatalogEntry& table);

}  // namespace tarn::engine::duck
