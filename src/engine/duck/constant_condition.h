// A filter on columns that are constant in every file (partition columns), judged on their values
// by DuckDB itself: year(day) = 2013.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "duckdb/planner/expression/bound_columnref_expression.hpp"
#include "engine/duck/predicates.h"

namespace tarn::engine::duck {

// The column of the scan's schema that is meant; nothing for virtual columns and other tables'.
std::optional<size_t> ScanColumnOf(const duckdb::BoundColumnRefExpression& reference,
                                   const duckdb::MultiFilePushdownInfo& scan,
                                   const ScanColumns& columns);

// The columns that the filter names, each once; nothing when it names none, or one that is not
// constant in a file, or holds what is not the same at each evaluation.
std::optional<std::vector<size_t>> ConstantColumnsOf(const duckdb::Expression& filter,
                                                     const duckdb::MultiFilePushdownInfo& scan,
                                                     const ScanColumns& columns);

// `has_failed` is set when the filter fails on some values, of which it then tells nothing.
table::Predicate OnConstants(duckdb::ClientContext& client, const duckdb::Expression& filter,
                             const std::vector<size_t>& used,
                             const duckdb::MultiFilePushdownInfo& scan, const ScanColumns& columns,
                             std::shared_ptr<std::atomic<bool>> has_failed);

}  // namespace tarn::engine::duck
