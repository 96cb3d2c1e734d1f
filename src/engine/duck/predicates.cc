#include "engine/duck/predicates.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "duckdb/planner/expression/bound_between_expression.hpp"
#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "duckdb/planner/expression/bound_comparison_expression.hpp"
#include "duckdb/planner/expression/bound_conjunction_expression.hpp"
#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/expression/bound_operator_expression.hpp"
#include "duckdb/planner/filter/conjunction_filter.hpp"
#include "duckdb/planner/filter/constant_filter.hpp"
#include "duckdb/planner/filter/dynamic_filter.hpp"
#include "duckdb/planner/filter/in_filter.hpp"
#include "duckdb/planner/filter/optional_filter.hpp"
#include "duckdb/planner/filter/struct_filter.hpp"
#include "engine/duck/values.h"

namespace tarn::engine::duck {
namespace {

using duckdb::ExpressionClass;
using duckdb::ExpressionType;
using table::Comparison;
using table::Predicate;

struct Column {
    std::vector<std::string> path;
    table::Type type;
    bool IsFloating() const {
        return type.kind() == table::TypeKind::kFloat || type.kind() == table::TypeKind::kDouble;
    }
};

std::optional<Comparison> ComparisonOf(ExpressionType type) {
    switch (type) {
        case ExpressionType::COMPARE_EQUAL:
            return Comparison::kEqual;
        case ExpressionType::COMPARE_NOTEQUAL:
            return Comparison::kNotEqual;
        case ExpressionType::COMPARE_LESSTHAN:
            return Comparison::kLess;
        case ExpressionType::COMPARE_LESSTHANOREQUALTO:
            return Comparison::kLessEqual;
        case ExpressionType::COMPARE_GREATERTHAN:
            return Comparison::kGreater;
        case ExpressionType::COMPARE_GREATERTHANOREQUALTO:
            return Comparison::kGreaterEqual;
        default:
            return std::nullopt;
    }
}

// A constant that bounds can be compared with; nothing for NULL, NaN, infinity, or a nested value.
std::optional<table::Value> ConstantOf(const Column& column, const duckdb::Value& value) {
    if (value.IsNull() || column.type.IsNested()) return std::nullopt;
    if (value.type().id() == duckdb::LogicalTypeId::DATE &&
        !duckdb::Value::IsFinite(duckdb::DateValue::Get(value))) {
        return std::nullopt;
    }
    const bool is_timestamp = value.type().id() == duckdb::LogicalTypeId::TIMESTAMP ||
                              value.type().id() == duckdb::LogicalTypeId::TIMESTAMP_TZ;
    if (is_timestamp && !duckdb::Value::IsFinite(value.GetValueUnsafe<duckdb::timestamp_t>()))
        return std::nullopt;
    table::Value constant = FromDuck(value, column.type);
    if (const auto* number = std::get_if<double>(&constant);
        number != nullptr && !std::isfinite(*number)) {
        return std::nullopt;
    }
    return constant;
}

Predicate Compare(const Column& column, ExpressionType type, const duckdb::Value& value,
                  bool is_negated) {
    const auto comparison = ComparisonOf(type);
    if (!comparison) return Predicate::Unknown();
    // DuckDB orders NaN above all numbers, and a writer's bounds may leave it out: an upper bound
    // proves nothing.
    const bool is_upward = *comparison == Comparison::kGreater ||
                           *comparison == Comparison::kGreaterEqual ||
                           *comparison == Comparison::kNotEqual;
    if (column.IsFloating() && (is_upward || is_negated)) return Predicate::Unknown();
    auto constant = ConstantOf(column, value);
    if (!constant) return Predicate::Unknown();
    return Predicate::Compare(column.path, *comparison, std::move(*constant));
}

Predicate In(const Column& column, const duckdb::vector<duckdb::Value>& values, bool is_negated) {
    if (column.IsFloating() && is_negated) return Predicate::Unknown();
    std::vector<table::Value> constants;
    for (const duckdb::Value& value : values) {
        auto constant = ConstantOf(column, value);
        if (!constant) return Predicate::Unknown();
        constants.push_back(std::move(*constant));
    }
    return Predicate::In(column.path, std::move(constants));
}

class ExpressionReader {
public:
    ExpressionReader(const table::Schema& schema, const duckdb::MultiFilePushdownInfo& scan)
        : schema_(schema), scan_(scan) {}

