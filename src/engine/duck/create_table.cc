#include "engine/duck/create_table.h"

#include "base/text.h"
#include "duckdb/parser/constraints/not_null_constraint.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "engine/duck/about_table.h"
#include "engine/duck/bare_table.h"
#include "engine/duck/catalog.h"
#include "engine/duck/change_builder.h"
#include "engine/duck/client_state.h"
#include "engine/duck/column_comment.h"
#include "engine/duck/errors.h"
#include "engine/duck/new_table.h"
#include "engine/duck/spark_settings.h"
#include "engine/duck/table_rules.h"
#include "engine/duck/text_limits.h"
#include "engine/duck/types.h"
#include "table/schema_edit.h"

namespace tarn::engine::duck {
namespace {

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

// A column or a field behind dots, as the schema spells them.
std::string ExistingPath(const table::Schema& schema, const std::string& text) {
    std::vector<std::string> spelled;
    const std::vector<table::Field>* fields = &schema.fields;
    for (const std::string& part : table::PathNamed(schema, text)) {
        const int at = table::FindField(*fields, part);
        if (at < 0) throw table::NoColumn(text + " (CLUSTER BY)", part, *fields);
        const table::Field& field = (*fields)[static_cast<size_t>(at)];
        spelled.push_back(field.name);
        fields = &field.type.children();
    }
    return Join(spelled, ".");
}

void RefuseForeignClauses(const duckdb::CreateTableInfo& info) {
    if (!info.sort_keys.empty())
        throw Error(ErrorKind::kUnsupported, "SORTED BY is not written yet");
    if (!info.partition_keys.empty() || !info.options.empty()) {
        throw Error(ErrorKind::kInvalidInput,
                    "write PARTITIONED BY (...) and TBLPROPERTIES (...) behind the columns");
    }
}

}  // namespace

void NoteUnenforced(const std::vector<std::string>& keys, Meter& meter) {
    for (const std::string& key : keys)
        meter.AddNotice(key + " is not enforced and not kept: check it by a test of the model");
}

void ApplyTableClauses(const sql::TableClauses& clauses, table::TableMetadata& metadata) {
    for (const std::string& column : clauses.partition_columns) {
        metadata.partition_columns.push_back(
            ExistingName(metadata.schema, column, "PARTITIONED BY"));
    }
    for (const std::string& column : clauses.cluster_columns)
        metadata.clustering_columns.push_back(ExistingPath(metadata.schema, column));
    if (clauses.comment) metadata.description = *clauses.comment;
    for (const auto& [key, value] : clauses.properties) metadata.properties[key] = value;
    for (const auto& [column, comment] : clauses.column_comments) {
        const std::string name = ExistingName(metadata.schema, column, "COMMENT");
        SetComment(metadata.schema.fields[static_cast<size_t>(metadata.schema.Find(name))],
                   comment);
    }
    for (const sql::ColumnClauses& rules : clauses.column_rules) {
        const std::string name = ExistingName(metadata.schema, rules.column, "CREATE TABLE");
        const int at = metadata.schema.Find(name);
        table::Field& field = metadata.schema.fields[static_cast<size_t>(at)];
        ApplyClauses(rules, field);
        KeepLimits(field);
    }
    for (const sql::CheckClause& check : clauses.checks) AddCheck(check, metadata.name, metadata);
}

std::optional<TablePlan> PlanTable(duckdb::ClientContext& client, SchemaEntry& in_schema,
                                   duckdb::BoundCreateTableInfo& info) {
    CheckDefinitionAllowed(client);
    ClientState& state = ClientState::Of(client);
    auto& base = info.Base();
    RefuseForeignClauses(base);
    const auto target = FindTarget(client, in_schema, base.table, base.on_conflict);
    if (!target) return std::nullopt;
    const sql::TableClauses* clauses = state.clauses;
    table::TableMetadata metadata;
    metadata.name = base.table;
    metadata.schema.fields = FieldsOf(base, *state.meter);
    if (!base.comment.IsNull()) metadata.description = base.comment.ToString();
    if (clauses != nullptr) {
        NamingTable(target->name, [&] { ApplyTableClauses(*clauses, metadata); });
        NoteUnenforced(clauses->unenforced, *state.meter);
    }
    AddSessionDefaults(state, metadata);
    VerifyRules(client, target->name, metadata, {});
    const auto definition =
        target->existing ? table::Definition::kReplaces : table::Definition::kCreates;
    return PlanTarget(client, in_schema, *target, std::move(metadata), clauses, definition);
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
    const ClientState& state = ClientState::Of(client);
    const auto& base = info.Base();
    const bool is_replaced = base.on_conflict == duckdb::OnCreateConflict::REPLACE_ON_CONFLICT;
    if (state.clauses != nullptr && state.clauses->location && !is_replaced) {
        const auto target = FindTarget(client, in_schema, base.table, base.on_conflict);
        if (!target) return;
        Meter untold;
        if (AdoptTable(in_schema, *target, *state.clauses, FieldsOf(base, untold))) return;
    }
    auto plan = PlanTable(client, in_schema, info);
    if (plan) StageTable(client, in_schema, std::move(*plan), {}, 0, false);
}

}  // namespace tarn::engine::duck
