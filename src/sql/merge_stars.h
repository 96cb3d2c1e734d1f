// MERGE in Spark's spelling: UPDATE SET * and INSERT *, also with EXCEPT (columns), take the
// source's columns by the names of the target's, where the engine's own words go by position. Only
// the engine knows the columns, so they are handed on under a name that no column has.
#pragma once

#include "sql/statement_rewriter.h"

namespace tarn::sql {

// UPDATE SET "*" = ['a', 'b'] and INSERT ("*") VALUES (['a', 'b']): every column but a and b.
inline constexpr std::string_view kAllColumns = "*";

// From the token `first` on, which begins a MERGE.
void RewriteMergeStars(StatementRewriter& rewriter, size_t first);

}  // namespace tarn::sql
