#include "engine/duck/bare_table.h"

#include "base/text.h"
#include "engine/duck/catalog.h"
#include "engine/duck/change_builder.h"
#include "engine/duck/client_state.h"
#include "engine/duck/clone_table.h"
#include "engine/duck/create_table.h"
#include "engine/duck/errors.h"
#include "engine/duck/named_table.h"
#include "engine/duck/spark_settings.h"
#include "engine/duck/text_limits.h"
#include "table/schema_edit.h"

namespace tarn::engine::duck {
namespace {

// Of a table in a catalog; tables themselves keep none.
constexpr const char* kOwner = "owner";

[[noreturn]] void FailDiffers(const TableName& name, const std::string& location,
                              const std::string& what, const std::string& wanted,
                              const std::string& found) {
    throw Error(ErrorKind::kInvalidInput,
                "CREATE TABLE {}: the table at {} has {} {}, not {}; leave that out of the "
                "statement, and change the table by ALTER TABLE",
                name.ToString(), location, what, found, wanted);
}

void CheckList(const TableName& name, const std::string& location, const char* what,
               const std::vector<std::string>& wanted, const std::vector<std::string>& found) {
    const bool is_same =
        std::equal(wanted.begin(), wanted.end(), found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return EqualsIgnoreCase(a, b); });
    if (!wanted.empty() && !is_same)
        FailDiffers(name, location, what, Join(wanted, ", "), Join(found, ", "));
}

std::string Described(const table::Field& field, const table::Type& type) {
    return field.name + " " + type.ToString() + (field.nullable ? "" : " NOT NULL");
}

// With the lengths of texts where the statement says some.
void CheckSameColumns(const TableName& name, const std::string& location,
                      const sql::TableClauses& clauses, std::vector<table::Field> fields,
                      const std::vector<table::Field>& there) {
    for (const sql::ColumnClauses& rules : clauses.column_rules) {
        const int at = table::FindField(fields, rules.column);
        if (at >= 0) SetLimits(rules.text_limits, fields[static_cast<size_t>(at)]);
    }
    std::vector<std::string> wanted;
    std::vector<std::string> found;
    for (const table::Field& field : fields) wanted.push_back(Described(field, field.type));
    for (size_t i = 0; i < there.size(); i++) {
        const bool is_limited = i < fields.size() && HasLimits(fields[i].type);
        found.push_back(Described(there[i], is_limited ? LimitedType(there[i]) : there[i].type));
    }
    CheckList(name, location, "the columns", wanted, found);
}

// What the statement says of the table must be so.
void CheckSame(const TableName& name, const std::string& location, const sql::TableClauses& clauses,
               const std::vector<table::Field>& fields, const table::TableMetadata& there) {
    CheckSameColumns(name, location, clauses, fields, there.schema.fields);
    const bool has_rules = std::any_of(
        clauses.column_rules.begin(), clauses.column_rules.end(),
        [](const auto& rules) { return rules.GivesValues() || !rules.not_null_fields.empty(); });
    if (has_rules || !clauses.checks.empty() || !clauses.column_comments.empty())
        FailDiffers(name, location, "comments and rules of columns", "these", "its own");
    CheckList(name, location, "the partition columns", clauses.partition_columns,
              there.partition_columns);
    CheckList(name, location, "the clustering columns", clauses.cluster_columns,
              there.clustering_columns);
    for (const auto& [key, value] : clauses.properties) {
        if (key == kOwner) continue;
        const auto found = there.properties.find(key);
        if (found == there.properties.end() || found->second != value) {
            FailDiffers(name, location, "the property " + key, value,
                        found == there.properties.end() ? "without a value" : found->second);
        }
    }
}

bool NamesOthersFiles(const table::Snapshot& snapshot) {
    const std::string folder = snapshot.Location() + "/";
    const auto files = snapshot.Plan(table::Predicate::True()).files;
    return std::any_of(files.begin(), files.end(), [&](const table::DataFile& file) {
        return !file.location.starts_with(folder);
    });
}

// Of the same columns, partitions, constraints and properties.
table::TableMetadata MetadataLike(duckdb::ClientContext& client, const sql::QualifiedName& name) {
    const NamedTable named = NamedTable::Of(client, name);
    const auto source = FindLakeTable(client, named);
    if (source == nullptr) {
        if (FindEntry(client, named) == nullptr) {
            throw Error(ErrorKind::kNotFound, "CREATE TABLE LIKE {}: there is no such table",
                        name.ToSql())
                .At(SpotOf(name.position));
        }
        throw Error(ErrorKind::kUnsupported,
                    "CREATE TABLE LIKE {0}: it is no table of the lake; use CREATE TABLE ... AS "
                    "SELECT * FROM {0} LIMIT 0",
                    name.ToSql())
            .At(SpotOf(name.position));
    }
    source->core().parts.policy.Authorize(ClientState::Of(client).principal, Action::kRead,
                                          source->row().name);
    table::TableMetadata metadata = source->metadata();
    for (table::Field& field : metadata.schema.fields) {
        if (field.rules.identity) field.rules.identity->high_water_mark.reset();
    }
    return metadata;
}

}  // namespace

