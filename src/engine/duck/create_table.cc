#include "engine/duck/create_table.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "duckdb/parser/constraints/not_null_constraint.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "engine/duck/about_table.h"
#include "engine/duck/catalog.h"
#include "engine/duck/change_builder.h"
#include "engine/duck/client_state.h"
#include "engine/duck/errors.h"
#include "engine/duck/table_rules.h"
#include "engine/duck/types.h"
#include "table/schema_edit.h"

namespace tarn::engine::duck {
namespace {

constexpr const char* kDefaultFormat = "delta";

void SetComment(table::Field& field, const std::string& comment) {
    field.metadata.emplace_back("comment", nlohmann::json(comment).dump());
}

std::vector<table::Field> FieldsOf(const duckdb::CreateTableInfo& info, Meter& meter) {
    std::vector<table::Field> fields;
    std::vector<std::string> notices;
    for (const auto& column : info.columns.Logical()) {
        if (column.Generated() || column.HasDefaultValue()) {
            throw Error(ErrorKind::kUnsupported, "column {}: tables have no {} yet", column.Name(),
                        column.Generated() ? "generated columns" : "defaults");
        }
        table::Field field;
        field.name = column.Name();
        field.physical_name = column.Name();
        field.type = ToTableType(column.Type(), column.Name(), notices);
        fields.push_back(std::move(field));
    }
    for (std::string& notice : notices) meter.AddNotice(std::move(notice));
    for (const auto& constraint : info.constraints) {
        if (constraint->type != duckdb::ConstraintType::NOT_NULL) {
            throw Error(ErrorKind::kUnsupported,
                        "tables have no {} constraint yet: NOT NULL is what they hold",
                        constraint->ToString());
        }
        fields[constraint->Cast<duckdb::NotNullConstraint>().index.index].nullable = false;
    }
    return fields;
}

std::string ExistingName(const table::Schema& schema, const std::string& column,
                         std::string_view clause) {
    const int index = schema.Find(column);
    if (index < 0)
        throw table::NoColumn(fmt::format("{} ({})", column, clause), column, schema.fields);
    return schema.fields[static_cast<size_t>(index)].name;
}

void ApplyTableClauses(const sql::TableClauses& clauses, table::TableMetadata& metadata) {
    for (const std::string& column : clauses.partition_columns) {
        metadata.partition_columns.push_back(
            ExistingName(metadata.schema, column, "PARTITIONED BY"));
    }
    for (const std::string& column : clauses.cluster_columns)
        metadata.clustering_columns.push_back(ExistingName(metadata.schema, column, "CLUSTER BY"));
    if (clauses.comment) metadata.description = *clauses.comment;
    metadata.properties = clauses.properties;
    for (const auto& [column, comment] : clauses.column_comments) {
        const std::string name = ExistingName(metadata.schema, column, "COMMENT");
        SetComment(metadata.schema.fields[static_cast<size_t>(metadata.schema.Find(name))],
                   comment);
    }
    for (const sql::ColumnClauses& rules : clauses.column_rules) {
        const std::string name = ExistingName(metadata.schema, rules.column, "CREATE TABLE");
        ApplyClauses(rules,
                     metadata.schema.fields[static_cast<size_t>(metadata.schema.Find(name))]);
    }
    for (const sql::CheckClause& check : clauses.checks) AddCheck(check, metadata.name, metadata);
}

void RefuseForeignClauses(const duckdb::CreateTableInfo& info) {
    if (!info.sort_keys.empty())
        throw Error(ErrorKind::kUnsupported, "SORTED BY is not written yet");
    if (!info.partition_keys.empty() || !info.options.empty()) {
        throw Error(ErrorKind::kInvalidInput,
                    "write PARTITIONED BY (...) and TBLPROPERTIES (...) behind the columns");
    }
}

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
    while (location.size() > 1 && location.back() == '/') location.pop_back();
    return location;
}

}  // namespace

