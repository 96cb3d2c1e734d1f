// What the engine casts of itself, so that a value goes into the column that a statement gives it:
// a value that cannot become one of the column's type is refused with the column's name, and so is
// one that would become another value without a word. In Spark's dialect the cast is Spark's, which
// cuts fractions off.
#pragma once

#include <string>

#include "engine/duck/expression_builder.h"

namespace tarn::engine::duck {

// Is the value a cast that the user did not write: it stands at the place of what it casts.
bool IsStoreCast(const duckdb::Expression& value);

// Of `value`, given to the column of the table. Anything but such a cast stays as it is.
void GuardStoreCast(duckdb::ClientContext& client, const std::string& table,
                    const std::string& column, ExpressionPtr& value);

// Can values of one type become other ones as values of the other type. Numbers that get an inexact
// type are near enough, but whole ones.
bool MayLose(const duckdb::LogicalType& from, const duckdb::LogicalType& to);

}  // namespace tarn::engine::duck
