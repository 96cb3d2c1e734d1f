// A table by the name that a statement gives it. Within a transaction.
#pragma once

#include <memory>
#include <string>

#include "duckdb/main/client_context.hpp"
#include "engine/duck/table_entry.h"
#include "sql/statement.h"

namespace tarn::engine::duck {

struct NamedTable {
    std::string catalog;  // empty: by the search path
    std::string schema;
    std::string name;

    static NamedTable Of(duckdb::ClientContext& client, const sql::QualifiedName& name);
    // As DuckDB's parser leaves a name: the schema may be a database.
    static NamedTable Of(duckdb::ClientContext& client, std::string catalog, std::string schema,
                         std::string name);
};

// Whatever stands under the name; null for nothing.
duckdb::optional_ptr<duckdb::CatalogEntry> FindEntry(duckdb::ClientContext& client,
                                                     const NamedTable& name);
// The lake's table, to write; null when the name stands for something else or for nothing.
std::shared_ptr<TableEntry> FindLakeTable(duckdb::ClientContext& client, const NamedTable& name);
// Its columns. NotFound.
duckdb::vector<std::string> ColumnsOf(duckdb::ClientContext& client, const NamedTable& name);

}  // namespace tarn::engine::duck
