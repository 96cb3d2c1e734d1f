// A table that a statement makes (CREATE TABLE, CLONE): its name, what it replaces, its folder and
// its row in the directory. Within a transaction.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "duckdb/parser/parsed_data/create_info.hpp"
#include "engine/duck/schema_entry.h"
#include "engine/duck/transaction.h"
#include "sql/statement.h"

namespace tarn::engine::duck {

// What a CREATE TABLE makes: a new table, or new content of one that is there (OR REPLACE).
struct TablePlan {
    LakeTransaction::Creation creation;    // its metadata and location hold for both
    std::shared_ptr<TableEntry> replaced;  // null: a new table
};

struct NewTarget {
    TableName name;
    std::optional<DirectoryEntry> existing;  // the table that is replaced
};

// Nothing when IF NOT EXISTS finds it. AlreadyExists, PermissionDenied; Unsupported within BEGIN.
std::optional<NewTarget> FindTarget(duckdb::ClientContext& client, SchemaEntry& in_schema,
                                    const std::string& name, duckdb::OnCreateConflict if_it_exists);

// Says which of the properties that `base` (may be null) has not look like another one of the
// format's.
void NotePropertiesMeant(const table::TableFormat& format, const table::TableMetadata& wanted,
                         const table::TableMetadata* base, Meter& meter);

// The schema in which the lake has such a name. NotFound; Unsupported for another database's.
SchemaEntry& SchemaOf(duckdb::ClientContext& client, const sql::QualifiedName& name);

// `metadata` gets its id and its time; `clauses` (may be null) say format and LOCATION.
// InvalidInput, Unsupported.
TablePlan PlanTarget(duckdb::ClientContext& client, SchemaEntry& in_schema, const NewTarget& target,
                     table::TableMetadata metadata, const sql::TableClauses* clauses,
                     table::Definition definition);

}  // namespace tarn::engine::duck
