#include "engine/duck/schema_evolution.h"

#include <algorithm>

#include "base/text.h"
#include "duckdb/parser/expression/star_expression.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/insert_statement.hpp"
#include "duckdb/parser/statement/merge_into_statement.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "duckdb/parser/tableref/expressionlistref.hpp"
#include "duckdb/planner/binder.hpp"
#include "duckdb/planner/bound_parameter_map.hpp"
#include "engine/duck/catalog.h"
#include "engine/duck/client_state.h"
#include "engine/duck/errors.h"
#include "engine/duck/merge_columns.h"
#include "engine/duck/named_table.h"
#include "engine/duck/transaction.h"
#include "engine/duck/types.h"
#include "table/schema_evolution.h"

namespace tarn::engine::duck {
namespace {

using Names = std::vector<std::string>;

// Tarn's own name and Spark's.
constexpr const char* kSettings[] = {"merge_schema",
                                     "spark.databricks.delta.schema.autoMerge.enabled"};

bool Has(const Names& names, const std::string& name) {
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& other) { return EqualsIgnoreCase(name, other); });
}

bool IsByPosition(const duckdb::InsertStatement& insert) {
    return insert.column_order == duckdb::InsertColumnOrder::INSERT_BY_POSITION;
}

duckdb::unique_ptr<duckdb::SQLStatement> WithQueries(
    duckdb::unique_ptr<duckdb::SelectStatement> select,
    const duckdb::CommonTableExpressionMap& queries) {
    for (const auto& [name, query] : queries.map) select->node->cte_map.map[name] = query->Copy();
    return select;
}

duckdb::unique_ptr<duckdb::SelectStatement> CopyOf(const duckdb::SelectStatement& select) {
    auto copied = duckdb::make_uniq<duckdb::SelectStatement>();
    copied->node = select.node->Copy();
    return copied;
}

duckdb::unique_ptr<duckdb::SelectStatement> AllOf(duckdb::TableRef& source) {
    auto node = duckdb::make_uniq<duckdb::SelectNode>();
    node->select_list.push_back(duckdb::make_uniq<duckdb::StarExpression>());
    node->from_table = source.Copy();
    auto select = duckdb::make_uniq<duckdb::SelectStatement>();
    select->node = std::move(node);
    return select;
}

// DEFAULT stands only in a list of values, which cannot be asked for its types then.
bool GivesDefaults(const duckdb::InsertStatement& insert) {
    const auto list = insert.GetValuesList();
    if (!list) return false;
    const auto is_default = [](const auto& value) {
        return value->GetExpressionType() == duckdb::ExpressionType::VALUE_DEFAULT;
    };
    return std::any_of(list->values.begin(), list->values.end(), [&](const auto& row) {
        return std::any_of(row.begin(), row.end(), is_default);
    });
}

// The field that values of `given` have and `own` lacks, with its type; empty when there is none.
std::string LostField(const duckdb::LogicalType& given, const duckdb::LogicalType& own,
                      const std::string& name) {
    if (given.id() != own.id()) return "";
    switch (given.id()) {
        case duckdb::LogicalTypeId::LIST:
            return LostField(duckdb::ListType::GetChildType(given),
                             duckdb::ListType::GetChildType(own), name);
        case duckdb::LogicalTypeId::MAP:
            return LostField(duckdb::MapType::ValueType(given), duckdb::MapType::ValueType(own),
                             name);
        case duckdb::LogicalTypeId::STRUCT:
            break;
        default:
            return "";
    }
    const auto& fields = duckdb::StructType::GetChildTypes(own);
    for (const auto& [field, type] : duckdb::StructType::GetChildTypes(given)) {
        // A row(...) goes by position.
        if (field.empty()) return "";
        const std::string whole = name + "." + field;
        const auto same = std::find_if(fields.begin(), fields.end(), [&](const auto& other) {
            return EqualsIgnoreCase(other.first, field);
        });
        if (same == fields.end()) return whole + " of type " + type.ToString();
        if (std::string lost = LostField(type, same->second, whole); !lost.empty()) return lost;
    }
    return "";
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

// The table's description with what `given` has beyond it, with wider types where its files may
// stay then; null when there is nothing.
std::shared_ptr<const table::TableMetadata> Evolved(const TableEntry& target,
                                                    const std::vector<table::Field>& given) {
    for (const bool widens : {true, false}) {
        table::TableMetadata metadata = target.metadata();
        if (!table::Evolve(metadata.schema.fields, given, widens)) return nullptr;
        try {
            return target.core()
                .FormatNamed(target.row().format)
                .Define(metadata, target.snapshot(), table::Definition::kAlters);
        } catch (const Error& error) {
            if (!widens || error.kind() != ErrorKind::kUnsupported) throw;
        }
    }
    return nullptr;
}

}  // namespace

