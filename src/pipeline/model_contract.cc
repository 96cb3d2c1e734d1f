#include "pipeline/model_contract.h"

#include <algorithm>

#include "base/text.h"
#include "engine/column_lookup.h"
#include "pipeline/node_json.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

Error Broken(const Model& model, const std::string& why) {
    return Error(ErrorKind::kInvalidInput, "{} breaks its contract: {}", model.FullName(), why)
        .At(model.Spot());
}

// DECIMAL(18,2) and DECIMAL(38,3) are one type to a contract, as to dbt's.
std::string BaseOf(const std::string& type) { return AsciiLower(type.substr(0, type.find('('))); }

std::string Quoted(const std::vector<std::string>& columns) {
    std::vector<std::string> quoted;
    for (const std::string& column : columns) quoted.push_back(sql::QuoteIdentifier(column));
    return Join(quoted, ", ");
}

// SELECT of how many rows break it; empty: it is not held to.
std::string CountBreaking(const Constraint& constraint, const std::string& select) {
    const std::string from = fmt::format("FROM ({}) AS given", select);
    const std::string key = Quoted(constraint.columns);
    if (constraint.type == "check")
        return fmt::format("SELECT count(*) {} WHERE NOT ({})", from, constraint.expression);
    if (constraint.columns.empty()) return "";
    std::vector<std::string> nulls;
    for (const std::string& column : constraint.columns)
        nulls.push_back(sql::QuoteIdentifier(column) + " IS NULL");
    const std::string has_null = Join(nulls, " OR ");
    if (constraint.type == "not_null")
        return fmt::format("SELECT count(*) {} WHERE {}", from, has_null);
    const std::string doubled = fmt::format(
        "SELECT count(*) FROM (SELECT {0} {1} WHERE NOT ({2}) GROUP BY {0} HAVING count(*) > 1)",
        key, from, has_null);
    if (constraint.type == "unique") return doubled;
    if (constraint.type == "primary_key")
        return fmt::format("SELECT (SELECT count(*) {} WHERE {}) + ({})", from, has_null, doubled);
    return "";
}

}  // namespace

void CheckContract(const Model& model) {
    if (model.columns.empty()) throw Broken(model, "its YAML says no columns");
    for (const ModelColumn& column : model.columns) {
        if (column.data_type.empty())
            throw Broken(model, fmt::format("the column {} has no `data_type`", column.name));
    }
}

std::string DeclaredType(engine::Session& session, const Model& model, const ModelColumn& column) {
    try {
        const auto row =
            session.Execute(fmt::format("SELECT CAST(NULL AS {}) LIMIT 0", column.data_type));
        return row->Columns().at(0).type;
    } catch (const Error& error) {
        throw Broken(model, fmt::format("`data_type: {}` of {}: {}", column.data_type, column.name,
                                        error.message()));
    }
}

void ModelContract::CheckColumns(const std::string& select) {
    const auto given = engine::ColumnsOf(session_, "(\n" + select + "\n)");
    std::vector<std::string> wrong;
    for (const ModelColumn& column : model_.columns) {
        const engine::ColumnInfo* found = engine::FindColumn(given, column.name);
        if (found == nullptr) {
            wrong.push_back(fmt::format("{} ({}) is not selected", column.name, column.data_type));
            continue;
        }
        const std::string type = DeclaredType(session_, model_, column);
        if (BaseOf(type) != BaseOf(found->type))
            wrong.push_back(fmt::format("{} is {}, not {}", column.name, found->type, type));
    }
    for (const engine::ColumnInfo& column : given) {
        const bool is_said = std::any_of(
            model_.columns.begin(), model_.columns.end(),
            [&](const ModelColumn& said) { return EqualsIgnoreCase(said.name, column.name); });
        if (!is_said)
            wrong.push_back(fmt::format("{} ({}) is not in it", column.name, column.type));
    }
    if (!wrong.empty()) throw Broken(model_, Join(wrong, "; "));
}

std::string ModelContract::Held(const std::string& select, const std::string& rows) {
    CheckColumns(select);
    std::string shaped = Shaped(rows);
    for (const ModelColumn& column : model_.columns) {
        for (const Constraint& constraint : column.constraints) CheckRule(constraint, shaped);
    }
    for (const Constraint& constraint : model_.constraints) CheckRule(constraint, shaped);
    return shaped;
}

std::string ModelContract::Shaped(const std::string& select) const {
    std::vector<std::string> columns;
    for (const ModelColumn& column : model_.columns) {
        const std::string name = sql::QuoteIdentifier(column.name);
        columns.push_back(fmt::format("CAST({0} AS {1}) AS {0}", name, column.data_type));
    }
    std::vector<std::string> said;
    for (const ModelColumn& column : model_.columns) said.push_back(column.name);
    // Those that Tarn adds to judged rows.
    if (model_.IsSplit()) columns.push_back("* EXCLUDE (" + Quoted(said) + ")");
    return fmt::format("SELECT {} FROM ({})", Join(columns, ", "), select);
}

void ModelContract::CheckRule(const Constraint& constraint, const std::string& select) {
    const std::string sql = CountBreaking(constraint, select);
    if (sql.empty()) return;
    const std::string count = session_.Query(sql).at(0).at(0).value_or("");
    if (count == "0") return;
    const std::string of = Join(constraint.columns, ", ");
    throw Broken(
        model_,
        fmt::format("{} rows break {}{}{}", count, constraint.type, of.empty() ? "" : " of " + of,
                    constraint.type == "check" ? " (" + constraint.expression + ")" : ""));
}

std::string ModelContract::Text() const {
    return ColumnsJson(model_.columns).dump() + ConstraintsJson(model_.constraints, false).dump();
}

}  // namespace tarn::pipeline
