#include "engine/duck/statement_rows.h"

#include <algorithm>

#include "base/text.h"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/star_expression.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/emptytableref.hpp"
#include "duckdb/parser/tableref/expressionlistref.hpp"
#include "duckdb/planner/binder.hpp"
#include "duckdb/planner/bound_parameter_map.hpp"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;

// DEFAULT stands only in a list of values; by itself it has no type.
duckdb::unique_ptr<duckdb::ParsedExpression> WithoutDefault(
    const duckdb::ParsedExpression& expression) {
    if (expression.GetExpressionType() != duckdb::ExpressionType::VALUE_DEFAULT)
        return expression.Copy();
    return duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value());
}

duckdb::unique_ptr<duckdb::SelectNode> Select(
    duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>> list,
    duckdb::unique_ptr<duckdb::TableRef> from) {
    auto node = duckdb::make_uniq<duckdb::SelectNode>();
    node->select_list = std::move(list);
    node->from_table = std::move(from);
    return node;
}

}  // namespace

bool IsByPosition(const duckdb::InsertStatement& insert) {
    return insert.column_order == duckdb::InsertColumnOrder::INSERT_BY_POSITION;
}

RowShape StatementRows::Bind(duckdb::unique_ptr<duckdb::QueryNode> query,
                             const duckdb::CommonTableExpressionMap& queries) const {
    for (const auto& [name, with] : queries.map) query->cte_map.map[name] = with->Copy();
    duckdb::SelectStatement select;
    select.node = std::move(query);
    duckdb::BoundParameterMap parameters(parameters_);
    auto binder = duckdb::Binder::CreateBinder(client_);
    binder->SetParameters(parameters);
    binder->SetCanContainNulls(true);
    auto bound = binder->Bind(static_cast<duckdb::SQLStatement&>(select));
    return {{bound.names.begin(), bound.names.end()}, {bound.types.begin(), bound.types.end()}};
}

RowShape StatementRows::Of(const duckdb::InsertStatement& insert,
                           const table::Schema& schema) const {
    RowShape rows = insert.GetValuesList()
                        ? OfValues(insert)
                        : Bind(insert.select_statement->node->Copy(), insert.cte_map);
    if (!IsByPosition(insert)) return rows;
    const auto places = PlacesOf(insert, schema);
    std::copy_n(places.begin(), std::min(places.size(), rows.names.size()), rows.names.begin());
    return rows;
}

RowShape StatementRows::OfValues(const duckdb::InsertStatement& insert) const {
    RowShape all;
    std::vector<bool> is_mixed;
    for (const auto& row : insert.GetValuesList()->values) {
        duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>> list;
        for (const auto& value : row) list.push_back(WithoutDefault(*value));
        const RowShape shape = Bind(
            Select(std::move(list), duckdb::make_uniq<duckdb::EmptyTableRef>()), insert.cte_map);
        for (size_t i = 0; i < shape.types.size(); i++) {
            if (i == all.types.size()) {
                all.names.push_back("col" + std::to_string(i));
                all.types.push_back(LogicalType::SQLNULL);
                is_mixed.push_back(false);
            }
            LogicalType both;
            if (LogicalType::TryGetMaxLogicalType(client_, all.types[i], shape.types[i], both)) {
                all.types[i] = both;
            } else {
                is_mixed[i] = true;
            }
        }
    }
    for (size_t i = 0; i < all.types.size(); i++) {
        all.types[i] = is_mixed[i] ? LogicalType(LogicalType::SQLNULL)
                                   : LogicalType::NormalizeType(all.types[i]);
    }
    return all;
}

std::vector<std::string> StatementRows::PlacesOf(const duckdb::InsertStatement& insert,
                                                 const table::Schema& schema) const {
    std::vector<std::string> places(insert.columns.begin(), insert.columns.end());
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

RowShape StatementRows::SourceOf(const duckdb::MergeIntoStatement& merge) const {
    duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>> all;
    all.push_back(duckdb::make_uniq<duckdb::StarExpression>());
    return Bind(Select(std::move(all), merge.source->Copy()), merge.cte_map);
}

LogicalType StatementRows::TypeOf(const duckdb::ParsedExpression& expression,
                                  duckdb::unique_ptr<duckdb::TableRef> from,
                                  const duckdb::CommonTableExpressionMap& queries) const {
    duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>> list;
    list.push_back(WithoutDefault(expression));
    return Bind(Select(std::move(list), std::move(from)), queries).types.at(0);
}

}  // namespace tarn::engine::duck