    Predicate Read(const duckdb::Expression& expression, bool is_negated = false) const {
        switch (expression.GetExpressionClass()) {
            case ExpressionClass::BOUND_COMPARISON:
                return ReadComparison(expression.Cast<duckdb::BoundComparisonExpression>(),
                                      is_negated);
            case ExpressionClass::BOUND_CONJUNCTION:
                return ReadConjunction(expression.Cast<duckdb::BoundConjunctionExpression>(),
                                       is_negated);
            case ExpressionClass::BOUND_OPERATOR:
                return ReadOperator(expression.Cast<duckdb::BoundOperatorExpression>(), is_negated);
            case ExpressionClass::BOUND_BETWEEN:
                return ReadBetween(expression.Cast<duckdb::BoundBetweenExpression>(), is_negated);
            default:
                return Predicate::Unknown();
        }
    }

private:
    std::optional<Column> ColumnOf(const duckdb::Expression& expression) const {
        if (expression.GetExpressionClass() != ExpressionClass::BOUND_COLUMN_REF)
            return std::nullopt;
        const auto& binding = expression.Cast<duckdb::BoundColumnRefExpression>().binding;
        if (binding.table_index != scan_.table_index ||
            binding.column_index >= scan_.column_ids.size()) {
            return std::nullopt;
        }
        const auto id = scan_.column_ids[binding.column_index];
        if (id >= schema_.fields.size()) return std::nullopt;
        return Column{{schema_.fields[id].name}, schema_.fields[id].type};
    }

    static const duckdb::Value* ConstantIn(const duckdb::Expression& expression) {
        if (expression.GetExpressionClass() != ExpressionClass::BOUND_CONSTANT) return nullptr;
        return &expression.Cast<duckdb::BoundConstantExpression>().value;
    }

    Predicate ReadComparison(const duckdb::BoundComparisonExpression& comparison,
                             bool is_negated) const {
        auto column = ColumnOf(*comparison.left);
        const duckdb::Value* constant = ConstantIn(*comparison.right);
        auto type = comparison.GetExpressionType();
        if (!column) {
            column = ColumnOf(*comparison.right);
            constant = ConstantIn(*comparison.left);
            type = duckdb::FlipComparisonExpression(type);
        }
        if (!column || constant == nullptr) return Predicate::Unknown();
        return Compare(*column, type, *constant, is_negated);
    }

    Predicate ReadConjunction(const duckdb::BoundConjunctionExpression& conjunction,
                              bool is_negated) const {
        std::vector<Predicate> parts;
        for (const auto& child : conjunction.children) parts.push_back(Read(*child, is_negated));
        return conjunction.GetExpressionType() == ExpressionType::CONJUNCTION_AND
                   ? Predicate::And(std::move(parts))
                   : Predicate::Or(std::move(parts));
    }

    Predicate ReadOperator(const duckdb::BoundOperatorExpression& expression,
                           bool is_negated) const {
        const auto type = expression.GetExpressionType();
        if (type == ExpressionType::OPERATOR_NOT)
            return Predicate::Not(Read(*expression.children[0], !is_negated));
        const auto column = ColumnOf(*expression.children[0]);
        if (!column) return Predicate::Unknown();
        if (type == ExpressionType::OPERATOR_IS_NULL) return Predicate::IsNull(column->path);
        if (type == ExpressionType::OPERATOR_IS_NOT_NULL) return Predicate::IsNotNull(column->path);
        if (type != ExpressionType::COMPARE_IN && type != ExpressionType::COMPARE_NOT_IN)
            return Predicate::Unknown();
        duckdb::vector<duckdb::Value> values;
        for (size_t i = 1; i < expression.children.size(); i++) {
            const duckdb::Value* constant = ConstantIn(*expression.children[i]);
            if (constant == nullptr) return Predicate::Unknown();
            values.push_back(*constant);
        }
        if (type == ExpressionType::COMPARE_IN) return In(*column, values, is_negated);
        return Predicate::Not(In(*column, values, !is_negated));
    }

    Predicate ReadBetween(const duckdb::BoundBetweenExpression& between, bool is_negated) const {
        const auto column = ColumnOf(*between.input);
        const duckdb::Value* lower = ConstantIn(*between.lower);
        const duckdb::Value* upper = ConstantIn(*between.upper);
        if (!column || lower == nullptr || upper == nullptr) return Predicate::Unknown();
        return Predicate::And(
            {Compare(*column, between.LowerComparisonType(), *lower, is_negated),
             Compare(*column, between.UpperComparisonType(), *upper, is_negated)});
    }

