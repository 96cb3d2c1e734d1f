#include "engine/duck/alter_entry.h"

#include "duckdb/catalog/catalog.hpp"
#include "engine/duck/catalog.h"
#include "engine/duck/client_state.h"
#include "engine/duck/named_table.h"
#include "engine/duck/schema_entry.h"
#include "engine/duck/view_definition.h"

namespace tarn::engine::duck {
namespace {

// Gives `entry`, a view or a schema, the comment or the properties that the statement says.
template <typename Entry>
void Apply(const sql::AlterEntry& statement, Entry& entry) {
    const auto check = [&](const std::string& key) {
        if (!statement.is_schema) CheckPropertyName(key);
    };
    if (const auto* said = std::get_if<sql::SetTableComment>(&statement.change)) {
        entry.comment = said->text;
    } else if (const auto* set = std::get_if<sql::SetProperties>(&statement.change)) {
        for (const auto& [key, value] : set->properties) {
            check(key);
            entry.properties[key] = value;
        }
    } else {
        const auto& unset = std::get<sql::UnsetProperties>(statement.change);
        for (const std::string& key : unset.keys) {
            check(key);
            if (entry.properties.erase(key) > 0 || unset.if_exists) continue;
            throw Error(ErrorKind::kNotFound,
                        "there is no property {}; UNSET ... IF EXISTS passes over it", key)
                .At(SpotOf(statement.name.position));
        }
    }
}

Error NoLake(const sql::AlterEntry& statement) {
    return Error(ErrorKind::kUnsupported, "{} is no {} of the lake", statement.name.ToSql(),
                 statement.is_schema ? "schema" : "view")
        .At(SpotOf(statement.name.position));
}

void AlterSchema(duckdb::ClientContext& client, const sql::AlterEntry& statement) {
    const auto& parts = statement.name.parts;
    auto found = duckdb::Catalog::GetSchema(
        client, parts.size() > 1 ? parts[0] : std::string(INVALID_CATALOG), parts.back(),
        statement.if_exists ? duckdb::OnEntryNotFound::RETURN_NULL
                            : duckdb::OnEntryNotFound::THROW_EXCEPTION);
    if (!found) return;
    if (found->catalog.GetCatalogType() != LakeCatalog::kType) throw NoLake(statement);
    const EngineParts& lake = static_cast<LakeCatalog&>(found->catalog).core().parts;
    lake.policy.Authorize(ClientState::Of(client).principal, Action::kCreate, {found->name, "*"});
    auto schema = lake.directory.FindSchema(found->name);
    if (!schema) throw NoLake(statement);
    Apply(statement, *schema);
    lake.directory.DescribeSchema(*schema);
}

void AlterView(duckdb::ClientContext& client, const sql::AlterEntry& statement) {
    auto entry = FindEntry(client, NamedTable::Of(client, statement.name));
    if (!entry && statement.if_exists) return;
    if (!entry) {
        throw Error(ErrorKind::kNotFound, "there is no view {}", statement.name.ToSql())
            .At(SpotOf(statement.name.position));
    }
    if (entry->type != duckdb::CatalogType::VIEW_ENTRY) {
        throw Error(ErrorKind::kInvalidInput, "{} is no view: use ALTER TABLE",
                    statement.name.ToSql())
            .At(SpotOf(statement.name.position));
    }
    if (entry->ParentCatalog().GetCatalogType() != LakeCatalog::kType) throw NoLake(statement);
    const EngineParts& lake = static_cast<LakeCatalog&>(entry->ParentCatalog()).core().parts;
    const TableName name{entry->ParentSchema().name, entry->name};
    lake.policy.Authorize(ClientState::Of(client).principal, Action::kAlter, name);
    auto view = lake.directory.Find(name);
    if (!view || view->kind != EntryKind::kView) throw NoLake(statement);
    Apply(statement, *view);
    lake.directory.Replace(*view);
}

}  // namespace

void RunAlterEntry(duckdb::ClientContext& client, const sql::AlterEntry& statement) {
    CheckDefinitionAllowed(client);
    if (statement.is_schema) {
        AlterSchema(client, statement);
    } else {
        AlterView(client, statement);
    }
}

}  // namespace tarn::engine::duck