duckdb::OnCreateConflict IfItExists(bool or_replace, bool if_not_exists) {
    if (or_replace) return duckdb::OnCreateConflict::REPLACE_ON_CONFLICT;
    return if_not_exists ? duckdb::OnCreateConflict::IGNORE_ON_CONFLICT
                         : duckdb::OnCreateConflict::ERROR_ON_CONFLICT;
}

bool AdoptTable(SchemaEntry& in_schema, const NewTarget& target, const sql::TableClauses& clauses,
                const std::vector<table::Field>& fields) {
    if (!clauses.location || target.existing) return false;
    Core& core = in_schema.Lake().core();
    const std::string location = FolderOf(*clauses.location);
    table::TableFormat& format = core.FormatNamed(clauses.format.value_or("delta"));
    if (!core.parts.store.Handles(location) || !format.Exists(location)) return false;
    if (in_schema.is_for_paths())
        throw Error(ErrorKind::kAlreadyExists, "{} is a table already", location);
    const auto snapshot = format.Load(location, table::Latest{});
    CheckSame(target.name, location, clauses, fields, snapshot->Metadata());
    DirectoryEntry row;
    row.id = snapshot->Metadata().id;
    row.name = target.name;
    row.format = format.Name();
    row.location = location;
    row.managed = false;
    row.comment = clauses.comment.value_or(snapshot->Metadata().description);
    if (const auto owner = clauses.properties.find(kOwner); owner != clauses.properties.end())
        row.properties[kOwner] = owner->second;
    if (NamesOthersFiles(*snapshot)) row.properties[kClonedFrom] = "";
    core.parts.directory.Register(row);
    return true;
}

void CreateBareTable(duckdb::ClientContext& client, const sql::CreateBareTable& statement) {
    const sql::TableClauses& clauses = statement.clauses;
    SchemaEntry& in_schema = SchemaOf(client, clauses.table);
    const auto target = FindTarget(client, in_schema, clauses.table.parts.back(),
                                   IfItExists(statement.or_replace, statement.if_not_exists));
    if (!target) return;
    table::TableMetadata metadata;
    if (statement.like) {
        metadata = MetadataLike(client, *statement.like);
    } else if (AdoptTable(in_schema, *target, clauses, {})) {
        return;
    }
    metadata.name = target->name.name;
    ApplyTableClauses(clauses, metadata);
    auto definition = target->existing ? table::Definition::kReplaces : table::Definition::kCreates;
    if (statement.like) {
        definition = table::Definition::kClones;
    } else {
        AddSessionDefaults(ClientState::Of(client), metadata);
    }
    StageTable(client, in_schema,
               PlanTarget(client, in_schema, *target, std::move(metadata), &clauses, definition),
               {}, 0, false);
}

}  // namespace tarn::engine::duck
