// CREATE TABLE without columns and query: enters the table that lies at LOCATION into the lake,
// makes one that gets its columns later, or one like another.
#pragma once

#include "engine/duck/new_table.h"

namespace tarn::engine::duck {

// Within a transaction, which commits it. AlreadyExists; InvalidInput when the statement says
// another thing of the table than it is.
void CreateBareTable(duckdb::ClientContext& client, const sql::CreateBareTable& statement);

// Gives the lake a row for the table that lies at the clauses' LOCATION; false: there is none.
// InvalidInput when `fields` (empty: not said) or clauses say another thing of it than it is.
bool AdoptTable(SchemaEntry& in_schema, const NewTarget& target, const sql::TableClauses& clauses,
                const std::vector<table::Field>& fields);

// How a statement says what to do where the name stands already.
duckdb::OnCreateConflict IfItExists(bool or_replace, bool if_not_exists);

}  // namespace tarn::engine::duck
