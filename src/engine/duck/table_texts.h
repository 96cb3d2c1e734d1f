// A table's definition as SQL of Tarn's, in either dialect the same.
#pragma once

#include <string>

#include "engine/duck/table_entry.h"

namespace tarn::engine::duck {

// BIGINT, ARRAY<STRUCT<a: INT>>, TIMESTAMP_LTZ ...
std::string SqlName(const table::Type& type);
// CREATE TABLE that makes one like it.
std::string CreateText(const TableEntry& entry);

}  // namespace tarn::engine::duck