void RegisterSchemaEvolution(duckdb::DBConfig& config) {
    for (const char* setting : kSettings) {
        config.AddExtensionOption(
            setting, "INSERT and MERGE add the columns that their rows have and the table lacks",
            duckdb::LogicalType::BOOLEAN, duckdb::Value::BOOLEAN(false));
    }
}

bool MergesSchema(duckdb::ClientContext& client) {
    return std::any_of(std::begin(kSettings), std::end(kSettings), [&](const char* setting) {
        duckdb::Value value;
        return client.TryGetCurrentSetting(setting, value) && !value.IsNull() &&
               value.GetValue<bool>();
    });
}

bool WritesRows(const duckdb::SQLStatement& statement) {
    return statement.type == duckdb::StatementType::INSERT_STATEMENT ||
           statement.type == duckdb::StatementType::MERGE_INTO_STATEMENT;
}

std::optional<Names> SchemaEvolver::Evolve(duckdb::SQLStatement& statement) {
    std::optional<Names> given;
    client_.RunFunctionInTransaction([&] {
        if (statement.type == duckdb::StatementType::INSERT_STATEMENT) {
            EvolveInsert(statement.Cast<duckdb::InsertStatement>());
        } else if (statement.type == duckdb::StatementType::MERGE_INTO_STATEMENT) {
            given = EvolveMerge(statement.Cast<duckdb::MergeIntoStatement>());
        }
    });
    return given;
}

SchemaEvolver::Source SchemaEvolver::SourceOf(duckdb::unique_ptr<duckdb::SQLStatement> query) {
    duckdb::BoundParameterMap parameters(parameters_);
    auto binder = duckdb::Binder::CreateBinder(client_);
    binder->SetParameters(parameters);
    binder->SetCanContainNulls(true);
    auto bound = binder->Bind(*query);
    return {std::move(bound.names), std::move(bound.types)};
}

Names SchemaEvolver::PlacesOf(const duckdb::InsertStatement& insert,
                              const table::Schema& schema) const {
    Names places(insert.columns.begin(), insert.columns.end());
    if (places.empty()) {
        for (const table::Field& field : schema.fields) places.push_back(field.name);
    }
    if (!clauses_) return places;
    for (const auto& [column, value] : clauses_->partition) {
        if (!value) continue;
        std::erase_if(places, [&, &constant = column](const std::string& place) {
            return EqualsIgnoreCase(place, constant);
        });
    }
    return places;
}

void SchemaEvolver::EvolveInsert(duckdb::InsertStatement& insert) {
    if (!insert.select_statement || GivesDefaults(insert)) return;
    auto target = FindLakeTable(
        client_, NamedTable::Of(client_, insert.catalog, insert.schema, insert.table));
    if (!target) return;
    const Source source = RowsOf(insert, target->metadata().schema);
    const size_t width = PlacesOf(insert, target->metadata().schema).size();
    if (IsByPosition(insert) && source.names.size() < width && insert.columns.empty())
        insert.columns = source.names;
    Stage(*target, source, "WRITE");
}

