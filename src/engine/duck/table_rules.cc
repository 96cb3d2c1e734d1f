#include "engine/duck/table_rules.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "duckdb/execution/expression_executor.hpp"
#include "engine/duck/errors.h"
#include "engine/duck/row_rules.h"
#include "engine/duck/rule_expression.h"
#include "engine/duck/text_limits.h"
#include "engine/duck/types.h"
#include "sql/spark_expression.h"
#include "sql/spark_to_engine.h"
#include "table/schema_edit.h"

namespace tarn::engine::duck {
namespace {

// Spark's name of a scalar type; empty for a nested one.
std::string SparkTypeName(const table::Type& type) {
    switch (type.kind()) {
        case table::TypeKind::kBoolean:
            return "BOOLEAN";
        case table::TypeKind::kByte:
            return "TINYINT";
        case table::TypeKind::kShort:
            return "SMALLINT";
        case table::TypeKind::kInt:
            return "INT";
        case table::TypeKind::kLong:
            return "BIGINT";
        case table::TypeKind::kFloat:
            return "FLOAT";
        case table::TypeKind::kDouble:
            return "DOUBLE";
        case table::TypeKind::kDecimal:
            return fmt::format("DECIMAL({}, {})", type.precision(), type.scale());
        case table::TypeKind::kString:
            return "STRING";
        case table::TypeKind::kBinary:
            return "BINARY";
        case table::TypeKind::kDate:
            return "DATE";
        case table::TypeKind::kTimestamp:
            return "TIMESTAMP";
        case table::TypeKind::kTimestampNtz:
            return "TIMESTAMP_NTZ";
        default:
            return {};
    }
}

// Does one path lead into the other.
bool Overlap(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    for (size_t i = 0; i < std::min(a.size(), b.size()); i++) {
        if (!EqualsIgnoreCase(a[i], b[i])) return false;
    }
    return true;
}

// Also when it cannot be told what the expression reads.
bool Reads(const std::string& expression, const std::vector<std::string>& path) {
    try {
        const auto columns = sql::SparkExpression::ParseStored(expression).Columns();
        return std::any_of(columns.begin(), columns.end(),
                           [&](const auto& column) { return Overlap(column, path); });
    } catch (const Error&) {
        return true;
    }
}

void VerifyGenerated(duckdb::ClientContext& client, const TableName& name,
                     const table::TableMetadata& metadata, const table::Field& field) {
    const std::string what = "the generated column " + field.name;
    for (const table::Field& other : metadata.schema.fields) {
        if (!other.rules.generated_as || !Reads(*field.rules.generated_as, {other.name})) continue;
        throw Error(ErrorKind::kInvalidInput,
                    "{}: {} reads the column {}, which is generated itself; write its expression "
                    "out",
                    name.ToString(), what, other.name);
    }
    const auto bound =
        BindRule(client, {name, what, "change the expression"}, ColumnsOf(metadata.schema),
                 *field.rules.generated_as, ToLogicalType(field.type));
    if (IsConsistent(*bound)) return;
    throw Error(ErrorKind::kInvalidInput,
                "{}: {} ({}) is not the same at each evaluation; use DEFAULT instead",
                name.ToString(), what, *field.rules.generated_as);
}

// Rows that were written must be right whenever they are looked at.
void VerifyCheck(duckdb::ClientContext& client, const TableName& name,
                 const table::TableMetadata& metadata, const table::RowCheck& check) {
    const std::string what = fmt::format("the CHECK constraint {}", check.name);
    // Of its own type: Spark takes no other for a truth.
    const auto bound =
        BindRule(client, {name, what, "choose another condition"}, ColumnsOf(metadata.schema),
                 check.expression, duckdb::LogicalTypeId::INVALID);
    if (bound->return_type.id() != duckdb::LogicalTypeId::BOOLEAN) {
        throw Error(ErrorKind::kInvalidInput,
                    "{}: {} ({}) is of type {}; write a condition, which is true or false",
                    name.ToString(), what, check.expression, bound->return_type.ToString());
    }
    if (IsConsistent(*bound)) return;
    throw Error(ErrorKind::kInvalidInput,
                "{}: {} ({}) is not the same at each evaluation; keep the time in a column of its "
                "own, by DEFAULT current_date(), and compare with that",
                name.ToString(), what, check.expression);
}

void VerifyDefault(duckdb::ClientContext& client, const TableName& name,
                   const table::Field& field) {
    const std::string what = "the default of column " + field.name;
    const auto columns = sql::SparkExpression::ParseStored(*field.rules.default_value).Columns();
    if (!columns.empty()) {
        throw Error(ErrorKind::kInvalidInput,
                    "{}: {} ({}) reads the column {}; a default is the same for every row, a "
                    "value of other columns is GENERATED ALWAYS AS (...)",
                    name.ToString(), what, *field.rules.default_value, Join(columns[0], "."));
    }
    const auto bound = BindRule(client, {name, what, "change the expression"}, duckdb::ColumnList(),
                                *field.rules.default_value, ToLogicalType(field.type));
    const table::Type type = LimitedType(field);
    if (!HasLimits(type) || !bound->IsFoldable()) return;
    duckdb::Vector value(duckdb::ExpressionExecutor::EvaluateScalar(client, *bound));
    if (TooLong(value, 1, type).empty()) return;
    throw Error(ErrorKind::kInvalidInput,
                "{}: {} ({}) is longer than its type {} allows; choose another one, or a greater "
                "length",
                name.ToString(), what, *field.rules.default_value, SparkTypeText(type));
}

void SetNotNull(const std::vector<std::vector<std::string>>& paths, table::Field& field) {
    std::vector<table::Field> fields = {field};
    for (const std::vector<std::string>& below : paths) {
        table::FieldPath rest = below;
        std::vector<std::string> path = {field.name};
        for (const table::Field* at = &field; !rest.empty(); rest = rest.subspan(1)) {
            if (at->type.kind() != table::TypeKind::kStruct) {
                throw Error(
                    ErrorKind::kUnsupported,
                    "column {}: NOT NULL within an array or a map ({}) is not held by other "
                    "engines; leave it out, or use a CHECK constraint",
                    field.name, Join(below, "."));
            }
            const int child = table::FindField(at->type.children(), rest.front());
            Check(child >= 0, "a path within a type is one of it");
            at = &at->type.children()[static_cast<size_t>(child)];
            path.push_back(at->name);
        }
        table::EditField(fields, path, [](table::Field& inner) { inner.nullable = false; });
    }
    field = std::move(fields.front());
}

}  // namespace

void ApplyClauses(const sql::ColumnClauses& clauses, table::Field& field) {
    SetNotNull(clauses.not_null_fields, field);
    SetLimits(clauses.text_limits, field);
    const int sources = static_cast<int>(clauses.default_value.has_value()) +
                        static_cast<int>(clauses.generated_as.has_value()) +
                        static_cast<int>(clauses.identity.has_value());
    if (sources > 1) {
        throw Error(ErrorKind::kInvalidInput,
                    "column {}: DEFAULT, GENERATED ALWAYS AS (...) and AS IDENTITY exclude each "
                    "other",
                    field.name);
    }
    if (clauses.default_value) field.rules.default_value = clauses.default_value;
    if (clauses.generated_as) {
        const auto expression = sql::SparkExpression::ParseStored(*clauses.generated_as);
        field.rules.generated_as = sql::ToSparkOfType(expression, SparkTypeName(field.type));
    }
    if (!clauses.identity) return;
    if (field.type.kind() != table::TypeKind::kLong) {
        throw Error(ErrorKind::kInvalidInput,
                    "column {}: an identity column is of type BIGINT, not {}", field.name,
                    field.type.ToString());
    }
    field.rules.identity = table::IdentitySequence{clauses.identity->start, clauses.identity->step,
                                                   std::nullopt, clauses.identity->allows_explicit};
}

void AddCheck(const sql::CheckClause& check, const std::string& table,
              table::TableMetadata& metadata) {
    const auto exists = [&](const std::string& name) {
        return std::any_of(
            metadata.checks.begin(), metadata.checks.end(),
            [&](const table::RowCheck& other) { return EqualsIgnoreCase(other.name, name); });
    };
    // A table that is named by its folder goes by the folder's own name.
    const std::string own = table.substr(table.rfind('/') + 1) + "_check";
    std::string name = check.name.empty() ? own : check.name;
    for (int i = 2; check.name.empty() && exists(name); i++) name = own + "_" + std::to_string(i);
    if (exists(name))
        throw Error(ErrorKind::kAlreadyExists,
                    "there is a constraint {} already; give this one another name, or drop that "
                    "one first",
                    name);
    metadata.checks.push_back({std::move(name), check.expression});
}

void VerifyRules(duckdb::ClientContext& client, const TableName& name,
                 const table::TableMetadata& metadata, const std::vector<table::RowCheck>& known) {
    const RowRules rules(client, name, metadata.schema, metadata.checks, RulesFor::kDefining);
    for (const table::RowCheck& check : metadata.checks) {
        if (std::find(known.begin(), known.end(), check) == known.end())
            VerifyCheck(client, name, metadata, check);
    }
    for (const table::Field& field : metadata.schema.fields) {
        if (field.rules.generated_as) VerifyGenerated(client, name, metadata, field);
        if (field.rules.default_value) VerifyDefault(client, name, field);
    }
}

std::string DependentOn(const table::TableMetadata& metadata,
                        const std::vector<std::string>& path) {
    for (const table::RowCheck& check : metadata.checks) {
        if (Reads(check.expression, path)) return "the CHECK constraint " + check.name;
    }
    for (const table::Field& field : metadata.schema.fields) {
        const auto& rules = field.rules;
        if (rules.generated_as && Reads(*rules.generated_as, path))
            return "the generated column " + field.name;
        if (rules.invariant && Reads(*rules.invariant, path))
            return "the invariant of column " + field.name;
    }
    return {};
}

}  // namespace tarn::engine::duck
