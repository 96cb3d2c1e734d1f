#include "engine/duck/field_assignments.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/statement/merge_into_statement.hpp"
#include "duckdb/parser/statement/update_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "engine/duck/about_table.h"
#include "engine/duck/merge_columns.h"
#include "engine/duck/named_table.h"
#include "engine/duck/row_shape.h"
#include "sql/assignment_targets.h"
#include "table/schema_edit.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using Expression = duckdb::unique_ptr<duckdb::ParsedExpression>;
using Path = std::vector<std::string>;

struct Assignment {
    Path path;
    Expression value;
};
using Assignments = std::vector<Assignment*>;

std::string Shown(const Path& path, size_t parts) {
    return Join(Path(path.begin(), path.begin() + static_cast<ptrdiff_t>(parts)), ".");
}

// Of one SET.
class FieldSetter {
public:
    FieldSetter(duckdb::TableCatalogEntry& entry, std::string target)
        : entry_(entry), target_(std::move(target)) {}

    void SpellOut(duckdb::UpdateSetInfo& set) const {
        std::vector<Assignment> fields;
        duckdb::vector<std::string> columns;
        duckdb::vector<Expression> values;
        for (size_t i = 0; i < set.columns.size(); i++) {
            if (auto path = sql::AssignedField(set.columns[i])) {
                fields.push_back({*std::move(path), std::move(set.expressions[i])});
            } else {
                columns.push_back(set.columns[i]);
                values.push_back(std::move(set.expressions[i]));
            }
        }
        while (!fields.empty()) {
            const std::string column = OwnColumn(fields.front().path.front(), columns);
            const auto others =
                std::stable_partition(fields.begin(), fields.end(), [&](const Assignment& field) {
                    return EqualsIgnoreCase(field.path.front(), column);
                });
            Assignments of_column;
            for (auto field = fields.begin(); field != others; ++field)
                of_column.push_back(&*field);
            const duckdb::ColumnRefExpression old(column, target_);
            values.push_back(Changed(of_column, 1, old, entry_.GetColumn(column).Type()));
            columns.push_back(column);
            fields.erase(fields.begin(), others);
        }
        set.columns = std::move(columns);
        set.expressions = std::move(values);
    }

private:
    // As the table spells it; not one that is assigned as a whole.
    std::string OwnColumn(const std::string& name,
                          const duckdb::vector<std::string>& assigned) const {
        for (const std::string& other : assigned) {
            if (EqualsIgnoreCase(name, other)) FailTwice(name);
        }
        if (entry_.ColumnExists(name)) return entry_.GetColumn(name).Name();
        std::vector<table::Field> columns;
        for (const auto& column : entry_.GetColumns().Logical())
            columns.emplace_back().name = column.Name();
        throw AboutTarget(table::NoColumn(name, name, columns));
    }

    // The struct `old` with the fields that are assigned below the first parts of their paths.
    Expression Changed(const Assignments& assigned, size_t parts,
                       const duckdb::ParsedExpression& old, const LogicalType& type) const {
        const Path& any = assigned.front()->path;
        if (!IsNamedStruct(type)) {
            throw AboutTarget(
                Error(ErrorKind::kInvalidInput,
                      "{} is of type {} and has no field {} to set: set {} as a whole",
                      Shown(any, parts), type.ToString(), any[parts], Shown(any, parts)));
        }
        CheckKnown(assigned, parts, type);
        duckdb::vector<Expression> fields;
        for (const auto& [name, field_type] : duckdb::StructType::GetChildTypes(type)) {
            Assignments within;
            for (Assignment* assignment : assigned) {
                if (EqualsIgnoreCase(assignment->path[parts], name)) within.push_back(assignment);
            }
            Expression field = FieldOf(old, name);
            if (!within.empty()) field = NewField(within, parts + 1, *field, field_type);
            field->SetAlias(name);
            fields.push_back(std::move(field));
        }
        return duckdb::make_uniq<duckdb::FunctionExpression>("struct_pack", std::move(fields));
    }

