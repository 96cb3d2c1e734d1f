#include "engine/duck/replacing_insert.h"

#include <algorithm>

#include "base/text.h"
#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/expression/star_expression.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/create_statement.hpp"
#include "duckdb/parser/statement/insert_statement.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "duckdb/parser/tableref/subqueryref.hpp"
#include "engine/duck/errors.h"
#include "engine/duck/named_table.h"
#include "engine/duck/rule_functions.h"
#include "engine/duck/spark_settings.h"
#include "sql/quote.h"

namespace tarn::engine::duck {
namespace {

using Replaces = sql::InsertClauses::Replaces;
using Select = duckdb::unique_ptr<duckdb::SelectStatement>;

constexpr const char* kNewRows = "tarn_new_rows";  // the table or subquery that holds them
constexpr const char* kTarget = "tarn_target";

duckdb::unique_ptr<duckdb::SelectNode> SelectAll(duckdb::unique_ptr<duckdb::TableRef> from) {
    auto node = duckdb::make_uniq<duckdb::SelectNode>();
    node->select_list.push_back(duckdb::make_uniq<duckdb::StarExpression>());
    node->from_table = std::move(from);
    return node;
}

Select AsSelect(duckdb::unique_ptr<duckdb::QueryNode> node) {
    auto select = duckdb::make_uniq<duckdb::SelectStatement>();
    select->node = std::move(node);
    return select;
}

duckdb::unique_ptr<duckdb::ParsedExpression> ParseOne(const std::string& text) {
    auto list = duckdb::Parser::ParseExpressionList(text);
    if (list.size() != 1)
        throw Error(ErrorKind::kInvalidInput, "expected one expression, found: {}", text);
    return std::move(list.front());
}

// A filter that fails the statement where a row does not meet the condition.
duckdb::unique_ptr<duckdb::ParsedExpression> Demand(const std::string& table,
                                                    const std::string& condition) {
    duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>> arguments;
    arguments.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(table)));
    arguments.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(condition)));
    arguments.push_back(ParseOne(condition));
    arguments.push_back(duckdb::make_uniq<duckdb::ColumnRefExpression>(kNewRows));
    return duckdb::make_uniq<duckdb::FunctionExpression>(kMeetsCondition, std::move(arguments));
}

bool NeedsSource(Replaces replaces) {
    return replaces == Replaces::kSameColumns || replaces == Replaces::kMatching;
}

}  // namespace

ReplacingInsert::ReplacingInsert(duckdb::Connection& connection, ClientState& state,
                                 const sql::InsertClauses& clauses)
    : connection_(connection), state_(state), clauses_(clauses) {}

ReplacingInsert::~ReplacingInsert() {
    state_.is_part = false;
    DropSource();
}

void ReplacingInsert::DropSource() {
    if (!keeps_source_) return;
    keeps_source_ = false;
    connection_.Query("DROP TABLE IF EXISTS temp." + std::string(kNewRows));
}

void ReplacingInsert::Prepare(duckdb::SQLStatement& statement, InsertMode& mode) {
    auto& insert = statement.Cast<duckdb::InsertStatement>();
    TakeConstants(insert);
    if (ReplacesTouched(insert)) {
        mode = InsertMode::kOverwritePartitions;
        return;
    }
    if (clauses_.replaces == Replaces::kAll) {
        mode = InsertMode::kOverwriteAll;
        return;
    }
    std::string condition = clauses_.condition;
    if (clauses_.replaces == Replaces::kPartitions) {
        const bool is_touched =
            std::none_of(clauses_.partition.begin(), clauses_.partition.end(),
                         [](const auto& part) { return part.second.has_value(); });
        if (is_touched) {
            mode = InsertMode::kOverwritePartitions;
            return;
        }
        for (const auto& [column, value] : clauses_.partition) {
            if (!value) continue;
            if (!condition.empty()) condition += " AND ";
            condition += sql::QuoteIdentifier(column) + " IS NOT DISTINCT FROM " + *value;
        }
    }
    if (clauses_.replaces == Replaces::kNothing) return;
    if (!NeedsSource(clauses_.replaces)) {
        if (clauses_.replaces == Replaces::kWhere) {
            const auto names = insert.column_order == duckdb::InsertColumnOrder::INSERT_BY_NAME
                                   ? duckdb::vector<std::string>()
                                   : ColumnsOf(insert);
            auto rows = duckdb::make_uniq<duckdb::SubqueryRef>(std::move(insert.select_statement),
                                                               kNewRows);
            rows->column_name_alias = names;
            auto node = SelectAll(std::move(rows));
            node->where_clause = Demand(clauses_.table, condition);
            insert.select_statement = AsSelect(std::move(node));
        }
        DeleteOld(condition, "");
        return;
    }
    KeepSource(insert);
    const bool is_on = clauses_.replaces == Replaces::kMatching;
    DeleteOld(is_on ? clauses_.condition : SameColumns(),
              is_on && !clauses_.source_alias.empty() ? clauses_.source_alias : kNewRows);
}

