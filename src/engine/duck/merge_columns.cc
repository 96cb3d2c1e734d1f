#include "engine/duck/merge_columns.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/statement/merge_into_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "duckdb/planner/binder.hpp"
#include "sql/merge_stars.h"

namespace tarn::engine::duck {
namespace {

using Names = std::vector<std::string>;

bool IsStar(const duckdb::vector<std::string>& columns) {
    return columns.size() == 1 && columns.front() == sql::kAllColumns;
}

// The texts of the list that the rewriter made.
Names TextsOf(const duckdb::ParsedExpression& list) {
    Names texts;
    if (list.GetExpressionClass() != duckdb::ExpressionClass::FUNCTION) return texts;
    for (const auto& text : list.Cast<duckdb::FunctionExpression>().children)
        texts.push_back(text->Cast<duckdb::ConstantExpression>().value.ToString());
    return texts;
}

Names ColumnsOf(duckdb::ClientContext& client, const duckdb::TableRef& target) {
    if (target.type != duckdb::TableReferenceType::BASE_TABLE) {
        throw Error(ErrorKind::kInvalidInput, "MERGE INTO: the target must be a table");
    }
    const auto& named = target.Cast<duckdb::BaseTableRef>();
    const auto columns =
        TableColumns(client, named.catalog_name, named.schema_name, named.table_name);
    return {columns.begin(), columns.end()};
}

std::string NameOf(const duckdb::TableRef& source) {
    if (!source.alias.empty()) return source.alias;
    if (source.type == duckdb::TableReferenceType::BASE_TABLE)
        return source.Cast<duckdb::BaseTableRef>().table_name;
    throw Error(ErrorKind::kInvalidInput,
                "MERGE with UPDATE SET * or INSERT *: give the source a name, as in "
                "USING (SELECT ...) AS source");
}

Names Without(const Names& columns, const Names& excluded) {
    const auto is_same = [](const std::string& name) {
        return [&name](const std::string& other) { return EqualsIgnoreCase(name, other); };
    };
    Names kept;
    for (const std::string& column : columns) {
        if (std::none_of(excluded.begin(), excluded.end(), is_same(column))) kept.push_back(column);
    }
    for (const std::string& name : excluded) {
        if (std::any_of(columns.begin(), columns.end(), is_same(name))) continue;
        throw Error(ErrorKind::kInvalidInput, "EXCEPT ({}): the target has no such column", name);
    }
    return kept;
}

class Spelling {
public:
    Spelling(duckdb::ClientContext& client, const duckdb::MergeIntoStatement& merge)
        : client_(client), merge_(merge) {}

    void SpellOut(duckdb::MergeIntoAction& action) {
        if (action.update_info && IsStar(action.update_info->columns)) {
            auto& set = *action.update_info;
            const Names columns = Without(Target(), TextsOf(*set.expressions.front()));
            set.columns = {columns.begin(), columns.end()};
            set.expressions = FromSource(columns);
        } else if (IsStar(action.insert_columns)) {
            const Names columns = Without(Target(), TextsOf(*action.expressions.front()));
            action.insert_columns = {columns.begin(), columns.end()};
            action.expressions = FromSource(columns);
        }
    }

private:
    const Names& Target() {
        if (columns_.empty()) columns_ = ColumnsOf(client_, *merge_.target);
        return columns_;
    }

    duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>> FromSource(const Names& columns) {
        duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>> values;
        const std::string source = NameOf(*merge_.source);
        for (const std::string& column : columns)
            values.push_back(duckdb::make_uniq<duckdb::ColumnRefExpression>(column, source));
        return values;
    }

    duckdb::ClientContext& client_;
    const duckdb::MergeIntoStatement& merge_;
    Names columns_;
};

}  // namespace

duckdb::vector<std::string> TableColumns(duckdb::ClientContext& client, std::string catalog,
                                         std::string schema, const std::string& table) {
    duckdb::vector<std::string> columns;
    client.RunFunctionInTransaction([&] {
        duckdb::Binder::BindSchemaOrCatalog(client, catalog, schema);
        auto& entry =
            duckdb::Catalog::GetEntry<duckdb::TableCatalogEntry>(client, catalog, schema, table);
        for (const auto& column : entry.GetColumns().Physical()) columns.push_back(column.Name());
    });
    return columns;
}

void SpellOutStars(duckdb::ClientContext& client, duckdb::SQLStatement& statement) {
    if (statement.type != duckdb::StatementType::MERGE_INTO_STATEMENT) return;
    auto& merge = statement.Cast<duckdb::MergeIntoStatement>();
    Spelling spelling(client, merge);
    for (auto& [condition, actions] : merge.actions) {
        for (auto& action : actions) spelling.SpellOut(*action);
    }
}

}  // namespace tarn::engine::duck
