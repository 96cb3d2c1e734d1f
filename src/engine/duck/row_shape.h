// The columns that a statement's rows bring, held against those of its table. What does not fit is
// refused by names, never dropped or made up: the engine's cast from struct to struct would leave
// out a field that its column lacks, and take NULL for one that the rows lack, without a word.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "duckdb/common/types.hpp"

namespace tarn::engine::duck {

struct RowShape {
    std::vector<std::string> names;
    std::vector<duckdb::LogicalType> types;
};

// Which rows are meant, for the messages and their remedies.
struct RowTarget {
    std::string table;      // "lake.main.t"
    std::string statement;  // "INSERT"
    bool may_evolve = false;
    bool evolves = false;  // fields that the rows lack are NULL then
};

// InvalidInput for values of `given` that do not fit the column of type `own`, at any depth. A
// row(...) without names goes by position. Says table, column, type and remedy, also as facts.
void CheckFields(const RowTarget& target, const std::string& column,
                 const duckdb::LogicalType& given, const duckdb::LogicalType& own);

// The same for a column that the table lacks. `type` may be invalid when it is not known.
Error UnknownColumn(const RowTarget& target, const std::string& column,
                    const duckdb::LogicalType& type);
// For one that the table has and the rows do not give. `source`: who should have given it.
Error UngivenColumn(const RowTarget& target, const std::string& source, const std::string& column,
                    const duckdb::LogicalType& type);

// Has values of `given` no field, at any depth of structs alone, that `own` has.
bool LacksFields(const duckdb::LogicalType& given, const duckdb::LogicalType& own);
// Are they structs with names for their fields.
bool IsNamedStruct(const duckdb::LogicalType& type);

}  // namespace tarn::engine::duck
