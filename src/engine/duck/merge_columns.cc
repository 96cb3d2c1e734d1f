#include "engine/duck/merge_columns.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/statement/merge_into_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "engine/duck/named_table.h"
#include "sql/merge_stars.h"

namespace tarn::engine::duck {
namespace {

using Names = std::vector<std::string>;

Names ColumnsOf(duckdb::ClientContext& client, const duckdb::TableRef& target) {
    if (target.type != duckdb::TableReferenceType::BASE_TABLE) {
        throw Error(ErrorKind::kInvalidInput, "MERGE INTO: the target must be a table");
    }
    const auto& named = target.Cast<duckdb::BaseTableRef>();
    duckdb::vector<std::string> columns;
    client.RunFunctionInTransaction([&] {
        columns = duck::ColumnsOf(client, NamedTable::Of(client, named.catalog_name,
                                                         named.schema_name, named.table_name));
    });
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

bool Has(const Names& names, const std::string& name) {
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& other) { return EqualsIgnoreCase(name, other); });
}

// `given`: other columns that may be excluded.
Names Without(const Names& columns, const Names& excluded, const std::optional<Names>& given) {
    Names kept;
    for (const std::string& column : columns) {
        if (!Has(excluded, column)) kept.push_back(column);
    }
    for (const std::string& name : excluded) {
        if (Has(columns, name) || (given && Has(*given, name))) continue;
        throw Error(ErrorKind::kInvalidInput, "EXCEPT ({}): the target has no such column", name);
    }
    return kept;
}

class Spelling {
public:
    Spelling(duckdb::ClientContext& client, const duckdb::MergeIntoStatement& merge,
             const std::optional<Names>& given)
        : client_(client), merge_(merge), given_(given) {}

    void SpellOut(duckdb::MergeIntoAction& action) {
        if (action.update_info && IsStar(action.update_info->columns)) {
            auto& set = *action.update_info;
            const Names columns =
                Given(Without(Target(), ExceptedColumns(*set.expressions.front()), given_));
            set.columns = {columns.begin(), columns.end()};
            set.expressions = FromSource(columns);
        } else if (IsStar(action.insert_columns)) {
            const Names columns =
                Given(Without(Target(), ExceptedColumns(*action.expressions.front()), given_));
            action.insert_columns = {columns.begin(), columns.end()};
            action.expressions = FromSource(columns);
        }
    }

private:
    const Names& Target() {
        if (columns_.empty()) columns_ = ColumnsOf(client_, *merge_.target);
        return columns_;
    }

    Names Given(Names columns) const {
        if (!given_) return columns;
        std::erase_if(columns, [&](const std::string& column) { return !Has(*given_, column); });
        return columns;
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
    const std::optional<Names>& given_;
    Names columns_;
};

}  // namespace

bool IsStar(const duckdb::vector<std::string>& columns) {
    return columns.size() == 1 && columns.front() == sql::kAllColumns;
}

std::vector<std::string> ExceptedColumns(const duckdb::ParsedExpression& list) {
    Names texts;
    if (list.GetExpressionClass() != duckdb::ExpressionClass::FUNCTION) return texts;
    for (const auto& text : list.Cast<duckdb::FunctionExpression>().children)
        texts.push_back(text->Cast<duckdb::ConstantExpression>().value.ToString());
    return texts;
}

void SpellOutStars(duckdb::ClientContext& client, duckdb::SQLStatement& statement,
                   const std::optional<std::vector<std::string>>& given) {
    if (statement.type != duckdb::StatementType::MERGE_INTO_STATEMENT) return;
    auto& merge = statement.Cast<duckdb::MergeIntoStatement>();
    Spelling spelling(client, merge, given);
    for (auto& [condition, actions] : merge.actions) {
        for (auto& action : actions) spelling.SpellOut(*action);
    }
}

}  // namespace tarn::engine::duck
