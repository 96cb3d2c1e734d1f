#include "engine/duck/refused_rows.h"

#include <algorithm>

#include "base/text.h"
#include "duckdb/parser/statement/update_statement.hpp"
#include "duckdb/parser/tableref/basetableref.hpp"
#include "duckdb/parser/tableref/joinref.hpp"
#include "engine/duck/merge_columns.h"
#include "engine/duck/named_table.h"
#include "engine/duck/types.h"
#include "sql/assignment_targets.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using Columns = duckdb::vector<std::string>;
using Values = duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>>;

duckdb::unique_ptr<duckdb::TableRef> Both(duckdb::TableRef& left, duckdb::TableRef& right) {
    auto join = duckdb::make_uniq<duckdb::JoinRef>(duckdb::JoinRefType::CROSS);
    join->left = left.Copy();
    join->right = right.Copy();
    return join;
}

std::string PluralOf(size_t count) {
    return count == 1 ? "1 value" : fmt::format("{} values", count);
}

// Of one statement and the table it writes.
class Reasons {
public:
    Reasons(duckdb::ClientContext& client, const StatementRows& rows)
        : client_(client), rows_(rows) {}

    // They throw the reason, if there is one.
    void Find(const duckdb::InsertStatement& insert) {
        if (!FindTarget(insert.catalog, insert.schema, insert.table, "INSERT")) return;
        if (!insert.select_statement) return;
        const RowShape rows = rows_.Of(insert, Schema());
        const size_t width = rows.names.size();
        if (IsByPosition(insert)) {
            const auto places = rows_.PlacesOf(insert, Schema());
            for (size_t i = 0; i < places.size(); i++) {
                if (i < width) CheckKnown(places[i], rows.types[i]);
            }
            if (width > places.size() && insert.columns.empty())
                throw UnknownColumn(target_, rows.names[places.size()], rows.types[places.size()]);
            if (width < places.size())
                throw UngivenColumn(target_, "a row of " + PluralOf(width), places[width],
                                    TypeOf(places[width]));
        }
        for (size_t i = 0; i < width; i++) {
            CheckKnown(rows.names[i], rows.types[i]);
            CheckFields(target_, rows.names[i], rows.types[i], TypeOf(rows.names[i]));
        }
    }

    void Find(const duckdb::UpdateStatement& update) {
        if (!FindTarget(*update.table, "UPDATE")) return;
        auto from =
            update.from_table ? Both(*update.table, *update.from_table) : update.table->Copy();
        CheckGiven(update.set_info->columns, update.set_info->expressions, *from, update.cte_map);
    }

    void Find(const duckdb::MergeIntoStatement& merge) {
        if (!FindTarget(*merge.target, "MERGE")) return;
        const auto from = Both(*merge.source, *merge.target);
        for (const auto& [condition, actions] : merge.actions) {
            for (const auto& action : actions) {
                if (action->update_info) {
                    CheckGiven(action->update_info->columns, action->update_info->expressions,
                               *from, merge.cte_map);
                } else if (!action->insert_columns.empty()) {
                    CheckGiven(action->insert_columns, action->expressions, *from, merge.cte_map);
                }
            }
        }
    }

private:
    const table::Schema& Schema() const { return entry_->metadata().schema; }

    bool FindTarget(const duckdb::TableRef& table, const char* statement) {
        if (table.type != duckdb::TableReferenceType::BASE_TABLE) return false;
        const auto& named = table.Cast<duckdb::BaseTableRef>();
        return FindTarget(named.catalog_name, named.schema_name, named.table_name, statement);
    }

    bool FindTarget(const std::string& catalog, const std::string& schema, const std::string& name,
                    const char* statement) {
        entry_ = FindLakeTable(client_, NamedTable::Of(client_, catalog, schema, name));
        if (!entry_) return false;
        target_.table = entry_->row().name.ToString();
        target_.statement = statement;
        target_.may_evolve = target_.statement != "UPDATE";
        return true;
    }

    LogicalType TypeOf(const std::string& column) const {
        return ToLogicalType(Schema().fields[static_cast<size_t>(Schema().Find(column))].type);
    }

    void CheckKnown(const std::string& column, const LogicalType& type) const {
        if (Schema().Find(column) < 0) throw UnknownColumn(target_, column, type);
    }

    void CheckGiven(const Columns& columns, const Values& values, duckdb::TableRef& from,
                    const duckdb::CommonTableExpressionMap& queries) const {
        if (IsStar(columns)) return;
        for (size_t i = 0; i < columns.size() && i < values.size(); i++) {
            // A field was looked up when it was spelled out (field_assignments.h).
            if (sql::AssignedField(columns[i])) continue;
            if (Schema().Find(columns[i]) < 0)
                CheckKnown(columns[i], TypeOfValue(*values[i], from, queries));
        }
    }

    // Invalid for one that cannot be bound by itself.
    LogicalType TypeOfValue(const duckdb::ParsedExpression& value, duckdb::TableRef& from,
                            const duckdb::CommonTableExpressionMap& queries) const {
        try {
            return rows_.TypeOf(value, from.Copy(), queries);
        } catch (const duckdb::Exception&) {
            return LogicalType(duckdb::LogicalTypeId::INVALID);
        }
    }

    duckdb::ClientContext& client_;
    const StatementRows& rows_;
    std::shared_ptr<TableEntry> entry_;
    RowTarget target_;
};

}  // namespace

std::optional<Error> WhyRefused(duckdb::ClientContext& client,
                                const duckdb::SQLStatement& statement, const StatementRows& rows) {
    std::optional<Error> reason;
    Reasons reasons(client, rows);
    try {
        client.RunFunctionInTransaction([&] {
            try {
                if (statement.type == duckdb::StatementType::INSERT_STATEMENT) {
                    reasons.Find(statement.Cast<duckdb::InsertStatement>());
                } else if (statement.type == duckdb::StatementType::UPDATE_STATEMENT) {
                    reasons.Find(statement.Cast<duckdb::UpdateStatement>());
                } else if (statement.type == duckdb::StatementType::MERGE_INTO_STATEMENT) {
                    reasons.Find(statement.Cast<duckdb::MergeIntoStatement>());
                }
            } catch (const Error& error) {
                reason = error;
            }
        });
    } catch (const std::exception&) {
        // What failed before fails again: the engine's own words stand.
        return std::nullopt;
    }
    return reason;
}

}  // namespace tarn::engine::duck
