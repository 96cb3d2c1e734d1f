#include "serve/page_statement.h"

#include <map>

#include <fmt/core.h>

#include "base/check.h"
#include "base/text.h"
#include "sql/lexer.h"
#include "sql/quote.h"

namespace tarn::serve {

namespace {

// Collects values while SQL is written around their places.
class Statement {
public:
    std::string Bind(table::Value value) {
        values_.push_back(std::move(value));
        return fmt::format("${}", values_.size());
    }
    std::vector<table::Value> TakeValues() { return std::move(values_); }

private:
    std::vector<table::Value> values_;
};

std::string TableAt(const engine::TableName& table, const std::vector<int64_t>& versions,
                    size_t index) {
    std::string sql = sql::QuoteIdentifier(table.schema) + "." + sql::QuoteIdentifier(table.name);
    if (!versions.empty()) sql += fmt::format(" AT (VERSION => {})", versions.at(index));
    return sql;
}

// The endpoint's SQL with each $name turned into the place of its value.
std::string BindNames(const Endpoint& endpoint, const EndpointRequest* request,
                      Statement& statement) {
    const std::string& sql = endpoint.source.sql;
    std::map<std::string, std::string> places;
    std::string out;
    size_t copied = 0;
    for (const sql::Token& token : sql::Lex(sql)) {
        if (token.kind != sql::TokenKind::kParameter) continue;
        const std::string name(token.text.substr(1));
        auto place = places.find(name);
        if (place == places.end()) {
            table::Value value;
            if (request != nullptr) {
                for (const BoundParameter& bound : request->parameters) {
                    if (bound.parameter->name == name && !bound.values.empty())
                        value = bound.values.front();
                }
            }
            place = places.emplace(name, statement.Bind(std::move(value))).first;
        }
        out += sql.substr(copied, token.begin - copied) + place->second;
        copied = token.end();
    }
    return out + sql.substr(copied);
}

// "WITH ... " and the FROM item, both empty of the caller's text.
struct FromClause {
    std::string with;
    std::string from;
};

FromClause BuildFrom(const Endpoint& endpoint, const std::vector<engine::TableName>& tables,
                     const EndpointRequest* request, const std::vector<int64_t>& versions,
                     Statement& statement) {
    if (endpoint.source.sql.empty()) return {"", TableAt(tables.at(0), versions, 0)};
    std::vector<std::string> aliases;
    for (size_t i = 0; i < tables.size(); ++i) {
        // Without NOT MATERIALIZED the filters would not reach the table's files.
        aliases.push_back(fmt::format("{} AS NOT MATERIALIZED (SELECT * FROM {})",
                                      sql::QuoteIdentifier(endpoint.source.tables[i].first),
                                      TableAt(tables[i], versions, i)));
    }
    // A line comment at the end of the file's SQL must not swallow the parenthesis.
    return {"WITH " + Join(aliases, ", ") + " ", "(" + BindNames(endpoint, request, statement) +
                                                     "\n) AS " + sql::QuoteIdentifier("source")};
}

std::string BuildFilter(const BoundParameter& bound, Statement& statement) {
    const EndpointParameter& parameter = *bound.parameter;
    const std::string column = sql::QuoteIdentifier(parameter.column);
    if (parameter.filter != FilterOperator::kIn) {
        return fmt::format("{} {} {}", column, SqlOf(parameter.filter),
                           statement.Bind(bound.values.front()));
    }
    std::vector<std::string> places;
    for (const table::Value& value : bound.values) places.push_back(statement.Bind(value));
    return fmt::format("{} IN ({})", column, Join(places, ", "));
}

// Rows that the order puts after the value in this one column; empty: none.
std::string After(const SortColumn& sort, const std::string& column,
                  const std::optional<std::string>& place) {
    if (!place) return sort.nulls_first ? column + " IS NOT NULL" : "";
    const std::string beyond = fmt::format("{} {} {}", column, sort.descending ? "<" : ">", *place);
    return sort.nulls_first ? beyond : fmt::format("({} OR {} IS NULL)", beyond, column);
}

std::string BuildKeyset(const Endpoint& endpoint, const EndpointTypes& types,
                        const std::vector<std::optional<std::string>>& after,
                        Statement& statement) {
    Check(after.size() == endpoint.order.size(),
          "a cursor has a value for every column of the order");
    std::vector<std::string> branches;
    std::string equal;  // the columns before are the same
    for (size_t i = 0; i < endpoint.order.size(); ++i) {
        const SortColumn& sort = endpoint.order[i];
        const std::string column = sql::QuoteIdentifier(sort.column);
        std::optional<std::string> place;
        if (after[i]) {
            place = fmt::format("CAST({} AS {})", statement.Bind(*after[i]),
                                types.column_types.at(endpoint.ColumnIndex(sort.column)));
        }
        const std::string beyond = After(sort, column, place);
        if (!beyond.empty()) branches.push_back("(" + equal + beyond + ")");
        equal += place ? fmt::format("{} = {} AND ", column, *place) : column + " IS NULL AND ";
    }
    return branches.empty() ? "FALSE" : "(" + Join(branches, " OR ") + ")";
}

std::string BuildOrder(const Endpoint& endpoint) {
    std::vector<std::string> sorts;
    for (const SortColumn& sort : endpoint.order) {
        sorts.push_back(fmt::format("{} {} NULLS {}", sql::QuoteIdentifier(sort.column),
                                    sort.descending ? "DESC" : "ASC",
                                    sort.nulls_first ? "FIRST" : "LAST"));
    }
    return Join(sorts, ", ");
}

}  // namespace

PageStatement BuildPageStatement(const Endpoint& endpoint, const EndpointTypes& types,
                                 const EndpointRequest& request,
                                 const std::vector<int64_t>& versions,
                                 const std::vector<std::optional<std::string>>& after) {
    Statement statement;
    const FromClause from = BuildFrom(endpoint, types.tables, &request, versions, statement);
    std::vector<std::string> columns;
    for (const EndpointColumn& column : endpoint.columns)
        columns.push_back(sql::QuoteIdentifier(column.name));
    std::vector<std::string> conditions;
    for (const BoundParameter& bound : request.parameters) {
        if (!bound.parameter->column.empty() && !bound.values.empty()) {
            conditions.push_back(BuildFilter(bound, statement));
        }
    }
    if (!after.empty()) conditions.push_back(BuildKeyset(endpoint, types, after, statement));
    std::string sql = fmt::format("{}SELECT {} FROM {}", from.with, Join(columns, ", "), from.from);
    if (!conditions.empty()) sql += " WHERE " + Join(conditions, " AND ");
    sql += fmt::format(" ORDER BY {} LIMIT {}", BuildOrder(endpoint), request.limit + 1);
    return {std::move(sql), statement.TakeValues()};
}

PageStatement BuildProbeStatement(const Endpoint& endpoint,
                                  const std::vector<engine::TableName>& tables) {
    Statement statement;
    const FromClause from = BuildFrom(endpoint, tables, nullptr, {}, statement);
    return {fmt::format("{}SELECT * FROM {} LIMIT 0", from.with, from.from),
            statement.TakeValues()};
}

}  // namespace tarn::serve
