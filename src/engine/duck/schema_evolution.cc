#include "engine/duck/schema_evolution.h"

#include <algorithm>

#include "base/text.h"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "engine/duck/about_table.h"
#include "engine/duck/catalog.h"
#include "engine/duck/client_state.h"
#include "engine/duck/merge_columns.h"
#include "engine/duck/named_table.h"
#include "engine/duck/spark_settings.h"
#include "engine/duck/transaction.h"
#include "engine/duck/types.h"
#include "table/schema_evolution.h"

namespace tarn::engine::duck {
namespace {

using Names = std::vector<std::string>;

// Tarn's own name; Spark's is in spark_settings.
constexpr const char* kSetting = "merge_schema";

bool Has(const Names& names, const std::string& name) {
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& other) { return EqualsIgnoreCase(name, other); });
}

// The columns that the actions of a MERGE write: all of the source for a star, those that it names
// else.
Names WrittenColumns(const duckdb::MergeIntoStatement& merge, const Names& source) {
    Names written;
    const auto add = [&](const duckdb::vector<std::string>& columns, const auto& expressions) {
        if (!IsStar(columns)) {
            written.insert(written.end(), columns.begin(), columns.end());
            return;
        }
        const Names excepted = ExceptedColumns(*expressions.front());
        for (const std::string& column : source) {
            if (!Has(excepted, column)) written.push_back(column);
        }
    };
    for (const auto& [condition, actions] : merge.actions) {
        for (const auto& action : actions) {
            if (action->update_info) {
                add(action->update_info->columns, action->update_info->expressions);
            } else {
                add(action->insert_columns, action->expressions);
            }
        }
    }
    return written;
}

}  // namespace

void RegisterSchemaEvolution(duckdb::DBConfig& config) {
    config.AddExtensionOption(
        kSetting, "INSERT and MERGE add the columns that their rows have and the table lacks",
        duckdb::LogicalType::BOOLEAN, duckdb::Value::BOOLEAN(false));
}

bool MergesSchema(duckdb::ClientContext& client) {
    duckdb::Value value;
    const bool is_set = client.TryGetCurrentSetting(kSetting, value) && !value.IsNull();
    return (is_set && value.GetValue<bool>()) ||
           IsSwitchedOn(ClientState::Of(client), SparkSwitch::kMergeSchema);
}

bool WritesRows(const duckdb::SQLStatement& statement) {
    return statement.type == duckdb::StatementType::INSERT_STATEMENT ||
           statement.type == duckdb::StatementType::MERGE_INTO_STATEMENT;
}

void SchemaEvolver::Evolve(duckdb::SQLStatement& statement) {
    client_.RunFunctionInTransaction([&] {
        if (statement.type == duckdb::StatementType::INSERT_STATEMENT) {
            EvolveInsert(statement.Cast<duckdb::InsertStatement>());
        } else if (statement.type == duckdb::StatementType::MERGE_INTO_STATEMENT) {
            EvolveMerge(statement.Cast<duckdb::MergeIntoStatement>());
        }
    });
}

void SchemaEvolver::EvolveInsert(duckdb::InsertStatement& insert) {
    if (!insert.select_statement) return;
    auto target = FindLakeTable(
        client_, NamedTable::Of(client_, insert.catalog, insert.schema, insert.table));
    if (!target) return;
    const table::Schema& schema = target->metadata().schema;
    const RowShape rows = rows_.Of(insert, schema);
    const size_t width = rows_.PlacesOf(insert, schema).size();
    if (IsByPosition(insert) && insert.columns.empty() && rows.names.size() != width)
        insert.columns = {rows.names.begin(), rows.names.end()};
    Stage(*target, rows, "WRITE");
}

void SchemaEvolver::EvolveMerge(const duckdb::MergeIntoStatement& merge) {
    if (merge.target->type != duckdb::TableReferenceType::BASE_TABLE) return;
    const auto& named = merge.target->Cast<duckdb::BaseTableRef>();
    auto target = FindLakeTable(
        client_, NamedTable::Of(client_, named.catalog_name, named.schema_name, named.table_name));
    if (!target) return;
    const RowShape source = rows_.SourceOf(merge);
    const Names written = WrittenColumns(merge, source.names);
    RowShape brought;
    for (size_t i = 0; i < source.names.size(); i++) {
        if (!Has(written, source.names[i])) continue;
        brought.names.push_back(source.names[i]);
        brought.types.push_back(source.types[i]);
    }
    Stage(*target, brought, "MERGE");
}

void SchemaEvolver::Stage(TableEntry& target, const RowShape& rows, const std::string& operation) {
    std::vector<table::Field> given;
    std::vector<std::string> notices;
    for (size_t i = 0; i < rows.names.size(); i++) {
        const bool is_untyped = rows.types[i].id() == duckdb::LogicalTypeId::SQLNULL ||
                                rows.types[i].id() == duckdb::LogicalTypeId::UNKNOWN;
        const bool is_new = target.metadata().schema.Find(rows.names[i]) < 0;
        if (is_untyped && is_new) {
            throw Error(ErrorKind::kInvalidInput,
                        "{}: the rows bring a column {} without one type: give it one, as in "
                        "CAST(NULL AS INTEGER)",
                        target.row().name.ToString(), rows.names[i]);
        }
        if (is_untyped) continue;
        table::Field field;
        field.name = rows.names[i];
        field.physical_name = rows.names[i];
        field.type = ToTableType(rows.types[i], rows.names[i], notices);
        given.push_back(std::move(field));
    }
    table::TableMetadata wanted = target.metadata();
    const bool widens = target.snapshot()->Rules().widens_types;
    if (!table::Evolve(wanted.schema.fields, given, widens)) return;
    table::Change change;
    change.metadata = NamingTable(target.row().name, [&] {
        return target.core()
            .FormatNamed(target.row().format)
            .Define(wanted, target.snapshot(), table::Definition::kAlters);
    });
    for (std::string& notice : notices)
        ClientState::Of(client_).meter->AddNotice(std::move(notice));
    change.operation = operation;
    LakeTransaction::Of(client_, target.ParentCatalog()).Stage(target, std::move(change));
}

}  // namespace tarn::engine::duck
