// What the engine asks of a catalog: names, where tables lie, and a counter that tells when to look
// again. The catalog room implements this port. Thread-safe; correct with several processes on one
// catalog.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "table/rows.h"

namespace tarn::engine {

// Schema and name, case kept; look-up folds ASCII.
struct TableName {
    std::string schema;
    std::string name;
    std::string ToString() const { return schema + "." + name; }
};

enum class EntryKind { kTable, kView, kFunction, kSystemTable };

struct DirectoryEntry {
    std::string id;  // UUIDv7; for a table also its metadata id
    TableName name;
    EntryKind kind = EntryKind::kTable;
    std::string format = "delta";  // tables
    std::string location;          // tables: root folder
    bool managed = true;           // tables: DROP removes the files later
    std::string sql;               // views: the SELECT; functions: the CREATE MACRO
    std::string comment;
    std::map<std::string, std::string> properties;
};

struct SchemaEntry {
    std::string name;
    std::string comment;
    std::map<std::string, std::string> properties;
};

class TableDirectory {
public:
    virtual ~TableDirectory() = default;

    // Grows with every change by any process; equal counters mean nothing changed.
    virtual uint64_t ChangeCounter() = 0;
    virtual const std::string& CatalogName() const = 0;

    virtual std::vector<SchemaEntry> Schemas() = 0;
    virtual std::optional<SchemaEntry> FindSchema(const std::string& name) = 0;
    // AlreadyExists, InvalidInput (a reserved or ambiguous name).
    virtual void CreateSchema(const SchemaEntry& schema) = 0;
    // Gives the schema of that name this comment and these properties. NotFound.
    virtual void DescribeSchema(const SchemaEntry& schema) = 0;
    // NotFound; Conflict kind InvalidInput when it holds entries and `cascade` is false.
    virtual void DropSchema(const std::string& name, bool cascade) = 0;

    // A table, view or system table; functions have names of their own.
    virtual std::optional<DirectoryEntry> Find(const TableName& name) = 0;
    virtual std::optional<DirectoryEntry> FindFunction(const TableName& name) = 0;
    virtual std::vector<DirectoryEntry> List(const std::string& schema) = 0;
    // Where a new managed table with this id lies.
    virtual std::string ManagedLocation(const TableName& name, const std::string& id) = 0;
    // Adds the row that makes the entry exist. NotFound (schema), AlreadyExists.
    virtual void Register(const DirectoryEntry& entry) = 0;
    // Replaces the row of a view or function by one of its kind. AlreadyExists when something else
    // has the name.
    virtual void Replace(const DirectoryEntry& entry) = 0;
    // Of a table or view. NotFound.
    virtual void SetProperty(const TableName& name, const std::string& key,
                             const std::string& value) = 0;
    // A table or a view; what it is stays as it is, its files where they lie. NotFound,
    // AlreadyExists.
    virtual void Rename(const TableName& name, const std::string& new_name) = 0;
    // NotFound. A managed table's files stay until its tombstone's retention has passed.
    virtual void Drop(const TableName& name, EntryKind kind) = 0;

    // Rows of a system table (ops.runs, ops.quality ...).
    virtual std::unique_ptr<table::RowSource> OpenSystemTable(const TableName& name) = 0;
};

}  // namespace tarn::engine
