// What a table's columns become when rows bring more than they hold. Pure; says what is wanted, not
// whether the format or the table's files allow it (TableFormat::Define does).
#pragma once

#include <vector>

#include "table/type.h"

namespace tarn::table {

// Adds to `fields` what `given` has and they lack, nullable, behind their own; within structs,
// array elements and map values too. With `widens`, a column whose given type is wider takes that
// type, where no value changes its meaning: integers, FLOAT to DOUBLE, decimals, DATE to TIMESTAMP.
// Integers never become decimals or floating point by themselves. False when nothing changed.
bool Evolve(std::vector<Field>& fields, const std::vector<Field>& given, bool widens);

}  // namespace tarn::table