    Expression NewField(const Assignments& assigned, size_t parts,
                        const duckdb::ParsedExpression& old, const LogicalType& type) const {
        const bool is_whole = std::any_of(
            assigned.begin(), assigned.end(),
            [&](const Assignment* assignment) { return assignment->path.size() == parts; });
        if (!is_whole) return Changed(assigned, parts, old, type);
        const Path& path = assigned.front()->path;
        if (assigned.size() > 1) FailTwice(Shown(path, parts));
        if (assigned.front()->value->GetExpressionType() == duckdb::ExpressionType::VALUE_DEFAULT) {
            throw AboutTarget(Error(ErrorKind::kInvalidInput,
                                    "the field {} has no DEFAULT, which is a column's: give its "
                                    "value",
                                    Shown(path, parts)));
        }
        return std::move(assigned.front()->value);
    }

    void CheckKnown(const Assignments& assigned, size_t parts, const LogicalType& type) const {
        std::vector<table::Field> fields;
        for (const auto& [name, field_type] : duckdb::StructType::GetChildTypes(type))
            fields.emplace_back().name = name;
        for (const Assignment* assignment : assigned) {
            const std::string& name = assignment->path[parts];
            if (table::FindField(fields, name) < 0)
                throw AboutTarget(
                    table::NoColumn(Shown(assignment->path, parts + 1), name, fields));
        }
    }

    [[noreturn]] void FailTwice(const std::string& shown) const {
        throw AboutTarget(Error(ErrorKind::kInvalidInput,
                                "{} is set more than once, as a whole or in part: set it once",
                                shown));
    }

    Error AboutTarget(const Error& error) const {
        return AboutTable({entry_.ParentSchema().name, entry_.name}, error);
    }

    duckdb::TableCatalogEntry& entry_;
    const std::string target_;  // what the statement calls the table
};

bool HasFields(const duckdb::UpdateSetInfo& set) {
    return std::any_of(set.columns.begin(), set.columns.end(), [](const std::string& column) {
        return sql::AssignedField(column).has_value();
    });
}

std::vector<duckdb::UpdateSetInfo*> SetsOf(duckdb::SQLStatement& statement) {
    std::vector<duckdb::UpdateSetInfo*> sets;
    if (statement.type == duckdb::StatementType::UPDATE_STATEMENT) {
        sets.push_back(statement.Cast<duckdb::UpdateStatement>().set_info.get());
    } else if (statement.type == duckdb::StatementType::MERGE_INTO_STATEMENT) {
        for (auto& [condition, actions] : statement.Cast<duckdb::MergeIntoStatement>().actions) {
            for (auto& action : actions) {
                if (action->update_info) sets.push_back(action->update_info.get());
            }
        }
    }
    std::erase_if(sets, [](const auto* set) { return !HasFields(*set); });
    return sets;
}

const duckdb::TableRef& TargetOf(duckdb::SQLStatement& statement) {
    if (statement.type == duckdb::StatementType::UPDATE_STATEMENT)
        return *statement.Cast<duckdb::UpdateStatement>().table;
    return *statement.Cast<duckdb::MergeIntoStatement>().target;
}

}  // namespace

void SpellOutFields(duckdb::ClientContext& client, duckdb::SQLStatement& statement) {
    const auto sets = SetsOf(statement);
    if (sets.empty()) return;
    const duckdb::TableRef& target = TargetOf(statement);
    if (target.type != duckdb::TableReferenceType::BASE_TABLE) return;
    const auto& named = target.Cast<duckdb::BaseTableRef>();
    client.RunFunctionInTransaction([&] {
        const auto name =
            NamedTable::Of(client, named.catalog_name, named.schema_name, named.table_name);
        auto& entry = duckdb::Catalog::GetEntry<duckdb::TableCatalogEntry>(client, name.catalog,
                                                                           name.schema, name.name);
        const FieldSetter setter(entry, named.alias.empty() ? named.table_name : named.alias);
        for (duckdb::UpdateSetInfo* set : sets) setter.SpellOut(*set);
    });
}

}  // namespace tarn::engine::duck
