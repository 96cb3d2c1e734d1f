#include "engine/duck/view_query.h"

#include "duckdb/parser/expression/subquery_expression.hpp"
#include "duckdb/parser/parsed_data/create_view_info.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/parser/query_node.hpp"

namespace tarn::engine::duck {
namespace {

using Iterator = duckdb::ParsedExpressionIterator;

void ForgetPlaces(duckdb::QueryNode& node);

void ForgetPlaces(duckdb::ParsedExpression& expression) {
    expression.SetQueryLocation({});
    if (expression.GetExpressionClass() == duckdb::ExpressionClass::SUBQUERY) {
        ForgetPlaces(*expression.Cast<duckdb::SubqueryExpression>().subquery->node);
    }
    Iterator::EnumerateChildren(expression,
                                [](duckdb::ParsedExpression& child) { ForgetPlaces(child); });
}

void ForgetPlaces(duckdb::QueryNode& node) {
    Iterator::EnumerateQueryNodeChildren(
        node, [](duckdb::unique_ptr<duckdb::ParsedExpression>& child) { ForgetPlaces(*child); },
        [](duckdb::TableRef& table) { table.query_location = {}; });
}

}  // namespace

duckdb::unique_ptr<duckdb::SelectStatement> ParseViewQuery(const std::string& sql) {
    auto query = duckdb::CreateViewInfo::ParseSelect(sql);
    ForgetPlaces(*query->node);
    return query;
}

}  // namespace tarn::engine::duck
