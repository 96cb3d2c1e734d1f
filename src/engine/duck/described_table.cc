#include "engine/duck/described_table.h"

#include <string>

#include <fmt/core.h>

#include "base/text.h"
#include "duckdb/parser/parser.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "duckdb/parser/tableref/joinref.hpp"
#include "duckdb/parser/tableref/showref.hpp"
#include "duckdb/parser/tableref/subqueryref.hpp"
#include "duckdb/planner/binder.hpp"
#include "engine/duck/named_table.h"
#include "engine/duck/table_lines.h"
#include "sql/quote.h"

namespace tarn::engine::duck {
namespace {

// DESCRIBE name is DESCRIBE SELECT * FROM name to the engine.
const duckdb::BaseTableRef* TableOf(const duckdb::QueryNode& query) {
    if (query.type != duckdb::QueryNodeType::SELECT_NODE) return nullptr;
    const auto& select = query.Cast<duckdb::SelectNode>();
    const bool is_table =
        select.select_list.size() == 1 &&
        select.select_list.front()->GetExpressionClass() == duckdb::ExpressionClass::STAR &&
        select.from_table->type == duckdb::TableReferenceType::BASE_TABLE;
    return is_table ? &select.from_table->Cast<duckdb::BaseTableRef>() : nullptr;
}

const duckdb::ShowRef* ShowIn(const duckdb::SQLStatement& statement) {
    if (statement.type != duckdb::StatementType::SELECT_STATEMENT) return nullptr;
    const auto& query = *statement.Cast<duckdb::SelectStatement>().node;
    if (query.type != duckdb::QueryNodeType::SELECT_NODE) return nullptr;
    const auto& from = query.Cast<duckdb::SelectNode>().from_table;
    if (!from || from->type != duckdb::TableReferenceType::SHOW_REF) return nullptr;
    const auto& show = from->Cast<duckdb::ShowRef>();
    const bool describes = show.show_type == duckdb::ShowType::DESCRIBE && show.query;
    return describes ? &show : nullptr;
}

// In the order of the columns: "(NULL), ('who')". Empty for what is no table of the lake.
std::string CommentsOf(duckdb::ClientContext& client, const duckdb::BaseTableRef& named) {
    std::string rows;
    client.RunFunctionInTransaction([&] {
        const auto entry = FindEntry(client, NamedTable::Of(client, named.catalog_name,
                                                            named.schema_name, named.table_name));
        if (!entry || entry->type != duckdb::CatalogType::TABLE_ENTRY) return;
        const auto* found = dynamic_cast<const TableEntry*>(entry.get());
        if (found == nullptr) return;
        for (const auto& column : found->GetColumns().Logical()) {
            const duckdb::Value comment = column.Comment();
            if (!rows.empty()) rows += ", ";
            rows += comment.IsNull() ? "(NULL)" : "(" + sql::QuoteLiteral(comment.ToString()) + ")";
        }
    });
    return rows;
}

// The rows as a query: "SELECT * FROM (VALUES ...) AS described(col_name, ...)".
duckdb::unique_ptr<duckdb::SQLStatement> QueryOf(duckdb::ClientContext& client,
                                                 const std::vector<FixedRow>& lines) {
    std::vector<std::string> rows;
    for (const FixedRow& line : lines) {
        std::vector<std::string> cells;
        for (const duckdb::Value& cell : line) {
            cells.push_back(cell.IsNull() ? "CAST(NULL AS VARCHAR)"
                                          : sql::QuoteLiteral(cell.ToString()));
        }
        rows.push_back("(" + Join(cells, ", ") + ")");
    }
    duckdb::Parser parser(client.GetParserOptions());
    parser.ParseQuery("SELECT * FROM (VALUES " + Join(rows, ", ") +
                      ") AS described(col_name, data_type, comment)");
    return std::move(parser.statements.front());
}

}  // namespace

void DescribeAsSpark(duckdb::ClientContext& client,
                     duckdb::unique_ptr<duckdb::SQLStatement>& statement) {
    const duckdb::ShowRef* const show = ShowIn(*statement);
    if (show == nullptr) return;
    std::vector<FixedRow> lines;
    client.RunFunctionInTransaction([&] {
        const duckdb::BaseTableRef* const named = TableOf(*show->query);
        duckdb::optional_ptr<duckdb::CatalogEntry> entry;
        if (named != nullptr) {
            entry = FindEntry(client, NamedTable::Of(client, named->catalog_name,
                                                     named->schema_name, named->table_name));
        }
        const bool is_relation = entry && named->at_clause == nullptr &&
                                 (entry->type == duckdb::CatalogType::VIEW_ENTRY ||
                                  entry->type == duckdb::CatalogType::TABLE_ENTRY);
        if (is_relation) {
            lines = ColumnLines(client, *entry, sql::Dialect::kSpark);
            return;
        }
        duckdb::SelectStatement query;
        query.node = show->query->Copy();
        const auto bound =
            duckdb::Binder::CreateBinder(client)->Bind(static_cast<duckdb::SQLStatement&>(query));
        lines = ColumnLines(bound.names, bound.types, sql::Dialect::kSpark);
    });
    if (!lines.empty()) statement = QueryOf(client, lines);
}

void AddComments(duckdb::ClientContext& client,
                 duckdb::unique_ptr<duckdb::SQLStatement>& statement) {
    const duckdb::ShowRef* const show = ShowIn(*statement);
    const duckdb::BaseTableRef* const table = show == nullptr ? nullptr : TableOf(*show->query);
    if (table == nullptr) return;
    const std::string comments = CommentsOf(client, *table);
    if (comments.empty()) return;
    duckdb::Parser parser(client.GetParserOptions());
    parser.ParseQuery(fmt::format(
        "SELECT described.*, CAST(commented.comment AS VARCHAR) AS comment FROM (SELECT 1) AS "
        "described POSITIONAL JOIN (VALUES {}) AS commented(comment)",
        comments));
    auto joined = std::move(parser.statements.front());
    auto& node = joined->Cast<duckdb::SelectStatement>().node->Cast<duckdb::SelectNode>();
    auto& described = node.from_table->Cast<duckdb::JoinRef>().left->Cast<duckdb::SubqueryRef>();
    described.subquery = duckdb::unique_ptr_cast<duckdb::SQLStatement, duckdb::SelectStatement>(
        std::move(statement));
    statement = std::move(joined);
}

}  // namespace tarn::engine::duck
