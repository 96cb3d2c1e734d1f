// A column held against a constant, as a predicate on files. The column may be seen through casts
// that keep the order of its values: CAST(i AS DOUBLE) > 1.5 is i > 1 on whole numbers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "duckdb/common/enums/expression_type.hpp"
#include "duckdb/common/types/value.hpp"
#include "table/predicate.h"
#include "table/type.h"

namespace tarn::engine::duck {

struct Column {
    std::vector<std::string> path;  // logical names, top-level column first
    table::Type type;
    duckdb::LogicalType seen;  // what it is compared as: its own type, or that of a cast

    bool IsFloating() const {
        return type.kind() == table::TypeKind::kFloat || type.kind() == table::TypeKind::kDouble;
    }
};

// The column under its own type.
Column BareColumn(std::vector<std::string> path, const table::Type& type);

// The column behind a further cast to `type`; nothing when the cast does not keep the order of
// values, or depends on a time zone that is not UTC.
std::optional<Column> SeenAs(const Column& column, const duckdb::LogicalType& type, bool is_utc);

// The constant is of the type that the column is seen as. Unknown where nothing can be told;
// `is_negated`: a NOT stands above, so that too much may not be claimed either way.
table::Predicate CompareColumn(const Column& column, duckdb::ExpressionType comparison,
                               const duckdb::Value& constant, bool is_negated);
table::Predicate ColumnIn(const Column& column, const duckdb::vector<duckdb::Value>& constants,
                          bool is_negated);
// Strings that begin with these bytes.
table::Predicate HasPrefix(const Column& column, const std::string& prefix);

}  // namespace tarn::engine::duck