// Of the rows that are inserted, by position.
duckdb::vector<std::string> ReplacingInsert::ColumnsOf(const duckdb::InsertStatement& insert) {
    if (!insert.columns.empty()) return insert.columns;
    duckdb::ClientContext& client = *connection_.context;
    duckdb::vector<std::string> columns;
    client.RunFunctionInTransaction([&] {
        columns = duck::ColumnsOf(
            client, NamedTable::Of(client, insert.catalog, insert.schema, insert.table));
    });
    return columns;
}

bool ReplacingInsert::ReplacesTouched(const duckdb::InsertStatement& insert) {
    const bool overwrites =
        clauses_.replaces == Replaces::kAll || clauses_.replaces == Replaces::kPartitions;
    if (!overwrites || !OverwritesTouched(state_)) return false;
    duckdb::ClientContext& client = *connection_.context;
    bool is_partitioned = false;
    client.RunFunctionInTransaction([&] {
        const auto table = FindLakeTable(
            client, NamedTable::Of(client, insert.catalog, insert.schema, insert.table));
        is_partitioned = table != nullptr && !table->metadata().partition_columns.empty();
    });
    return is_partitioned;
}

// PARTITION (a = 'x'): the rows do not give a.
void ReplacingInsert::TakeConstants(duckdb::InsertStatement& insert) {
    duckdb::vector<std::string> constants;
    for (const auto& [column, value] : clauses_.partition) {
        if (value) constants.push_back(column);
    }
    if (constants.empty()) return;
    const auto is_constant = [&](const std::string& name) {
        return std::any_of(constants.begin(), constants.end(), [&](const std::string& constant) {
            return EqualsIgnoreCase(name, constant);
        });
    };
    const bool by_name = insert.column_order == duckdb::InsertColumnOrder::INSERT_BY_NAME;
    if (!by_name) {
        insert.columns = ColumnsOf(insert);
        std::erase_if(insert.columns, is_constant);
        insert.columns.insert(insert.columns.end(), constants.begin(), constants.end());
    }
    auto node = SelectAll(
        duckdb::make_uniq<duckdb::SubqueryRef>(std::move(insert.select_statement), kNewRows));
    for (const auto& [column, value] : clauses_.partition) {
        if (!value) continue;
        auto constant = ParseOne(*value);
        constant->alias = column;
        node->select_list.push_back(std::move(constant));
    }
    insert.select_statement = AsSelect(std::move(node));
}

// The rows are needed twice, and must be the same both times.
void ReplacingInsert::KeepSource(duckdb::InsertStatement& insert) {
    auto info = duckdb::make_uniq<duckdb::CreateTableInfo>("temp", "main", kNewRows);
    info->temporary = true;
    info->on_conflict = duckdb::OnCreateConflict::REPLACE_ON_CONFLICT;
    auto query = std::move(insert.select_statement);
    if (insert.column_order == duckdb::InsertColumnOrder::INSERT_BY_POSITION) {
        auto rows = duckdb::make_uniq<duckdb::SubqueryRef>(std::move(query), kNewRows);
        rows->column_name_alias = ColumnsOf(insert);
        query = AsSelect(SelectAll(std::move(rows)));
    }
    for (auto& [name, with] : insert.cte_map.map) query->node->cte_map.map[name] = with->Copy();
    info->query = std::move(query);
    auto create = duckdb::make_uniq<duckdb::CreateStatement>();
    create->info = std::move(info);
    Run(std::move(create));
    keeps_source_ = true;
    auto kept = duckdb::make_uniq<duckdb::BaseTableRef>();
    kept->catalog_name = "temp";
    kept->table_name = kNewRows;
    insert.select_statement = AsSelect(SelectAll(std::move(kept)));
}

std::string ReplacingInsert::SameColumns() const {
    std::string condition;
    for (const std::string& column : clauses_.columns) {
        const std::string name = sql::QuoteIdentifier(column);
        if (!condition.empty()) condition += " AND ";
        condition += std::string(kTarget) + "." + name + " = " + kNewRows + "." + name;
    }
    return condition;
}

void ReplacingInsert::DeleteOld(const std::string& condition, const std::string& source) {
    std::string alias = clauses_.target_alias;
    if (alias.empty() && clauses_.replaces == Replaces::kSameColumns) alias = kTarget;
    std::string text = "DELETE FROM " + clauses_.table;
    if (!alias.empty()) text += " AS " + sql::QuoteIdentifier(alias);
    if (!source.empty())
        text += " USING temp." + std::string(kNewRows) + " AS " + sql::QuoteIdentifier(source);
    duckdb::Parser parser(connection_.context->GetParserOptions());
    parser.ParseQuery(text + " WHERE " + condition);
    state_.is_part = true;
    Run(std::move(parser.statements.front()));
    state_.is_part = false;
}

// Places in what we made up mean nothing to the user.
void ReplacingInsert::Run(duckdb::unique_ptr<duckdb::SQLStatement> statement) {
    auto result = connection_.context->Query(std::move(statement),
                                             duckdb::QueryResultOutputType::FORCE_MATERIALIZED);
    if (result->HasError()) throw FromDuck(result->GetErrorObject()).error;
}

}  // namespace tarn::engine::duck
