#include "engine/duck/new_table.h"

#include "engine/duck/about_table.h"
#include "engine/duck/catalog.h"
#include "engine/duck/client_state.h"
#include "engine/duck/errors.h"
#include "engine/duck/named_table.h"

namespace tarn::engine::duck {
namespace {

constexpr const char* kDefaultFormat = "delta";

std::string LocationOf(Core& core, const SchemaEntry& in_schema, const TableName& name,
                       const sql::TableClauses* clauses, const std::string& id) {
    std::string location;
    if (in_schema.is_for_paths()) {
        location = name.name;
    } else if (clauses != nullptr && clauses->location) {
        location = *clauses->location;
        if (!core.parts.store.Handles(location)) {
            throw Error(ErrorKind::kInvalidInput,
                        "LOCATION {}: expected an absolute path or a URL of a known store",
                        location);
        }
    } else {
        return core.parts.directory.ManagedLocation(name, id);
    }
    return FolderOf(std::move(location));
}

// What the format added for the columns' names shuts out readers that are told so.
void NoteMapping(const table::TableMetadata& wanted, const table::TableMetadata& defined,
                 Meter& meter) {
    for (const auto& [key, value] : defined.properties) {
        if (!key.ends_with("columnMapping.mode") || wanted.properties.contains(key)) continue;
        meter.AddNotice("the table gets " + key + " = " + value +
                        ": names of its columns have characters that files cannot have, or "
                        "icebergCompat asks for it; older readers do not know it");
    }
}

}  // namespace

void NotePropertiesMeant(const table::TableFormat& format, const table::TableMetadata& wanted,
                         const table::TableMetadata* base, Meter& meter) {
    for (const auto& [key, value] : wanted.properties) {
        if (base != nullptr && base->properties.contains(key)) continue;
        if (const auto meant = format.PropertyMeant(key))
            meter.AddNotice("the property " + key + " is kept; it changes nothing. Did you mean " +
                            *meant + "?");
    }
}

std::optional<NewTarget> FindTarget(duckdb::ClientContext& client, SchemaEntry& in_schema,
                                    const std::string& name,
                                    duckdb::OnCreateConflict if_it_exists) {
    CheckDefinitionAllowed(client);
    NewTarget target{{in_schema.name, name}, in_schema.FindRow(client, name)};
    in_schema.Lake().core().parts.policy.Authorize(ClientState::Of(client).principal,
                                                   Action::kCreate, target.name);
    if (!target.existing) return target;
    if (if_it_exists == duckdb::OnCreateConflict::IGNORE_ON_CONFLICT) return std::nullopt;
    const bool is_replaced = if_it_exists == duckdb::OnCreateConflict::REPLACE_ON_CONFLICT &&
                             target.existing->kind == EntryKind::kTable;
    if (!is_replaced)
        throw Error(ErrorKind::kAlreadyExists, "{} exists already", target.name.ToString());
    return target;
}

SchemaEntry& SchemaOf(duckdb::ClientContext& client, const sql::QualifiedName& name) {
    const NamedTable named = NamedTable::Of(client, name);
    auto& schema = duckdb::Catalog::GetSchema(client, named.catalog, named.schema);
    if (schema.catalog.GetCatalogType() != LakeCatalog::kType) {
        throw Error(ErrorKind::kUnsupported, "{} would be no table of the lake", name.ToSql())
            .At(SpotOf(name.position));
    }
    return schema.Cast<SchemaEntry>();
}

TablePlan PlanTarget(duckdb::ClientContext& client, SchemaEntry& in_schema, const NewTarget& target,
                     table::TableMetadata metadata, const sql::TableClauses* clauses,
                     table::Definition definition) {
    Core& core = in_schema.Lake().core();
    TablePlan plan;
    auto& creation = plan.creation;
    creation.name = target.name;
    Meter& meter = *ClientState::Of(client).meter;
    const auto note_meant = [&](const table::TableMetadata* base) {
        // A clone has the properties of its source.
        if (definition != table::Definition::kClones)
            NotePropertiesMeant(core.FormatNamed(creation.format), metadata, base, meter);
    };
    if (target.existing) {
        plan.replaced = LakeTransaction::Of(client, in_schema.ParentCatalog())
                            .Table(in_schema, *target.existing, table::Latest{});
        metadata.id = plan.replaced->metadata().id;
        metadata.created_ms = plan.replaced->metadata().created_ms;
        creation.location = target.existing->location;
        creation.format = target.existing->format;
        creation.metadata = NamingTable(target.name, [&] {
            return core.FormatNamed(creation.format)
                .Define(metadata, plan.replaced->snapshot(), definition);
        });
        note_meant(&plan.replaced->metadata());
        return plan;
    }
    metadata.id = NewUuid(core.parts.clock, core.parts.random);
    metadata.created_ms = ToUnixMs(core.parts.clock.Now());
    creation.format = clauses != nullptr && clauses->format ? *clauses->format : kDefaultFormat;
    if (in_schema.is_for_paths()) creation.format = in_schema.name;
    creation.metadata = NamingTable(target.name, [&] {
        return core.FormatNamed(creation.format).Define(metadata, nullptr, definition);
    });
    NoteMapping(metadata, *creation.metadata, meter);
    note_meant(nullptr);
    creation.location = LocationOf(core, in_schema, target.name, clauses, metadata.id);
    if (!in_schema.is_for_paths()) {
        DirectoryEntry row;
        row.id = metadata.id;
        row.name = target.name;
        row.format = creation.format;
        row.location = creation.location;
        row.managed = clauses == nullptr || !clauses->location;
        row.comment = metadata.description;
        creation.row = std::move(row);
    }
    return plan;
}

}  // namespace tarn::engine::duck
