// The first of the rows that broke a rule, for a message.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "duckdb/common/types/value.hpp"

namespace tarn::engine::duck {

// More are not shown.
inline constexpr size_t kShownRows = 5;

using RowNumbers = std::vector<duckdb::idx_t>;

// "1 row breaks", "at least 3 rows break": rows come by the chunk, and those behind the one that
// has the first broken row are not looked at.
std::string RowsBreak(const RowNumbers& broken, duckdb::idx_t chunk);

// "(a=1, b='x'), (a=2, b='y'), ...": values are as SQL spells them, long ones cut.
using ValueAt = std::function<duckdb::Value(size_t column, duckdb::idx_t row)>;
std::string ShownRows(const std::vector<std::string>& columns, const RowNumbers& broken,
                      const ValueAt& value_at);

// The value as SQL spells it, cut behind a whole character when it is long.
std::string ShownValue(const duckdb::Value& value);

}  // namespace tarn::engine::duck
