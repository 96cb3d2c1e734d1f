#include "engine/duck/alter_table.h"

#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_search_path.hpp"
#include "duckdb/main/client_data.hpp"
#include "engine/duck/about_table.h"
#include "engine/duck/catalog.h"
#include "engine/duck/change_builder.h"
#include "engine/duck/client_state.h"
#include "engine/duck/dml.h"
#include "engine/duck/errors.h"
#include "engine/duck/named_table.h"
#include "engine/duck/new_table.h"
#include "engine/duck/own_transaction.h"
#include "engine/duck/row_rules.h"
#include "engine/duck/table_alteration.h"
#include "engine/duck/table_rules.h"
#include "engine/duck/transaction.h"

namespace tarn::engine::duck {
namespace {

// Holds every row of the table against its new rules.
void CheckRows(duckdb::Connection& connection, const sql::AlterTable& statement,
               const TableName& name, const table::TableMetadata& metadata) {
    std::unique_ptr<RowRules> rules;
    connection.context->RunFunctionInTransaction([&] {
        rules = std::make_unique<RowRules>(*connection.context, name, metadata.schema,
                                           metadata.checks, RulesFor::kDefining);
    });
    auto local = rules->MakeLocal(*connection.context);
    auto rows = connection.SendQuery("FROM " + statement.table.ToSql());
    if (rows->HasError()) rows->GetErrorObject().Throw();
    while (auto chunk = rows->Fetch()) {
        if (chunk->size() == 0) break;
        rules->Check(*local, *chunk);
    }
    if (rows->HasError()) rows->GetErrorObject().Throw();
}

// The identity column's mark passes every value that is there.
void SyncIdentity(duckdb::Connection& connection, const sql::AlterTable& statement,
                  table::Field& field) {
    table::IdentitySequence& identity = *field.rules.identity;
    const std::string column = duckdb::KeywordHelper::WriteQuoted(field.name, '"');
    const std::string extreme = identity.step > 0 ? "max(" : "min(";
    auto rows =
        connection.Query("SELECT " + extreme + column + ") FROM " + statement.table.ToSql());
    if (rows->HasError()) rows->GetErrorObject().Throw();
    const duckdb::Value value = rows->GetValue(0, 0);
    if (value.IsNull()) return;
    const __int128 step = identity.step;
    const __int128 far = __int128{value.GetValue<int64_t>()} - identity.start;
    // The first number of the sequence at or beyond the value.
    const __int128 steps = far * step <= 0 ? 0 : (far + step - (step > 0 ? 1 : -1)) / step;
    const auto mark = static_cast<int64_t>(identity.start + steps * step);
    if (far * step < 0) return;
    const bool is_further =
        !identity.high_water_mark ||
        (step > 0 ? mark > *identity.high_water_mark : mark < *identity.high_water_mark);
    if (is_further) identity.high_water_mark = mark;
}

}  // namespace

bool IsLakeTable(duckdb::Connection& connection, const sql::QualifiedName& name) {
    bool is_lake = false;
    connection.context->RunFunctionInTransaction([&] {
        auto entry = FindEntry(*connection.context, NamedTable::Of(*connection.context, name));
        is_lake = !entry || entry->ParentCatalog().GetCatalogType() == LakeCatalog::kType;
    });
    return is_lake;
}

bool IsInLake(duckdb::Connection& connection, const sql::QualifiedName& name) {
    bool is_lake = false;
    duckdb::ClientContext& client = *connection.context;
    client.RunFunctionInTransaction([&] {
        const NamedTable named = NamedTable::Of(client, name);
        const std::string catalog =
            named.catalog.empty()
                ? duckdb::ClientData::Get(client).catalog_search_path->GetDefault().catalog
                : named.catalog;
        is_lake =
            duckdb::Catalog::GetCatalog(client, catalog).GetCatalogType() == LakeCatalog::kType;
    });
    return is_lake;
}

void RunAlterTable(duckdb::Connection& connection, const sql::AlterTable& statement) {
    duckdb::ClientContext& client = *connection.context;
    CheckDefinitionAllowed(client);
    OwnTransaction transaction(connection);
    std::shared_ptr<TableEntry> entry;
    std::unique_ptr<TableAlteration> alteration;
    client.RunFunctionInTransaction([&] {
        auto found = FindEntry(client, NamedTable::Of(client, statement.table));
        if (!found && statement.if_exists) return;
        if (!found || found->type != duckdb::CatalogType::TABLE_ENTRY) {
            throw Error(ErrorKind::kNotFound, "there is no table {}", statement.table.ToSql())
                .At(SpotOf(statement.table.position));
        }
        entry = EntryToWrite(client, found->Cast<duckdb::TableCatalogEntry>());
        alteration = std::make_unique<TableAlteration>(client, *entry);
        NamingTable(entry->row().name, [&] {
            for (const sql::AlterAction& action : statement.actions) alteration->Apply(action);
        });
        VerifyRules(client, entry->row().name, alteration->Metadata(), entry->metadata().checks);
    });
    if (!alteration || !alteration->is_changed()) return;
    const TableName& name = entry->row().name;
    auto metadata = std::make_shared<table::TableMetadata>(alteration->Metadata());
    if (alteration->must_check_rows()) CheckRows(connection, statement, name, *metadata);
    for (const std::string& column : alteration->to_sync()) {
        const int at = metadata->schema.Find(column);
        SyncIdentity(connection, statement, metadata->schema.fields[static_cast<size_t>(at)]);
    }
    client.RunFunctionInTransaction([&] {
        ChangeBuilder builder(client, alteration->operation());
        table::Change change = builder.Take();
        change.parameters = alteration->parameters();
        table::TableFormat& format = entry->core().FormatNamed(entry->row().format);
        change.metadata = NamingTable(name, [&] {
            return format.Define(*metadata, entry->snapshot(), table::Definition::kAlters);
        });
        NotePropertiesMeant(format, *metadata, &entry->metadata(), *ClientState::Of(client).meter);
        LakeTransaction::Of(client, entry->ParentCatalog()).Stage(*entry, std::move(change));
    });
    transaction.Commit();
}

}  // namespace tarn::engine::duck
