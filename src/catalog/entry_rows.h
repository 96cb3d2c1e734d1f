// Schemas, entries and tombstones as rows of the store: the SQL of the catalog's names, no rules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "catalog/store.h"
#include "engine/table_directory.h"

namespace tarn::catalog {

std::vector<engine::SchemaEntry> SelectSchemas(Connection& connection);
std::optional<engine::SchemaEntry> SelectSchema(Connection& connection, const std::string& folded);
// Its comment and properties.
void UpdateSchema(Connection& connection, const std::string& folded,
                  const engine::SchemaEntry& schema);
// A schema whose name is equal for creation.
std::optional<std::string> SelectSchemaByIdentity(Connection& connection,
                                                  const std::string& identity);
void InsertSchema(Connection& connection, const engine::SchemaEntry& schema, int64_t now_us);
void DeleteSchema(Connection& connection, const std::string& folded);

// `schema` is folded; by name.
std::vector<engine::DirectoryEntry> SelectEntries(Connection& connection,
                                                  const std::string& schema);
// What has the name that an entry of the kind would have: functions have names of their own.
std::optional<engine::DirectoryEntry> SelectEntry(Connection& connection, const std::string& schema,
                                                  engine::EntryKind kind, const std::string& name);
// The same under the folding of creation.
std::optional<engine::DirectoryEntry> SelectEntryByIdentity(Connection& connection,
                                                            const std::string& schema,
                                                            engine::EntryKind kind,
                                                            const std::string& name);
void InsertEntry(Connection& connection, const engine::DirectoryEntry& entry, int64_t now_us);
void UpdateName(Connection& connection, const engine::DirectoryEntry& entry);
void UpdateProperties(Connection& connection, const engine::DirectoryEntry& entry);
void DeleteEntry(Connection& connection, const std::string& id);
// Views, functions and external tables of all schemas: what stands in no log.
std::vector<engine::DirectoryEntry> SelectUnloggedEntries(Connection& connection);

// A table whose folder is the location, or lies in it or around it; a dropped one counts until its
// files are gone.
struct Neighbour {
    std::string table;
    std::string location;
    bool dropped = false;
};
std::optional<Neighbour> SelectNeighbour(Connection& connection, const std::string& location);

struct Tombstone {
    std::string id;
    engine::TableName name;
    std::string location;
    int64_t dropped_us = 0;
};
std::vector<Tombstone> SelectTombstones(Connection& connection);
// The entry's table becomes a tombstone.
void InsertTombstone(Connection& connection, const std::string& id, int64_t now_us);

// Tells every process to look again.
void CountChange(Connection& connection);

}  // namespace tarn::catalog
