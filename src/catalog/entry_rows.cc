#include "catalog/entry_rows.h"

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "catalog/names.h"
#include "catalog/table_location.h"

namespace tarn::catalog {

namespace {

using engine::DirectoryEntry;
using engine::EntryKind;
using engine::SchemaEntry;

constexpr const char* kTable = "table";
constexpr const char* kView = "view";
constexpr const char* kFunction = "function";
constexpr char kFunctionMark = '\x1F';

EntryKind KindNamed(const std::string& text) {
    if (text == kView) return EntryKind::kView;
    return text == kFunction ? EntryKind::kFunction : EntryKind::kTable;
}

std::string NameOf(EntryKind kind) {
    if (kind == EntryKind::kView) return kView;
    return kind == EntryKind::kFunction ? kFunction : kTable;
}

// Functions have names of their own: what they are looked up by ends with a character that no name
// has (names.h).
std::string KeyOf(EntryKind kind, std::string folded) {
    return kind == EntryKind::kFunction ? std::move(folded) + kFunctionMark : folded;
}

std::string PropertiesText(const std::map<std::string, std::string>& properties) {
    return nlohmann::json(properties)
        .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::map<std::string, std::string> PropertiesOf(const Cell& text) {
    return nlohmann::json::parse(TextOf(text)).get<std::map<std::string, std::string>>();
}

// The columns that EntryOf reads, of the rows that `condition` keeps.
std::string EntryQuery(std::string_view condition) {
    return "SELECT e.id, s.name, e.name, e.kind, e.format, e.location, e.managed, e.view_sql, "
           "e.comment, e.properties"
           " FROM entries e JOIN schemas s ON s.folded = e.schema_folded WHERE " +
           std::string(condition);
}

DirectoryEntry EntryOf(const Cells& row) {
    DirectoryEntry entry;
    entry.id = TextOf(row.at(0));
    entry.name = {TextOf(row.at(1)), TextOf(row.at(2))};
    entry.kind = KindNamed(TextOf(row.at(3)));
    entry.format = TextOf(row.at(4));
    entry.location = TextOf(row.at(5));
    entry.managed = IntOf(row.at(6)) != 0;
    entry.sql = TextOf(row.at(7));
    entry.comment = TextOf(row.at(8));
    entry.properties = PropertiesOf(row.at(9));
    return entry;
}

// Name, comment and properties.
SchemaEntry SchemaOf(const Cells& row) {
    return {TextOf(row.at(0)), TextOf(row.at(1)), PropertiesOf(row.at(2))};
}

std::vector<DirectoryEntry> EntriesOf(const std::vector<Cells>& rows) {
    std::vector<DirectoryEntry> entries;
    entries.reserve(rows.size());
    for (const Cells& row : rows) entries.push_back(EntryOf(row));
    return entries;
}

std::optional<DirectoryEntry> FirstOf(const std::vector<Cells>& rows) {
    if (rows.empty()) return std::nullopt;
    return EntryOf(rows.front());
}

}  // namespace

std::vector<SchemaEntry> SelectSchemas(Connection& connection) {
    std::vector<SchemaEntry> schemas;
    const auto rows =
        connection.Query("SELECT name, comment, properties FROM schemas ORDER BY folded");
    for (const Cells& row : rows) schemas.push_back(SchemaOf(row));
    return schemas;
}

std::optional<SchemaEntry> SelectSchema(Connection& connection, const std::string& folded) {
    const auto rows = connection.Query(
        "SELECT name, comment, properties FROM schemas WHERE folded = ?1", {folded});
    if (rows.empty()) return std::nullopt;
    return SchemaOf(rows[0]);
}

void UpdateSchema(Connection& connection, const std::string& folded, const SchemaEntry& schema) {
    connection.Execute("UPDATE schemas SET comment = ?2, properties = ?3 WHERE folded = ?1",
                       {folded, schema.comment, PropertiesText(schema.properties)});
}

std::optional<std::string> SelectSchemaByIdentity(Connection& connection,
                                                  const std::string& identity) {
    const auto rows = connection.Query("SELECT name FROM schemas WHERE identity = ?1", {identity});
    if (rows.empty()) return std::nullopt;
    return TextOf(rows[0].at(0));
}

void InsertSchema(Connection& connection, const SchemaEntry& schema, int64_t now_us) {
    connection.Execute(
        "INSERT INTO schemas (folded, identity, name, comment, properties, created_us) VALUES "
        "(?1, ?2, ?3, ?4, ?5, ?6)",
        {FoldForLookup(schema.name), FoldForCreation(schema.name), schema.name, schema.comment,
         PropertiesText(schema.properties), now_us});
}

void DeleteSchema(Connection& connection, const std::string& folded) {
    connection.Execute("DELETE FROM schemas WHERE folded = ?1", {folded});
}

std::vector<DirectoryEntry> SelectEntries(Connection& connection, const std::string& schema) {
    return EntriesOf(
        connection.Query(EntryQuery("e.schema_folded = ?1 ORDER BY e.folded"), {schema}));
}

std::optional<DirectoryEntry> SelectEntry(Connection& connection, const std::string& schema,
                                          EntryKind kind, const std::string& name) {
    return FirstOf(connection.Query(EntryQuery("e.schema_folded = ?1 AND e.folded = ?2"),
                                    {schema, KeyOf(kind, FoldForLookup(name))}));
}

std::optional<DirectoryEntry> SelectEntryByIdentity(Connection& connection,
                                                    const std::string& schema, EntryKind kind,
                                                    const std::string& name) {
    return FirstOf(connection.Query(EntryQuery("e.schema_folded = ?1 AND e.identity = ?2"),
                                    {schema, KeyOf(kind, FoldForCreation(name))}));
}

std::vector<DirectoryEntry> SelectUnloggedEntries(Connection& connection) {
    return EntriesOf(connection.Query(
        EntryQuery("e.kind <> 'table' OR e.managed = 0 ORDER BY e.schema_folded, e.folded")));
}

void InsertEntry(Connection& connection, const DirectoryEntry& entry, int64_t now_us) {
    Check(entry.kind != EntryKind::kSystemTable, "a system table was given to the catalog's rows");
    connection.Execute(
        "INSERT INTO entries (id, schema_folded, folded, identity, name, kind, format, location, "
        "managed, view_sql,"
        " comment, properties, created_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
        "?12, ?13)",
        {entry.id, FoldForLookup(entry.name.schema),
         KeyOf(entry.kind, FoldForLookup(entry.name.name)),
         KeyOf(entry.kind, FoldForCreation(entry.name.name)), entry.name.name, NameOf(entry.kind),
         entry.format, entry.location, int64_t{entry.managed}, entry.sql, entry.comment,
         PropertiesText(entry.properties), now_us});
}

void UpdateName(Connection& connection, const DirectoryEntry& entry) {
    connection.Execute("UPDATE entries SET folded = ?2, identity = ?3, name = ?4 WHERE id = ?1",
                       {entry.id, KeyOf(entry.kind, FoldForLookup(entry.name.name)),
                        KeyOf(entry.kind, FoldForCreation(entry.name.name)), entry.name.name});
}

void UpdateProperties(Connection& connection, const DirectoryEntry& entry) {
    connection.Execute("UPDATE entries SET properties = ?2 WHERE id = ?1",
                       {entry.id, PropertiesText(entry.properties)});
}

void DeleteEntry(Connection& connection, const std::string& id) {
    connection.Execute("DELETE FROM entries WHERE id = ?1", {id});
}

std::optional<Neighbour> SelectNeighbour(Connection& connection, const std::string& location) {
    // Inside: names between "<location>/" and "<location>0", as '0' follows '/'.
    const std::string inside_from = location + "/";
    const std::string inside_upto = location + "0";
    const auto first = [](const std::vector<Cells>& rows,
                          bool dropped) -> std::optional<Neighbour> {
        if (rows.empty()) return std::nullopt;
        return Neighbour{TextOf(rows[0].at(0)) + "." + TextOf(rows[0].at(1)), TextOf(rows[0].at(2)),
                         dropped};
    };
    std::vector<std::string> equal = FoldersAbove(location);
    equal.insert(equal.begin(), location);
    for (const std::string& folder : equal) {
        if (auto found =
                first(connection.Query(
                          "SELECT schema_folded, name, location FROM entries WHERE location = ?1"
                          " AND kind = 'table'",
                          {folder}),
                      false)) {
            return found;
        }
        if (auto found =
                first(connection.Query(
                          "SELECT schema_name, name, location FROM tombstones WHERE location ="
                          " ?1",
                          {folder}),
                      true)) {
            return found;
        }
    }
    if (auto found =
            first(connection.Query(
                      "SELECT schema_folded, name, location FROM entries WHERE location > ?1 AND"
                      " location < ?2 AND kind = 'table' LIMIT 1",
                      {inside_from, inside_upto}),
                  false)) {
        return found;
    }
    return first(connection.Query(
                     "SELECT schema_name, name, location FROM tombstones WHERE location > ?1 AND"
                     " location < ?2 LIMIT 1",
                     {inside_from, inside_upto}),
                 true);
}

void InsertTombstone(Connection& connection, const std::string& id, int64_t now_us) {
    connection.Execute(
        "INSERT INTO tombstones (id, schema_name, name, format, location, comment, properties, "
        "created_us,"
        " dropped_us) SELECT e.id, s.name, e.name, e.format, e.location, e.comment, e.properties,"
        " e.created_us, ?2 FROM entries e JOIN schemas s ON s.folded = e.schema_folded WHERE e.id "
        "= ?1",
        {id, now_us});
}

std::vector<Tombstone> SelectTombstones(Connection& connection) {
    std::vector<Tombstone> tombstones;
    for (const Cells& row : connection.Query("SELECT id, schema_name, name, location, dropped_us "
                                             "FROM tombstones ORDER BY dropped_us, id")) {
        tombstones.push_back({TextOf(row.at(0)),
                              {TextOf(row.at(1)), TextOf(row.at(2))},
                              TextOf(row.at(3)),
                              IntOf(row.at(4))});
    }
    return tombstones;
}

void CountChange(Connection& connection) {
    connection.Execute("UPDATE state SET change_counter = change_counter + 1");
}

}  // namespace tarn::catalog
