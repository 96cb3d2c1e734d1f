// Vectors made anew at every level: structs, lists and maps are taken apart, and what is in them is
// converted.
#pragma once

#include <functional>

#include "duckdb/common/types/vector.hpp"

namespace tarn::engine::duck {

// Flat at every level.
void FlattenNested(duckdb::Vector& vector, size_t count);

// Fills the second vector from the first.
using PartConversion = std::function<void(duckdb::Vector&, duckdb::Vector&, size_t count)>;

// `from` is flat at every level and has the shape of `to`, down to parts of other types: those go
// to `convert`. Parts of one type are shared.
void ConvertNested(duckdb::Vector& from, duckdb::Vector& to, size_t count,
                   const PartConversion& convert);

}  // namespace tarn::engine::duck
