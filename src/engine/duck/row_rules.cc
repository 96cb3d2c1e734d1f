#include "engine/duck/row_rules.h"

#include <algorithm>

#include "base/text.h"
#include "duckdb/common/vector_operations/vector_operations.hpp"
#include "duckdb/planner/expression/bound_comparison_expression.hpp"
#include "duckdb/planner/expression/bound_reference_expression.hpp"
#include "engine/duck/errors.h"
#include "engine/duck/rule_expression.h"
#include "engine/duck/text_limits.h"
#include "engine/duck/types.h"

namespace tarn::engine::duck {
namespace {

bool HasNotNull(const table::Type& type) {
    const auto& children = type.children();
    // A map's key is never NULL.
    const size_t first = type.kind() == table::TypeKind::kMap ? 1 : 0;
    return std::any_of(children.begin() + static_cast<ptrdiff_t>(std::min(first, children.size())),
                       children.end(),
                       [](const table::Field& child) {
                           return !child.nullable || HasNotNull(child.type);
                       }) ||
           (first == 1 && HasNotNull(children[0].type));
}

template <typename T>
RowNumbers InfiniteIn(duckdb::Vector& column, duckdb::idx_t count) {
    duckdb::UnifiedVectorFormat format;
    column.ToUnifiedFormat(count, format);
    const auto* values = duckdb::UnifiedVectorFormat::GetData<T>(format);
    RowNumbers infinite;
    for (duckdb::idx_t row = 0; row < count; row++) {
        const auto at = format.sel->get_index(row);
        if (format.validity.RowIsValid(at) && !duckdb::Value::IsFinite(values[at]))
            infinite.push_back(row);
    }
    return infinite;
}

RowNumbers InfiniteTimes(duckdb::Vector& column, duckdb::idx_t count) {
    switch (column.GetType().id()) {
        case duckdb::LogicalTypeId::DATE:
            return InfiniteIn<duckdb::date_t>(column, count);
        case duckdb::LogicalTypeId::TIMESTAMP:
        case duckdb::LogicalTypeId::TIMESTAMP_TZ:
            return InfiniteIn<duckdb::timestamp_t>(column, count);
        default:
            return {};
    }
}

bool HasTimes(const table::Type& type) {
    const auto& children = type.children();
    return type.kind() == table::TypeKind::kDate || type.kind() == table::TypeKind::kTimestamp ||
           type.kind() == table::TypeKind::kTimestampNtz ||
           std::any_of(children.begin(), children.end(),
                       [](const table::Field& child) { return HasTimes(child.type); });
}

// Also for what no row of the column leads to any more. The vector is a flat one.
bool MayHoldInfinite(duckdb::Vector& column, duckdb::idx_t count) {
    switch (column.GetType().id()) {
        case duckdb::LogicalTypeId::STRUCT: {
            for (const auto& entry : duckdb::StructVector::GetEntries(column)) {
                duckdb::Vector child(*entry);
                child.Flatten(count);
                if (MayHoldInfinite(child, count)) return true;
            }
            return false;
        }
        case duckdb::LogicalTypeId::LIST:
        case duckdb::LogicalTypeId::MAP: {
            const auto children = duckdb::ListVector::GetListSize(column);
            duckdb::Vector child(duckdb::ListVector::GetEntry(column));
            child.Flatten(children);
            return MayHoldInfinite(child, children);
        }
        default:
            return !InfiniteTimes(column, count).empty();
    }
}

bool HoldsInfinite(const duckdb::Value& value) {
    if (value.IsNull()) return false;
    const auto any_of = [](const auto& children) {
        return std::any_of(children.begin(), children.end(), HoldsInfinite);
    };
    switch (value.type().id()) {
        case duckdb::LogicalTypeId::STRUCT:
            return any_of(duckdb::StructValue::GetChildren(value));
        case duckdb::LogicalTypeId::LIST:
            return any_of(duckdb::ListValue::GetChildren(value));
        case duckdb::LogicalTypeId::MAP:
            return any_of(duckdb::MapValue::GetChildren(value));
        case duckdb::LogicalTypeId::DATE:
            return !duckdb::Value::IsFinite(value.GetValueUnsafe<duckdb::date_t>());
        case duckdb::LogicalTypeId::TIMESTAMP:
        case duckdb::LogicalTypeId::TIMESTAMP_TZ:
            return !duckdb::Value::IsFinite(value.GetValueUnsafe<duckdb::timestamp_t>());
        default:
            return false;
    }
}

RowNumbers NestedInfiniteTimes(duckdb::Vector& given, duckdb::idx_t count) {
    RowNumbers infinite;
    duckdb::Vector column(given);
    column.Flatten(count);
    if (!MayHoldInfinite(column, count)) return infinite;
    for (duckdb::idx_t row = 0; row < count; row++) {
        if (HoldsInfinite(column.GetValue(row))) infinite.push_back(row);
    }
    return infinite;
}

// The path of a NULL where the type has none, or nothing.
std::string NullWithin(const duckdb::Value& value, const table::Type& type) {
    if (value.IsNull()) return {};
    const auto look = [](const duckdb::Value& child, const table::Field& field) -> std::string {
        if (child.IsNull()) return field.nullable ? "" : field.name;
        const std::string inner = NullWithin(child, field.type);
        return inner.empty() ? "" : field.name + "." + inner;
    };
    const auto& fields = type.children();
    std::string found;
    switch (type.kind()) {
        case table::TypeKind::kStruct: {
            const auto& children = duckdb::StructValue::GetChildren(value);
            for (size_t i = 0; i < fields.size() && found.empty(); i++)
                found = look(children[i], fields[i]);
            return found;
        }
        case table::TypeKind::kArray:
            for (const auto& child : duckdb::ListValue::GetChildren(value)) {
                if (found.empty()) found = look(child, fields[0]);
            }
            return found;
        case table::TypeKind::kMap:
            for (const auto& entry : duckdb::MapValue::GetChildren(value)) {
                const auto& pair = duckdb::StructValue::GetChildren(entry);
                for (size_t i = 0; i < 2 && found.empty(); i++) found = look(pair[i], fields[i]);
            }
            return found;
        default:
            return {};
    }
}

}  // namespace

RowRules::RowRules(duckdb::ClientContext& client, const TableName& name,
                   const table::Schema& schema, const std::vector<table::RowCheck>& checks,
                   RulesFor rules_for)
    : name_(name), fields_(schema.fields), rules_for_(rules_for) {
    for (const table::Field& field : fields_) {
        has_nested_not_null_.push_back(HasNotNull(field.type));
        has_nested_times_.push_back(field.type.IsNested() && HasTimes(field.type));
        table::Type type = LimitedType(field);
        if (HasLimits(type)) limited_.emplace_back(has_nested_times_.size() - 1, std::move(type));
    }
    const duckdb::ColumnList columns = ColumnsOf(schema);
    for (const table::RowCheck& check : checks) {
        AddRule(client, columns, "the CHECK constraint " + check.name,
                rules_for == RulesFor::kDefining
                    ? "choose another condition"
                    : fmt::format("drop it with ALTER TABLE {} DROP CONSTRAINT {}",
                                  name_.ToString(), check.name),
                check.expression);
    }
    for (const table::Field& field : fields_) AddRulesOf(client, columns, field);
}

void RowRules::AddRule(duckdb::ClientContext& client, const duckdb::ColumnList& columns,
                       const std::string& what, const std::string& remedy,
                       const std::string& expression) {
    auto bound =
        BindRule(client, {name_, what, remedy}, columns, expression, duckdb::LogicalType::BOOLEAN);
    rules_.push_back({fmt::format("{} ({})", what, expression), remedy, std::move(bound)});
}

void RowRules::AddRulesOf(duckdb::ClientContext& client, const duckdb::ColumnList& columns,
                          const table::Field& field) {
    if (field.rules.invariant) {
        AddRule(client, columns, "the invariant of column " + field.name,
                "write rows of which it is true", *field.rules.invariant);
    }
    if (!field.rules.generated_as) return;
    const std::string what = "the generated column " + field.name;
    const std::string remedy = rules_for_ == RulesFor::kDefining
                                   ? "choose another expression"
                                   : "leave the column out, so that it is computed";
    const auto type = ToLogicalType(field.type);
    const auto& column = columns.GetColumn(field.name);
    auto given = duckdb::make_uniq<duckdb::BoundReferenceExpression>(type, column.StorageOid());
    auto computed =
        BindRule(client, {name_, what, remedy}, columns, *field.rules.generated_as, type);
    rules_.push_back({fmt::format("{} (GENERATED ALWAYS AS ({}))", what, *field.rules.generated_as),
                      remedy,
                      duckdb::make_uniq<duckdb::BoundComparisonExpression>(
                          duckdb::ExpressionType::COMPARE_NOT_DISTINCT_FROM, std::move(given),
                          std::move(computed))});
}

std::unique_ptr<RowRules::Local> RowRules::MakeLocal(duckdb::ClientContext& client) const {
    auto local = std::make_unique<Local>();
    if (rules_.empty()) return local;
    local->executor = std::make_unique<duckdb::ExpressionExecutor>(client);
    duckdb::vector<duckdb::LogicalType> types;
    for (const Rule& rule : rules_) {
        local->executor->AddExpression(*rule.expression);
        types.push_back(duckdb::LogicalType::BOOLEAN);
    }
    local->verdicts.Initialize(client, types);
    return local;
}

void RowRules::Check(Local& local, duckdb::DataChunk& rows) const {
    CheckNotNull(rows);
    CheckFinite(rows);
    CheckLengths(rows);
    if (rules_.empty()) return;
    local.verdicts.Reset();
    local.executor->SetChunk(rows);
    for (size_t i = 0; i < rules_.size(); i++) {
        Evaluate(local, i);
        duckdb::UnifiedVectorFormat format;
        local.verdicts.data[i].ToUnifiedFormat(rows.size(), format);
        const auto* is_true = duckdb::UnifiedVectorFormat::GetData<bool>(format);
        RowNumbers broken;
        for (duckdb::idx_t row = 0; row < rows.size(); row++) {
            const auto at = format.sel->get_index(row);
            if (!format.validity.RowIsValid(at) || !is_true[at]) broken.push_back(row);
        }
        if (!broken.empty()) Refuse(rules_[i].what, rules_[i].remedy, rows, broken);
    }
}

// What an expression cannot be evaluated of, an overflow, is refused like what it is not true of.
void RowRules::Evaluate(Local& local, size_t rule) const {
    try {
        local.executor->ExecuteExpression(rule, local.verdicts.data[rule]);
    } catch (const duckdb::Exception& exception) {
        const Error error = FromException(exception);
        if (error.kind() != ErrorKind::kInvalidInput) throw;
        ThrowIntoDuck(
            Error(error.kind(), "{}: {} cannot be evaluated for a row: {}; correct it, or {}",
                  name_.ToString(), rules_[rule].what, error.message(), rules_[rule].remedy)
                .With("table", name_.ToString()));
    }
}

void RowRules::CheckNotNull(duckdb::DataChunk& rows) const {
    for (size_t i = 0; i < fields_.size(); i++) {
        const table::Field& field = fields_[i];
        const bool breaks_own =
            !field.nullable && duckdb::VectorOperations::HasNull(rows.data[i], rows.size());
        if (!breaks_own && !has_nested_not_null_[i]) continue;
        RowNumbers broken;
        std::string path = field.name;
        for (duckdb::idx_t row = 0; row < rows.size(); row++) {
            const duckdb::Value value = rows.data[i].GetValue(row);
            const std::string inner = NullWithin(value, field.type);
            if (!inner.empty()) path = field.name + "." + inner;
            if (!inner.empty() || (value.IsNull() && !field.nullable)) broken.push_back(row);
        }
        if (broken.empty()) continue;
        Refuse(fmt::format("NOT NULL of column {}", path),
               rules_for_ == RulesFor::kDefining
                   ? "let the column have NULL"
                   : fmt::format("allow NULL with ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL",
                                 name_.ToString(), path),
               rows, broken);
    }
}

void RowRules::CheckFinite(duckdb::DataChunk& rows) const {
    for (size_t i = 0; i < fields_.size(); i++) {
        const auto broken = has_nested_times_[i] ? NestedInfiniteTimes(rows.data[i], rows.size())
                                                 : InfiniteTimes(rows.data[i], rows.size());
        if (broken.empty()) continue;
        Refuse(fmt::format("the type of column {}, for tables have no infinite times",
                           fields_[i].name),
               "write NULL, or a time that is far away", rows, broken);
    }
}

void RowRules::CheckLengths(duckdb::DataChunk& rows) const {
    for (const auto& [column, type] : limited_) {
        const RowNumbers broken = TooLong(rows.data[column], rows.size(), type);
        if (broken.empty()) continue;
        const std::string& name = fields_[column].name;
        Refuse(
            fmt::format("the length of the column {} of type {}", name, SparkTypeText(type)),
            rules_for_ == RulesFor::kDefining
                ? "choose a greater length"
                : fmt::format("cut the text with left(), or let the column have longer ones with "
                              "ALTER TABLE {} ALTER COLUMN {} TYPE ...",
                              name_.ToString(), name),
            rows, broken);
    }
}

void RowRules::Refuse(const std::string& what, const std::string& remedy,
                      const duckdb::DataChunk& rows, const RowNumbers& broken) const {
    std::vector<std::string> columns;
    for (const table::Field& field : fields_) columns.push_back(field.name);
    const std::string shown = ShownRows(columns, broken, [&](size_t column, duckdb::idx_t row) {
        return rows.data[column].GetValue(row);
    });
    ThrowIntoDuck(Error(ErrorKind::kInvalidInput, "{}: {} {}: {}; correct {}, or {}",
                        name_.ToString(), RowsBreak(broken, rows.size()), what, shown,
                        broken.size() == 1 ? "it" : "them", remedy)
                      .With("table", name_.ToString()));
}

}  // namespace tarn::engine::duck
