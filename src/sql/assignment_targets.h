// The columns that UPDATE and MERGE assign to, as Spark's users write them: with the table's name
// or alias in front (SET t.v = s.v, INSERT (t.k, t.v)), and with a field of a struct behind (SET
// s.a = 7). The engine takes bare columns; only it knows their types, so that fields are handed on
// within a name that no column has.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/statement_rewriter.h"

namespace tarn::sql {

// `first`: where a statement begins that is an UPDATE or a MERGE. Cuts what names the target in
// front of a column, and makes one name of a column and the fields behind it.
void RewriteAssignmentTargets(StatementRewriter& rewriter, size_t first);

// The column and the fields within it that the name of an assigned column stands for; nothing for
// the name of a column.
std::optional<std::vector<std::string>> AssignedField(const std::string& column);

}  // namespace tarn::sql
