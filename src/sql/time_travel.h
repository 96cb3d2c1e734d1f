// The Spark spelling of time travel, made the engine's.
#pragma once

#include "sql/statement_rewriter.h"

namespace tarn::sql {

// From the token `first` on, where nothing is edited yet: t [FOR] VERSION AS OF 5 [[AS] a] becomes
// t [[AS] a] AT (VERSION => 5), for the engine wants the alias first; likewise TIMESTAMP AS OF
// expression, SYSTEM_VERSION and SYSTEM_TIME. Throws InvalidInput when no version or time follows.
void RewriteTimeTravel(StatementRewriter& rewriter, size_t first);

}  // namespace tarn::sql
