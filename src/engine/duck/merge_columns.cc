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
#include "engine/duck/named_table.h"
#include "sql/merge_stars.h"

namespace tarn::engine::duck {
namespace {

using Names = std::vector<std::string>;
using Expression = duckdb::unique_ptr<duckdb::ParsedExpression>;
using duckdb::LogicalType;

const duckdb::BaseTableRef& TargetOf(const duckdb::MergeIntoStatement& merge) {
    if (merge.target->type != duckdb::TableReferenceType::BASE_TABLE)
        throw Error(ErrorKind::kInvalidInput, "MERGE INTO: the target must be a table");
    return merge.target->Cast<duckdb::BaseTableRef>();
}

std::string NameOf(const duckdb::TableRef& table) {
    if (!table.alias.empty()) return table.alias;
    if (table.type == duckdb::TableReferenceType::BASE_TABLE)
        return table.Cast<duckdb::BaseTableRef>().table_name;
    throw Error(ErrorKind::kInvalidInput,
                "MERGE with UPDATE SET * or INSERT *: give the source a name, as in "
                "USING (SELECT ...) AS source");
}

bool Has(const Names& names, const std::string& name) {
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& other) { return EqualsIgnoreCase(name, other); });
}

// The value with the fields of `own`: those that `given` lacks are the old value's.
Expression Overlaid(const duckdb::ParsedExpression& value, const LogicalType& given,
                    const duckdb::ParsedExpression& old, const LogicalType& own) {
    if (!LacksFields(given, own)) return value.Copy();
    duckdb::vector<Expression> fields;
    for (const auto& [field, type] : duckdb::StructType::GetChildTypes(own)) {
        Expression part = FieldOf(old, field);
        for (const auto& [name, given_type] : duckdb::StructType::GetChildTypes(given)) {
            if (EqualsIgnoreCase(name, field))
                part = Overlaid(*FieldOf(value, name), given_type, *part, type);
        }
        part->SetAlias(field);
        fields.push_back(std::move(part));
    }
    return duckdb::make_uniq<duckdb::FunctionExpression>("struct_pack", std::move(fields));
}

class Spelling {
public:
    // Of a MERGE into `entry`, from `source`.
    Spelling(const duckdb::MergeIntoStatement& merge, duckdb::TableCatalogEntry& entry,
             RowShape source, bool evolves)
        : target_name_(NameOf(*merge.target)),
          source_name_(NameOf(*merge.source)),
          source_(std::move(source)),
          entry_(entry),
          evolves_(evolves) {}

    void SpellOut(duckdb::MergeIntoAction& action) const {
        if (action.update_info && IsStar(action.update_info->columns)) {
            auto& set = *action.update_info;
            const Names columns = Columns(ExceptedColumns(*set.expressions.front()));
            set.columns = {columns.begin(), columns.end()};
            set.expressions = FromSource(columns, evolves_);
        } else if (IsStar(action.insert_columns)) {
            const Names columns = Columns(ExceptedColumns(*action.expressions.front()));
            action.insert_columns = {columns.begin(), columns.end()};
            action.expressions = FromSource(columns, false);
        }
    }

private:
    Names Columns(const Names& excepted) const {
        Names kept;
        for (const auto& column : entry_.GetColumns().Physical()) {
            if (Has(excepted, column.Name())) continue;
            if (Has(source_.names, column.Name())) {
                kept.push_back(column.Name());
            } else if (!evolves_) {
                RowTarget target{NameOfEntry(), "MERGE", true, false};
                throw UngivenColumn(target, "the source " + source_name_, column.Name(),
                                    column.Type());
            }
        }
        for (const std::string& name : excepted) {
            if (entry_.ColumnExists(name) || (evolves_ && Has(source_.names, name))) continue;
            throw Error(ErrorKind::kInvalidInput, "{}: EXCEPT ({}): the target has no such column",
                        NameOfEntry(), name);
        }
        return kept;
    }

    std::string NameOfEntry() const { return entry_.ParentSchema().name + "." + entry_.name; }

    duckdb::vector<Expression> FromSource(const Names& columns, bool keeps_fields) const {
        duckdb::vector<Expression> values;
        for (const std::string& column : columns) {
            const duckdb::ColumnRefExpression value(column, source_name_);
            if (keeps_fields) {
                const duckdb::ColumnRefExpression old(column, target_name_);
                values.push_back(
                    Overlaid(value, GivenType(column), old, entry_.GetColumn(column).Type()));
            } else {
                values.push_back(value.Copy());
            }
        }
        return values;
    }

    const LogicalType& GivenType(const std::string& column) const {
        size_t at = 0;
        while (!EqualsIgnoreCase(source_.names[at], column)) at++;
        return source_.types[at];
    }

    const std::string target_name_;
    const std::string source_name_;
    const RowShape source_;
    duckdb::TableCatalogEntry& entry_;
    const bool evolves_;
};

bool HasStars(const duckdb::MergeIntoStatement& merge) {
    for (const auto& [condition, actions] : merge.actions) {
        for (const auto& action : actions) {
            if (IsStar(action->insert_columns)) return true;
            if (action->update_info && IsStar(action->update_info->columns)) return true;
        }
    }
    return false;
}

}  // namespace

Expression FieldOf(const duckdb::ParsedExpression& value, const std::string& field) {
    duckdb::vector<Expression> arguments;
    arguments.push_back(value.Copy());
    arguments.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(field)));
    return duckdb::make_uniq<duckdb::FunctionExpression>("struct_extract", std::move(arguments));
}

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
                   const StatementRows& rows, bool evolves) {
    if (statement.type != duckdb::StatementType::MERGE_INTO_STATEMENT) return;
    auto& merge = statement.Cast<duckdb::MergeIntoStatement>();
    if (!HasStars(merge)) return;
    const duckdb::BaseTableRef& named = TargetOf(merge);
    client.RunFunctionInTransaction([&] {
        const auto name =
            NamedTable::Of(client, named.catalog_name, named.schema_name, named.table_name);
        auto& entry = duckdb::Catalog::GetEntry<duckdb::TableCatalogEntry>(client, name.catalog,
                                                                           name.schema, name.name);
        const Spelling spelling(merge, entry, rows.SourceOf(merge), evolves);
        for (auto& [condition, actions] : merge.actions) {
            for (auto& action : actions) spelling.SpellOut(*action);
        }
    });
}

}  // namespace tarn::engine::duck