    const table::Schema& schema_;
    const duckdb::MultiFilePushdownInfo& scan_;
};

Predicate FromTableFilter(const Column& column, const duckdb::TableFilter& filter);

Predicate FromChildren(const Column& column, const duckdb::ConjunctionFilter& filter, bool is_and) {
    std::vector<Predicate> parts;
    for (const auto& child : filter.child_filters) parts.push_back(FromTableFilter(column, *child));
    return is_and ? Predicate::And(std::move(parts)) : Predicate::Or(std::move(parts));
}

Predicate FromStructFilter(const Column& column, const duckdb::StructFilter& filter) {
    if (column.type.kind() != table::TypeKind::kStruct ||
        filter.child_idx >= column.type.children().size()) {
        return Predicate::Unknown();
    }
    const table::Field& field = column.type.children()[filter.child_idx];
    Column child{column.path, field.type};
    child.path.push_back(field.name);
    return FromTableFilter(child, *filter.child_filter);
}

Predicate FromTableFilter(const Column& column, const duckdb::TableFilter& filter) {
    switch (filter.filter_type) {
        case duckdb::TableFilterType::CONSTANT_COMPARISON: {
            const auto& constant = filter.Cast<duckdb::ConstantFilter>();
            return Compare(column, constant.comparison_type, constant.constant, false);
        }
        case duckdb::TableFilterType::IS_NULL:
            return Predicate::IsNull(column.path);
        case duckdb::TableFilterType::IS_NOT_NULL:
            return Predicate::IsNotNull(column.path);
        case duckdb::TableFilterType::CONJUNCTION_OR:
            return FromChildren(column, filter.Cast<duckdb::ConjunctionOrFilter>(), false);
        case duckdb::TableFilterType::CONJUNCTION_AND:
            return FromChildren(column, filter.Cast<duckdb::ConjunctionAndFilter>(), true);
        case duckdb::TableFilterType::STRUCT_EXTRACT:
            return FromStructFilter(column, filter.Cast<duckdb::StructFilter>());
        case duckdb::TableFilterType::OPTIONAL_FILTER: {
            const auto& child = filter.Cast<duckdb::OptionalFilter>().child_filter;
            return child ? FromTableFilter(column, *child) : Predicate::Unknown();
        }
        case duckdb::TableFilterType::IN_FILTER:
            return In(column, filter.Cast<duckdb::InFilter>().values, false);
        case duckdb::TableFilterType::DYNAMIC_FILTER: {
            const auto& data = filter.Cast<duckdb::DynamicFilter>().filter_data;
            if (!data) return Predicate::Unknown();
            const std::lock_guard lock(data->lock);
            return data->initialized && data->filter ? FromTableFilter(column, *data->filter)
                                                     : Predicate::Unknown();
        }
        default:
            return Predicate::Unknown();
    }
}

bool ComparesDistinct(const duckdb::TableFilter& filter) {
    const auto any_child = [](const duckdb::ConjunctionFilter& conjunction) {
        return std::any_of(conjunction.child_filters.begin(), conjunction.child_filters.end(),
                           [](const auto& child) { return ComparesDistinct(*child); });
    };
    switch (filter.filter_type) {
        case duckdb::TableFilterType::CONSTANT_COMPARISON: {
            const auto type = filter.Cast<duckdb::ConstantFilter>().comparison_type;
            return type == ExpressionType::COMPARE_DISTINCT_FROM ||
                   type == ExpressionType::COMPARE_NOT_DISTINCT_FROM;
        }
        case duckdb::TableFilterType::CONJUNCTION_OR:
            return any_child(filter.Cast<duckdb::ConjunctionOrFilter>());
        case duckdb::TableFilterType::CONJUNCTION_AND:
            return any_child(filter.Cast<duckdb::ConjunctionAndFilter>());
        default:
            return false;
    }
}

// Nothing for an optional filter that is left out.
duckdb::unique_ptr<duckdb::TableFilter> WithoutDistinctFrom(const duckdb::TableFilter& filter) {
    if (filter.filter_type == duckdb::TableFilterType::OPTIONAL_FILTER) {
        const auto& child = filter.Cast<duckdb::OptionalFilter>().child_filter;
        if (child && ComparesDistinct(*child)) return nullptr;
    }
    if (filter.filter_type != duckdb::TableFilterType::CONJUNCTION_AND) return filter.Copy();
    auto kept = duckdb::make_uniq<duckdb::ConjunctionAndFilter>();
    for (const auto& child : filter.Cast<duckdb::ConjunctionAndFilter>().child_filters) {
        if (auto copy = WithoutDistinctFrom(*child)) kept->child_filters.push_back(std::move(copy));
    }
    return kept;
}

}  // namespace

duckdb::unique_ptr<duckdb::TableFilterSet> WithoutDistinctFrom(
    const duckdb::TableFilterSet& filters) {
    auto kept = duckdb::make_uniq<duckdb::TableFilterSet>();
    for (const auto& [position, filter] : filters.filters) {
        if (auto copy = WithoutDistinctFrom(*filter))
            kept->filters.emplace(position, std::move(copy));
    }
    return kept;
}

Predicate FromExpressions(const table::Schema& schema, const duckdb::MultiFilePushdownInfo& scan,
                          const duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters) {
    const ExpressionReader reader(schema, scan);
    std::vector<Predicate> parts;
    for (const auto& filter : filters) parts.push_back(reader.Read(*filter));
    return Predicate::And(std::move(parts));
}

Predicate FromTableFilters(const table::Schema& schema,
                           const duckdb::vector<duckdb::column_t>& column_ids,
                           const duckdb::TableFilterSet& filters) {
    std::vector<Predicate> parts;
    for (const auto& [position, filter] : filters.filters) {
        if (position >= column_ids.size() || column_ids[position] >= schema.fields.size()) continue;
        const table::Field& field = schema.fields[column_ids[position]];
        parts.push_back(FromTableFilter(Column{{field.name}, field.type}, *filter));
    }
    return Predicate::And(std::move(parts));
}

}  // namespace tarn::engine::duck
