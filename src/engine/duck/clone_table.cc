#include "engine/duck/clone_table.h"

#include "engine/duck/bare_table.h"
#include "engine/duck/catalog.h"
#include "engine/duck/client_state.h"
#include "engine/duck/errors.h"

namespace tarn::engine::duck {
namespace {

table::TableMetadata MetadataOf(const sql::Clone& statement, const table::TableMetadata& source) {
    table::TableMetadata metadata = source;
    metadata.name = statement.target.parts.back();
    for (const auto& [key, value] : statement.properties) metadata.properties[key] = value;
    return metadata;
}

}  // namespace

std::optional<PlannedClone> PlanCloneTable(duckdb::ClientContext& client,
                                           const sql::Clone& statement,
                                           const std::shared_ptr<TableEntry>& source) {
    SchemaEntry& in_schema = SchemaOf(client, statement.target);
    auto target = FindTarget(client, in_schema, statement.target.parts.back(),
                             IfItExists(statement.or_replace, statement.if_not_exists));
    if (!target) return std::nullopt;
    sql::TableClauses clauses;
    clauses.format = source->row().format;
    clauses.location = statement.location;
    TablePlan planned =
        PlanTarget(client, in_schema, *target, MetadataOf(statement, source->metadata()), &clauses,
                   table::Definition::kClones);
    const std::string& location = planned.creation.location;
    if (location == source->row().location) {
        throw Error(ErrorKind::kInvalidInput, "{} cannot be cloned into itself",
                    source->row().name.ToString());
    }
    upkeep::ClonePlan files = upkeep::PlanClone(
        *source->snapshot(), planned.replaced ? planned.replaced->snapshot().get() : nullptr,
        location, statement.is_shallow);
    return PlannedClone{in_schema, *std::move(target), std::move(planned), std::move(files)};
}

std::optional<upkeep::ClonePlan> CloneTable(duckdb::ClientContext& client,
                                            const sql::Clone& statement,
                                            const std::shared_ptr<TableEntry>& source,
                                            const std::function<void(double)>& step) {
    auto clone = PlanCloneTable(client, statement, source);
    if (!clone) return std::nullopt;
    auto& [in_schema, target, planned, plan] = *clone;
    Core& core = in_schema.Lake().core();
    auto& creation = planned.creation;
    const auto& snapshot = source->snapshot();
    upkeep::CopyObjects(core.parts.store, plan.copies, step);
    table::Change change = upkeep::CloneChange(plan, snapshot, statement.is_shallow);
    auto& transaction = LakeTransaction::Of(client, in_schema.ParentCatalog());
    if (statement.is_shallow && in_schema.is_for_paths()) {
        ClientState::Of(client).meter->AddNotice(
            "the lake does not know the clone at " + creation.location + ": VACUUM of " +
            source->row().name.ToString() + " may delete files that it needs; enter it with " +
            "CREATE TABLE name LOCATION '" + creation.location + "'");
    }
    if (planned.replaced) {
        // Before its commit: VACUUM of the source must not come between.
        if (statement.is_shallow && !in_schema.is_for_paths())
            core.parts.directory.SetProperty(target.name, kClonedFrom, snapshot->Location());
        change.metadata = creation.metadata;
        transaction.Stage(*planned.replaced, std::move(change));
        return std::move(plan);
    }
    if (creation.row && statement.is_shallow)
        creation.row->properties[kClonedFrom] = snapshot->Location();
    creation.change = std::move(change);
    transaction.StageCreation(std::move(creation));
    return std::move(plan);
}

std::vector<table::SnapshotPtr> ShallowClones(Core& core) {
    std::vector<table::SnapshotPtr> clones;
    for (const engine::SchemaEntry& schema : core.parts.directory.Schemas()) {
        for (const DirectoryEntry& row : core.parts.directory.List(schema.name)) {
            if (row.kind != EntryKind::kTable || !row.properties.contains(kClonedFrom)) continue;
            clones.push_back(core.FormatNamed(row.format).Load(row.location, table::Latest{}));
        }
    }
    return clones;
}

}  // namespace tarn::engine::duck