std::optional<TablePlan> PlanTable(duckdb::ClientContext& client, SchemaEntry& in_schema,
                                   duckdb::BoundCreateTableInfo& info) {
    CheckDefinitionAllowed(client);
    Core& core = in_schema.Lake().core();
    ClientState& state = ClientState::Of(client);
    auto& base = info.Base();
    const TableName name{in_schema.name, base.table};
    core.parts.policy.Authorize(state.principal, Action::kCreate, name);
    RefuseForeignClauses(base);
    const auto existing = in_schema.FindRow(client, base.table);
    if (existing && base.on_conflict == duckdb::OnCreateConflict::IGNORE_ON_CONFLICT)
        return std::nullopt;
    const bool is_replaced =
        existing && base.on_conflict == duckdb::OnCreateConflict::REPLACE_ON_CONFLICT;
    if (existing && (!is_replaced || existing->kind != EntryKind::kTable)) {
        throw Error(ErrorKind::kAlreadyExists, "{} exists already", name.ToString());
    }
    const sql::TableClauses* clauses = state.clauses;
    auto metadata = std::make_shared<table::TableMetadata>();
    metadata->name = base.table;
    metadata->schema.fields = FieldsOf(base, *state.meter);
    metadata->created_ms = ToUnixMs(core.parts.clock.Now());
    if (!base.comment.IsNull()) metadata->description = base.comment.ToString();
    if (clauses != nullptr) {
        NamingTable(name, [&] { ApplyTableClauses(*clauses, *metadata); });
    }
    VerifyRules(client, name, *metadata, {});

    TablePlan plan;
    auto& creation = plan.creation;
    creation.name = name;
    if (is_replaced) {
        plan.replaced = LakeTransaction::Of(client, in_schema.ParentCatalog())
                            .Table(in_schema, *existing, table::Latest{});
        metadata->id = plan.replaced->metadata().id;
        metadata->created_ms = plan.replaced->metadata().created_ms;
        creation.location = existing->location;
        creation.format = existing->format;
        creation.metadata = NamingTable(name, [&] {
            return core.FormatNamed(creation.format)
                .Define(*metadata, plan.replaced->snapshot(), table::Definition::kReplaces);
        });
        return plan;
    }
    metadata->id = NewUuid(core.parts.clock, core.parts.random);
    creation.format = clauses != nullptr && clauses->format ? *clauses->format : kDefaultFormat;
    if (in_schema.is_for_paths()) creation.format = in_schema.name;
    creation.metadata = NamingTable(name, [&] {
        return core.FormatNamed(creation.format)
            .Define(*metadata, nullptr, table::Definition::kCreates);
    });
    creation.location = LocationOf(core, in_schema, name, clauses, metadata->id);
    if (!in_schema.is_for_paths()) {
        DirectoryEntry row;
        row.id = metadata->id;
        row.name = name;
        row.format = creation.format;
        row.location = creation.location;
        row.managed = clauses == nullptr || !clauses->location;
        row.comment = metadata->description;
        creation.row = std::move(row);
    }
    return plan;
}

void StageTable(duckdb::ClientContext& client, SchemaEntry& in_schema, TablePlan plan,
                std::vector<table::DataFile> files, uint64_t rows, bool has_query) {
    auto& transaction = LakeTransaction::Of(client, in_schema.ParentCatalog());
    std::string operation = plan.replaced ? "CREATE OR REPLACE TABLE" : "CREATE TABLE";
    if (has_query) operation += " AS SELECT";
    ChangeBuilder builder(client, std::move(operation));
    builder.SetPartitioning(plan.creation.metadata->partition_columns);
    builder.SetWritten(std::move(files), rows);
    if (!plan.replaced) {
        plan.creation.change = builder.Take();
        transaction.StageCreation(std::move(plan.creation));
        return;
    }
    builder.SetRemoved(plan.replaced->snapshot()->Plan(table::Predicate::True()).files);
    table::Change change = builder.Take();
    change.metadata = plan.creation.metadata;
    // Rows added meanwhile have the old columns: they must not stay.
    change.reads.whole_table = true;
    transaction.Stage(*plan.replaced, std::move(change));
}

void StageEmptyTable(duckdb::ClientContext& client, SchemaEntry& in_schema,
                     duckdb::BoundCreateTableInfo& info) {
    auto plan = PlanTable(client, in_schema, info);
    if (plan) StageTable(client, in_schema, std::move(*plan), {}, 0, false);
}

}  // namespace tarn::engine::duck
