#include "engine/duck/catalog.h"

#include <algorithm>

#include "base/text.h"
#include "duckdb/main/attached_database.hpp"
#include "duckdb/parser/parsed_data/create_schema_info.hpp"
#include "duckdb/parser/parsed_data/drop_info.hpp"
#include "duckdb/storage/database_size.hpp"
#include "duckdb/storage/storage_extension.hpp"
#include "engine/duck/about_table.h"
#include "engine/duck/client_state.h"
#include "engine/duck/errors.h"
#include "engine/duck/transaction.h"

namespace tarn::engine::duck {
namespace {

struct LakeStorageInfo final : public duckdb::StorageExtensionInfo {
    explicit LakeStorageInfo(Core& lake_core) : core(lake_core) {}
    Core& core;
};

duckdb::unique_ptr<duckdb::Catalog> AttachLake(
    duckdb::optional_ptr<duckdb::StorageExtensionInfo> info, duckdb::ClientContext&,
    duckdb::AttachedDatabase& database, const std::string&, duckdb::AttachInfo&,
    duckdb::AttachOptions&) {
    return duckdb::make_uniq<LakeCatalog>(database, static_cast<LakeStorageInfo&>(*info).core);
}

duckdb::unique_ptr<duckdb::TransactionManager> MakeTransactions(
    duckdb::optional_ptr<duckdb::StorageExtensionInfo>, duckdb::AttachedDatabase& database,
    duckdb::Catalog& lake) {
    return duckdb::make_uniq<LakeTransactionManager>(database, static_cast<LakeCatalog&>(lake));
}

// "default" is Spark's spelling of the first schema.
std::string FoldSchema(const std::string& name) {
    std::string folded = AsciiLower(name);
    return folded.empty() || folded == "default" ? "main" : folded;
}

std::string FoldName(const TableName& name) {
    return FoldSchema(name.schema) + '\0' + AsciiLower(name.name);
}

}  // namespace

void LakeCatalog::Register(duckdb::DBConfig& config, Core& core) {
    auto extension = duckdb::make_shared_ptr<duckdb::StorageExtension>();
    extension->attach = AttachLake;
    extension->create_transaction_manager = MakeTransactions;
    extension->storage_info = duckdb::make_shared_ptr<LakeStorageInfo>(core);
    duckdb::StorageExtension::Register(config, kType, std::move(extension));
}

void LakeCatalog::Refresh() {
    const uint64_t counter = core_.parts.directory.ChangeCounter();
    const std::lock_guard lock(mutex_);
    if (counter_ == counter) return;
    counter_ = counter;
    rows_.clear();
    schema_rows_.clear();
}

std::optional<DirectoryEntry> LakeCatalog::FindRow(const TableName& name, EntryKind kind) {
    const bool is_function = kind == EntryKind::kFunction;
    const std::pair<std::string, bool> key(FoldName(name), is_function);
    {
        const std::lock_guard lock(mutex_);
        if (auto found = rows_.find(key); found != rows_.end()) return found->second;
    }
    const TableName folded{FoldSchema(name.schema), name.name};
    TableDirectory& directory = core_.parts.directory;
    auto row = is_function ? directory.FindFunction(folded) : directory.Find(folded);
    const std::lock_guard lock(mutex_);
    rows_[key] = row;
    return row;
}

std::shared_ptr<TableEntry> LakeCatalog::CachedTable(const std::string& location) {
    const std::lock_guard lock(mutex_);
    auto found = std::find_if(tables_.begin(), tables_.end(),
                              [&](const auto& entry) { return entry->row().location == location; });
    if (found == tables_.end()) return nullptr;
    tables_.splice(tables_.begin(), tables_, found);
    return *found;
}

void LakeCatalog::CacheTable(const std::shared_ptr<TableEntry>& entry) {
    const std::lock_guard lock(mutex_);
    tables_.remove_if(
        [&](const auto& other) { return other->row().location == entry->row().location; });
    tables_.push_front(entry);
    if (tables_.size() > kMaxCachedTables) tables_.pop_back();
}

std::shared_ptr<TableEntry> LakeCatalog::LoadTable(duckdb::SchemaCatalogEntry& in_schema,
                                                   const DirectoryEntry& row,
                                                   const table::AsOf& as_of) {
    table::TableFormat& format = core_.FormatNamed(row.format);
    const auto cached = CachedTable(row.location);
    const auto snapshot = NamingTable(row.name, [&] {
        return format.Load(row.location, as_of, cached ? cached->snapshot() : nullptr);
    });
    const bool is_latest = std::holds_alternative<table::Latest>(as_of);
    if (cached && is_latest && cached->snapshot() == snapshot && cached->row().id == row.id &&
        cached->row().name.ToString() == row.name.ToString()) {
        return cached;
    }
    auto entry = TableEntry::Make(core_, in_schema, row, snapshot, is_latest);
    if (is_latest) CacheTable(entry);
    return entry;
}

SchemaEntry& LakeCatalog::SchemaNamed(const std::string& name, bool is_for_paths) {
    const std::lock_guard lock(mutex_);
    auto& schema = schemas_[AsciiLower(name)];
    if (!schema || schema->is_for_paths() != is_for_paths) {
        duckdb::CreateSchemaInfo info;
        info.catalog = GetName();
        info.schema = name;
        schema = duckdb::make_uniq<SchemaEntry>(*this, info, is_for_paths);
    }
    return *schema;
}

SchemaEntry* LakeCatalog::FindSchema(const std::string& name) {
    const std::string folded = FoldSchema(name);
    std::optional<engine::SchemaEntry> row;
    bool is_known = false;
    {
        const std::lock_guard lock(mutex_);
        auto found = schema_rows_.find(folded);
        is_known = found != schema_rows_.end();
        if (is_known) row = found->second;
    }
    if (!is_known) {
        row = core_.parts.directory.FindSchema(folded);
        const std::lock_guard lock(mutex_);
        schema_rows_[folded] = row;
    }
    if (row) return &SchemaNamed(row->name, false);
    return core_.HasFormat(folded) ? &SchemaNamed(folded, true) : nullptr;
}

duckdb::optional_ptr<duckdb::SchemaCatalogEntry> LakeCatalog::LookupSchema(
    duckdb::CatalogTransaction transaction, const duckdb::EntryLookupInfo& lookup,
    duckdb::OnEntryNotFound if_not_found) {
    SchemaEntry* schema = Guarded([&] { return FindSchema(lookup.GetEntryName()); });
    if (schema == nullptr && transaction.HasContext()) {
        const ClientState* const state = ClientState::TryOf(transaction.GetContext());
        if (state != nullptr && state->assumed != nullptr &&
            state->assumed->HasSchema(lookup.GetEntryName()))
            schema = &SchemaNamed(lookup.GetEntryName(), false);
    }
    if (schema == nullptr && if_not_found == duckdb::OnEntryNotFound::THROW_EXCEPTION) {
        throw duckdb::CatalogException::MissingEntry(lookup, "");
    }
    return schema;
}

void LakeCatalog::ScanSchemas(duckdb::ClientContext&,
                              std::function<void(duckdb::SchemaCatalogEntry&)> callback) {
    const auto all = Guarded([&] { return core_.parts.directory.Schemas(); });
    for (const engine::SchemaEntry& row : all) callback(SchemaNamed(row.name, false));
}

duckdb::optional_ptr<duckdb::CatalogEntry> LakeCatalog::CreateSchema(
    duckdb::CatalogTransaction transaction, duckdb::CreateSchemaInfo& info) {
    return Guarded([&]() -> duckdb::optional_ptr<duckdb::CatalogEntry> {
        CheckDefinitionAllowed(transaction.GetContext());
        core_.parts.policy.Authorize(ClientState::Of(transaction.GetContext()).principal,
                                     Action::kCreate, {info.schema, "*"});
        // DuckDB finds these ambiguous with its own catalogs and schemas (DESIGN section 7,
        // "Names").
        for (const std::string& taken :
             {std::string("system"), std::string("temp"), std::string("pg_catalog"),
              std::string("information_schema"), std::string(GetName())}) {
            if (EqualsIgnoreCase(info.schema, taken)) {
                throw Error(ErrorKind::kInvalidInput,
                            "a schema cannot be named {}: the engine uses that name", info.schema);
            }
        }
        if (core_.parts.directory.FindSchema(FoldSchema(info.schema))) {
            if (info.on_conflict == duckdb::OnCreateConflict::IGNORE_ON_CONFLICT) return nullptr;
            throw Error(ErrorKind::kAlreadyExists, "there is a schema {} already", info.schema);
        }
        const sql::EntryClauses& said = ClientState::Of(transaction.GetContext()).entry;
        core_.parts.directory.CreateSchema(
            {info.schema, said.comment.value_or(""), said.properties});
        return nullptr;
    });
}

void LakeCatalog::DropSchema(duckdb::ClientContext& client, duckdb::DropInfo& info) {
    Guarded([&] {
        CheckDefinitionAllowed(client);
        core_.parts.policy.Authorize(ClientState::Of(client).principal, Action::kDrop,
                                     {info.name, "*"});
        if (!core_.parts.directory.FindSchema(FoldSchema(info.name))) {
            if (info.if_not_found == duckdb::OnEntryNotFound::RETURN_NULL) return;
            throw Error(ErrorKind::kNotFound, "there is no schema {}", info.name);
        }
        core_.parts.directory.DropSchema(FoldSchema(info.name), info.cascade);
    });
}

duckdb::unique_ptr<duckdb::LogicalOperator> LakeCatalog::BindCreateIndex(
    duckdb::Binder&, duckdb::CreateStatement&, duckdb::TableCatalogEntry& target,
    duckdb::unique_ptr<duckdb::LogicalOperator>) {
    ThrowIntoDuck(Error(ErrorKind::kUnsupported,
                        "{}: tables of the lake have no indexes; partition or sort it instead",
                        target.name));
}

}  // namespace tarn::engine::duck
