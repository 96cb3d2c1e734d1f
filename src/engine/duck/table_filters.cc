#include "engine/duck/table_filters.h"

#include <algorithm>

#include "duckdb/planner/expression/bound_constant_expression.hpp"
#include "duckdb/planner/filter/conjunction_filter.hpp"
#include "duckdb/planner/filter/constant_filter.hpp"
#include "duckdb/planner/filter/dynamic_filter.hpp"
#include "duckdb/planner/filter/expression_filter.hpp"
#include "duckdb/planner/filter/in_filter.hpp"
#include "duckdb/planner/filter/optional_filter.hpp"
#include "duckdb/planner/filter/selectivity_optional_filter.hpp"
#include "duckdb/planner/filter/struct_filter.hpp"
#include "engine/duck/column_comparison.h"

namespace tarn::engine::duck {
namespace {

using duckdb::ExpressionType;
using table::Predicate;

Predicate FromTableFilter(const Column& column, const duckdb::TableFilter& filter);

// Every row, and names the column, so that a plan reads its statistics.
Predicate Named(const Column& column) {
    return Predicate::Or({Predicate::IsNull(column.path), Predicate::IsNotNull(column.path)});
}

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
    Column child = BareColumn(column.path, field.type);
    child.path.push_back(field.name);
    return FromTableFilter(child, *filter.child_filter);
}

Predicate FromTableFilter(const Column& column, const duckdb::TableFilter& filter) {
    switch (filter.filter_type) {
        case duckdb::TableFilterType::CONSTANT_COMPARISON: {
            const auto& constant = filter.Cast<duckdb::ConstantFilter>();
            return CompareColumn(column, constant.comparison_type, constant.constant, false);
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
            return ColumnIn(column, filter.Cast<duckdb::InFilter>().values, false);
        case duckdb::TableFilterType::DYNAMIC_FILTER: {
            const auto& data = filter.Cast<duckdb::DynamicFilter>().filter_data;
            if (!data) return Predicate::Unknown();
            const std::lock_guard lock(data->lock);
            if (!data->initialized || !data->filter) return Named(column);
            return FromTableFilter(column, *data->filter);
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

void KeepAfterCasts(duckdb::TableFilterSet& filters, const std::vector<size_t>& cast_places,
                    const duckdb::vector<duckdb::ColumnIndex>& global_column_ids) {
    for (auto& [position, filter] : filters.filters) {
        const auto place = global_column_ids.at(position).GetPrimaryIndex();
        if (std::find(cast_places.begin(), cast_places.end(), place) == cast_places.end()) continue;
        auto both = duckdb::make_uniq<duckdb::ConjunctionAndFilter>();
        both->child_filters.push_back(duckdb::make_uniq<duckdb::ExpressionFilter>(
            duckdb::make_uniq<duckdb::BoundConstantExpression>(duckdb::Value::BOOLEAN(true))));
        both->child_filters.push_back(std::move(filter));
        filter = std::move(both);
    }
}

Predicate FromTableFilters(const table::Schema& schema,
                           const duckdb::vector<duckdb::column_t>& column_ids,
                           const duckdb::TableFilterSet& filters) {
    std::vector<Predicate> parts;
    for (const auto& [position, filter] : filters.filters) {
        if (position >= column_ids.size() || column_ids[position] >= schema.fields.size()) continue;
        const table::Field& field = schema.fields[column_ids[position]];
        parts.push_back(FromTableFilter(BareColumn({field.name}, field.type), *filter));
    }
    return Predicate::And(std::move(parts));
}

}  // namespace tarn::engine::duck