SchemaEvolver::Source SchemaEvolver::RowsOf(const duckdb::InsertStatement& insert,
                                            const table::Schema& schema) {
    Source source = SourceOf(WithQueries(CopyOf(*insert.select_statement), insert.cte_map));
    if (!IsByPosition(insert)) return source;
    const Names places = PlacesOf(insert, schema);
    const size_t common = std::min(places.size(), source.names.size());
    std::copy_n(places.begin(), common, source.names.begin());
    return source;
}

void SchemaEvolver::RefuseLoss(const duckdb::SQLStatement& statement) {
    if (statement.type != duckdb::StatementType::INSERT_STATEMENT) return;
    const auto& insert = statement.Cast<duckdb::InsertStatement>();
    // Values of several types are united only by the types of their columns.
    if (!insert.select_statement || insert.GetValuesList()) return;
    client_.RunFunctionInTransaction([&] {
        const auto target = FindLakeTable(
            client_, NamedTable::Of(client_, insert.catalog, insert.schema, insert.table));
        if (!target) return;
        const auto& fields = target->metadata().schema.fields;
        const bool is_flat = std::none_of(fields.begin(), fields.end(),
                                          [](const auto& field) { return field.type.IsNested(); });
        if (is_flat) return;
        const Source source = RowsOf(insert, target->metadata().schema);
        for (size_t i = 0; i < source.names.size(); i++) {
            const int at = target->metadata().schema.Find(source.names[i]);
            if (at < 0) continue;
            const table::Field& own = fields[static_cast<size_t>(at)];
            const std::string lost =
                LostField(source.types[i], ToLogicalType(own.type), source.names[i]);
            if (lost.empty()) continue;
            throw Error(ErrorKind::kInvalidInput,
                        "{}: the rows have a field {} and the column is of type {}; INSERT WITH "
                        "SCHEMA EVOLUTION adds the field",
                        target->row().name.ToString(), lost, own.type.ToString());
        }
    });
}

std::optional<Names> SchemaEvolver::EvolveMerge(duckdb::MergeIntoStatement& merge) {
    if (merge.target->type != duckdb::TableReferenceType::BASE_TABLE) return std::nullopt;
    const auto& named = merge.target->Cast<duckdb::BaseTableRef>();
    auto target = FindLakeTable(
        client_, NamedTable::Of(client_, named.catalog_name, named.schema_name, named.table_name));
    if (!target) return std::nullopt;
    const Source source = SourceOf(WithQueries(AllOf(*merge.source), merge.cte_map));
    Names given(source.names.begin(), source.names.end());
    const Names written = WrittenColumns(merge, given);
    Source brought;
    for (size_t i = 0; i < source.names.size(); i++) {
        if (!Has(written, source.names[i])) continue;
        brought.names.push_back(source.names[i]);
        brought.types.push_back(source.types[i]);
    }
    Stage(*target, brought, "MERGE");
    return given;
}

void SchemaEvolver::Stage(TableEntry& target, const Source& source, const std::string& operation) {
    std::vector<table::Field> given;
    std::vector<std::string> notices;
    for (size_t i = 0; i < source.names.size(); i++) {
        const bool is_untyped = source.types[i].id() == duckdb::LogicalTypeId::SQLNULL ||
                                source.types[i].id() == duckdb::LogicalTypeId::UNKNOWN;
        const bool is_new = target.metadata().schema.Find(source.names[i]) < 0;
        if (is_untyped && is_new) {
            throw Error(ErrorKind::kInvalidInput,
                        "{}: the rows bring a column {} without a type: give it one, as in "
                        "CAST(NULL AS INTEGER)",
                        target.row().name.ToString(), source.names[i]);
        }
        if (is_untyped) continue;
        table::Field field;
        field.name = source.names[i];
        field.physical_name = source.names[i];
        field.type = ToTableType(source.types[i], source.names[i], notices);
        given.push_back(std::move(field));
    }
    table::Change change;
    change.metadata = Evolved(target, given);
    if (!change.metadata) return;
    for (std::string& notice : notices)
        ClientState::Of(client_).meter->AddNotice(std::move(notice));
    change.operation = operation;
    LakeTransaction::Of(client_, target.ParentCatalog()).Stage(target, std::move(change));
}

}  // namespace tarn::engine::duck
