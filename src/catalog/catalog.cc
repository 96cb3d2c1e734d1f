#include "catalog/catalog.h"

#include <array>

#include "base/check.h"
#include "base/error.h"
#include "base/text.h"
#include "catalog/catalog_file.h"
#include "catalog/entry_rows.h"
#include "catalog/names.h"
#include "catalog/sqlite_store.h"
#include "catalog/store.h"
#include "catalog/table_location.h"
#include "storage/local_store.h"

namespace tarn::catalog {

namespace {

using engine::DirectoryEntry;
using engine::EntryKind;
using engine::SchemaEntry;
using engine::TableName;

constexpr const char* kMainSchema = "main";
constexpr const char* kOpsSchema = "ops";
constexpr std::array<const char*, 6> kOpsTables{"job_runs", "job_tasks", "lineage",
                                                "quality",  "queries",   "runs"};

// The key of a schema's row.
std::string SchemaKey(const std::string& name) { return FoldForLookup(CanonicalSchema(name)); }

bool IsOps(const std::string& schema) { return EqualsIgnoreCase(schema, kOpsSchema); }

SchemaEntry OpsSchema() { return {kOpsSchema, "what ran and how it went, kept by Tarn", {}}; }

DirectoryEntry OpsTable(const std::string& name) {
    DirectoryEntry entry;
    entry.id = std::string(kOpsSchema) + "." + name;
    entry.name = {kOpsSchema, name};
    entry.kind = EntryKind::kSystemTable;
    entry.format.clear();
    return entry;
}

std::string_view WordFor(EntryKind kind) {
    if (kind == EntryKind::kView) return "view";
    return kind == EntryKind::kFunction ? "function" : "table";
}

Error NoSchema(const std::string& name) {
    return Error(ErrorKind::kNotFound, "there is no schema {}: CREATE SCHEMA makes it", name);
}

// The schema's row, or NotFound.
SchemaEntry SchemaRow(Connection& connection, const std::string& name) {
    auto schema = SelectSchema(connection, SchemaKey(name));
    if (!schema) throw NoSchema(name);
    return *schema;
}

void RefuseOps(const std::string& schema) {
    if (!IsOps(schema)) return;
    throw Error(ErrorKind::kPermissionDenied,
                "the schema ops is kept by Tarn: nothing can be made or dropped in it");
}

// The new entry's name must be free, under Unicode folding too.
void CheckFree(Connection& connection, const DirectoryEntry& entry) {
    const std::string schema = FoldForLookup(entry.name.schema);
    const auto same = SelectEntryByIdentity(connection, schema, entry.kind, entry.name.name);
    if (!same) return;
    throw Error(ErrorKind::kAlreadyExists, "the {} {} exists already", WordFor(same->kind),
                same->name.ToString());
}

// Every folder belongs to one table.
void CheckLocation(Connection& connection, const DirectoryEntry& entry, const LakeConfig& config) {
    if (entry.location.empty()) {
        throw Error(ErrorKind::kInvalidInput, "the table {} has no location",
                    entry.name.ToString());
    }
    const std::string warehouse = NormalLocation(config.warehouse);
    if (Overlaps(entry.location, warehouse) && entry.location.size() <= warehouse.size()) {
        throw Error(ErrorKind::kInvalidInput,
                    "{} holds the lake's warehouse {}: choose a folder of its own for {}",
                    entry.location, config.warehouse, entry.name.ToString());
    }
    const auto neighbour = SelectNeighbour(connection, entry.location);
    if (!neighbour) return;
    throw Error(
        ErrorKind::kInvalidInput,
        "{} would lie inside or around the {}table {} at {}: no table may lie inside another",
        entry.location, neighbour->dropped ? "dropped " : "", neighbour->table,
        neighbour->location);
}

void WriteCatalogFile(Connection& connection, const LakeConfig& config) {
    // Inside the write transaction, so that the last writer's file is the one that stays.
    storage::LocalStore().Put(
        config.state + "/catalog.yml",
        CatalogFileText(SelectSchemas(connection), SelectUnloggedEntries(connection)));
}

bool IsUnlogged(const DirectoryEntry& entry) {
    return entry.kind != EntryKind::kTable || !entry.managed;
}

// A managed table's files stay, remembered by a tombstone.
void Remove(Connection& connection, const DirectoryEntry& entry, int64_t now_us) {
    if (entry.kind == EntryKind::kTable && entry.managed)
        InsertTombstone(connection, entry.id, now_us);
    DeleteEntry(connection, entry.id);
}

}  // namespace

std::unique_ptr<Catalog> Catalog::Open(const LakeConfig& config, Clock& clock, Random& random) {
    auto store =
        std::make_unique<SqliteStore>(config.state + "/catalog.db", Migrations(), clock, random);
    store->ChangeCounter();  // what is wrong with the state shows here, not at the first statement
    auto history = std::make_unique<SqliteStore>(config.state + "/catalog.db", Migrations(), clock,
                                                 random, Durability::kProcess);
    return std::unique_ptr<Catalog>(
        new Catalog(config, std::move(store), std::move(history), clock, random));
}

Catalog::Catalog(const LakeConfig& config, std::unique_ptr<Store> store,
                 std::unique_ptr<Store> history, Clock& clock, Random& random)
    : config_(config),
      store_(std::move(store)),
      history_store_(std::move(history)),
      clock_(clock),
      random_(random),
      runs_(*store_, clock, random, config.keep_runs_days),
      lineage_(*history_store_, clock, config.keep_lineage_days),
      queries_(*history_store_, clock, random, config.keep_queries_days, &lineage_),
      contracts_(*store_),
      jobs_(*store_, clock, random, config.keep_runs_days) {}

Catalog::~Catalog() = default;

std::unique_ptr<Lease> Catalog::AcquireLease(const std::string& name, const LeaseOptions& options) {
    return Lease::Acquire(*store_, clock_, random_, name, options);
}

std::vector<DroppedTable> Catalog::Dropped() {
    std::vector<DroppedTable> dropped;
    store_->Read([&](Connection& connection) {
        for (const Tombstone& tombstone : SelectTombstones(connection)) {
            dropped.push_back({tombstone.id, tombstone.name, tombstone.location,
                               TimestampUs(DurationUs(tombstone.dropped_us))});
        }
    });
    return dropped;
}

uint64_t Catalog::ChangeCounter() { return store_->ChangeCounter(); }

std::vector<SchemaEntry> Catalog::Schemas() {
    std::vector<SchemaEntry> schemas;
    const bool any =
        store_->Read([&](Connection& connection) { schemas = SelectSchemas(connection); });
    if (!any) schemas.push_back({kMainSchema, "", {}});
    schemas.push_back(OpsSchema());
    return schemas;
}

std::optional<SchemaEntry> Catalog::FindSchema(const std::string& name) {
    if (IsOps(name)) return OpsSchema();
    std::optional<SchemaEntry> schema;
    const bool any = store_->Read(
        [&](Connection& connection) { schema = SelectSchema(connection, SchemaKey(name)); });
    if (!any && SchemaKey(name) == kMainSchema) schema = SchemaEntry{kMainSchema, "", {}};
    return schema;
}

void Catalog::CreateSchema(const SchemaEntry& schema) {
    CheckName("schema", schema.name);
    const std::string identity = FoldForCreation(schema.name);
    bool of_lake = identity == config_.name;
    for (const std::string& alias : config_.aliases) of_lake = of_lake || identity == alias;
    if (of_lake || IsReservedSchema(schema.name)) {
        throw Error(
            ErrorKind::kInvalidInput, "a schema cannot be called {}: {}; choose another name",
            schema.name,
            of_lake ? "the lake itself has that name" : "the engine keeps that name for itself");
    }
    if (IsOps(schema.name) || SchemaKey(schema.name) == kMainSchema) {
        throw Error(ErrorKind::kAlreadyExists, "the schema {} exists already", schema.name);
    }
    store_->Write([&](Connection& connection) {
        if (const auto same = SelectSchemaByIdentity(connection, identity)) {
            throw Error(ErrorKind::kAlreadyExists, "the schema {} exists already", *same);
        }
        InsertSchema(connection, schema, ToUnixUs(clock_.Now()));
        CountChange(connection);
        WriteCatalogFile(connection, config_);
    });
}

void Catalog::DescribeSchema(const SchemaEntry& schema) {
    RefuseOps(schema.name);
    if (!FindSchema(schema.name)) throw NoSchema(schema.name);
    store_->Write([&](Connection& connection) {
        UpdateSchema(connection, SchemaKey(SchemaRow(connection, schema.name).name), schema);
        CountChange(connection);
        WriteCatalogFile(connection, config_);
    });
}

void Catalog::DropSchema(const std::string& name, bool cascade) {
    RefuseOps(name);
    const std::string key = SchemaKey(name);
    if (key == kMainSchema)
        throw Error(ErrorKind::kInvalidInput, "the schema main cannot be dropped");
    if (!FindSchema(name)) throw NoSchema(name);
    store_->Write([&](Connection& connection) {
        SchemaRow(connection, name);
        const auto entries = SelectEntries(connection, key);
        if (!entries.empty() && !cascade) {
            throw Error(ErrorKind::kInvalidInput,
                        "the schema {} holds {} entries ({} ...): drop them, or use CASCADE", name,
                        entries.size(), entries.front().name.name);
        }
        for (const auto& entry : entries) Remove(connection, entry, ToUnixUs(clock_.Now()));
        DeleteSchema(connection, key);
        CountChange(connection);
        WriteCatalogFile(connection, config_);
    });
}

std::optional<DirectoryEntry> Catalog::Find(const TableName& name) {
    if (IsOps(name.schema)) {
        for (const char* table : kOpsTables) {
            if (EqualsIgnoreCase(name.name, table)) return OpsTable(table);
        }
        return std::nullopt;
    }
    return FindKind(EntryKind::kTable, name);
}

std::optional<DirectoryEntry> Catalog::FindFunction(const TableName& name) {
    if (IsOps(name.schema)) return std::nullopt;
    return FindKind(EntryKind::kFunction, name);
}

std::optional<DirectoryEntry> Catalog::FindKind(EntryKind kind, const TableName& name) {
    std::optional<DirectoryEntry> entry;
    store_->Read([&](Connection& connection) {
        entry = SelectEntry(connection, SchemaKey(name.schema), kind, name.name);
    });
    return entry;
}

std::vector<DirectoryEntry> Catalog::List(const std::string& schema) {
    std::vector<DirectoryEntry> entries;
    if (IsOps(schema)) {
        for (const char* table : kOpsTables) entries.push_back(OpsTable(table));
        return entries;
    }
    store_->Read(
        [&](Connection& connection) { entries = SelectEntries(connection, SchemaKey(schema)); });
    return entries;
}

std::string Catalog::ManagedLocation(const TableName& name, const std::string& id) {
    return ManagedTableLocation(config_.warehouse, CanonicalSchema(name.schema), name.name, id);
}

void Catalog::Register(const DirectoryEntry& entry) {
    RefuseOps(entry.name.schema);
    Check(entry.kind != EntryKind::kSystemTable, "system tables are not registered");
    CheckName(WordFor(entry.kind), entry.name.name);
    if (!FindSchema(entry.name.schema)) throw NoSchema(entry.name.schema);
    store_->Write([&](Connection& connection) {
        DirectoryEntry row = entry;
        row.name.schema = SchemaRow(connection, entry.name.schema).name;
        if (row.id.empty()) row.id = NewUuid(clock_, random_);
        CheckFree(connection, row);
        if (row.kind == EntryKind::kTable) {
            row.location = NormalLocation(row.location);
            CheckLocation(connection, row, config_);
        }
        InsertEntry(connection, row, ToUnixUs(clock_.Now()));
        CountChange(connection);
        if (IsUnlogged(row)) WriteCatalogFile(connection, config_);
    });
}

void Catalog::Replace(const DirectoryEntry& entry) {
    RefuseOps(entry.name.schema);
    Check(entry.kind == EntryKind::kView || entry.kind == EntryKind::kFunction,
          "what has no files of its own is replaced");
    CheckName(WordFor(entry.kind), entry.name.name);
    if (!FindSchema(entry.name.schema)) throw NoSchema(entry.name.schema);
    store_->Write([&](Connection& connection) {
        DirectoryEntry row = entry;
        row.name.schema = SchemaRow(connection, entry.name.schema).name;
        if (row.id.empty()) row.id = NewUuid(clock_, random_);
        const auto old =
            SelectEntry(connection, FoldForLookup(row.name.schema), row.kind, row.name.name);
        if (old && old->kind == entry.kind) DeleteEntry(connection, old->id);
        CheckFree(connection, row);
        InsertEntry(connection, row, ToUnixUs(clock_.Now()));
        CountChange(connection);
        WriteCatalogFile(connection, config_);
    });
}

void Catalog::SetProperty(const TableName& name, const std::string& key, const std::string& value) {
    RefuseOps(name.schema);
    store_->Write([&](Connection& connection) {
        auto entry = SelectEntry(connection, SchemaKey(name.schema), EntryKind::kTable, name.name);
        if (!entry) throw Error(ErrorKind::kNotFound, "there is no entry {}", name.ToString());
        entry->properties[key] = value;
        UpdateProperties(connection, *entry);
        CountChange(connection);
        if (IsUnlogged(*entry)) WriteCatalogFile(connection, config_);
    });
}

void Catalog::Rename(const TableName& name, const std::string& new_name) {
    RefuseOps(name.schema);
    const auto missing = [&] {
        return Error(ErrorKind::kNotFound, "there is no table or view {}", name.ToString());
    };
    const auto found = Find(name);
    if (!found) throw missing();
    CheckName(WordFor(found->kind), new_name);
    store_->Write([&](Connection& connection) {
        auto entry = SelectEntry(connection, SchemaKey(name.schema), EntryKind::kTable, name.name);
        if (!entry) throw missing();
        // Another spelling of its own name is free.
        const bool is_same = FoldForCreation(entry->name.name) == FoldForCreation(new_name);
        entry->name.name = new_name;
        if (!is_same) CheckFree(connection, *entry);
        UpdateName(connection, *entry);
        CountChange(connection);
        if (IsUnlogged(*entry)) WriteCatalogFile(connection, config_);
    });
}

void Catalog::Drop(const TableName& name, EntryKind kind) {
    RefuseOps(name.schema);
    const auto missing = [&] {
        return Error(ErrorKind::kNotFound, "there is no {} {}", WordFor(kind), name.ToString());
    };
    if (!FindKind(kind, name)) throw missing();  // before a first write would make the state folder
    store_->Write([&](Connection& connection) {
        const auto entry = SelectEntry(connection, SchemaKey(name.schema), kind, name.name);
        if (!entry) throw missing();
        if (entry->kind != kind) {
            throw Error(ErrorKind::kInvalidInput, "{0} is a {1}: use DROP for a {1}",
                        name.ToString(), WordFor(entry->kind));
        }
        Remove(connection, *entry, ToUnixUs(clock_.Now()));
        CountChange(connection);
        if (IsUnlogged(*entry)) WriteCatalogFile(connection, config_);
    });
}

std::unique_ptr<table::RowSource> Catalog::OpenSystemTable(const TableName& name) {
    const auto entry = Find(name);
    if (!entry || entry->kind != EntryKind::kSystemTable) {
        throw Error(ErrorKind::kNotFound, "there is no system table {}", name.ToString());
    }
    if (entry->name.name == "queries") return queries_.OpenQueries();
    if (entry->name.name == "job_runs") return jobs_.OpenRuns();
    if (entry->name.name == "job_tasks") return jobs_.OpenTasks();
    if (entry->name.name == "lineage") {
        queries_.Flush();
        return lineage_.OpenLineage();
    }
    return entry->name.name == "runs" ? runs_.OpenRuns() : runs_.OpenQuality();
}

}  // namespace tarn::catalog
