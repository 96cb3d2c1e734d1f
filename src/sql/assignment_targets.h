// The columns that UPDATE and MERGE assign to, as Spark's users write them: with the table's name
// or alias in front (SET t.v = s.v, INSERT (t.k, t.v)). The engine takes bare columns.
#pragma once

#include "sql/statement_rewriter.h"

namespace tarn::sql {

// `first`: where a statement begins that is an UPDATE or a MERGE. Cuts what names the target in
// front of a column; other names with dots stay, for the engine to refuse.
void CutTargetNames(StatementRewriter& rewriter, size_t first);

}  // namespace tarn::sql
