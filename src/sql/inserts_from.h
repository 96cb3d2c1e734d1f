// FROM t INSERT INTO a SELECT ... INSERT INTO b SELECT ..., as Hive and Spark read a table once for
// several: each of them an INSERT of its own. Pure.
#pragma once

#include <vector>

#include "sql/dialect.h"
#include "sql/splitter.h"

namespace tarn::sql {

// The inserts in their order, each at the place of its own first word; none for any other
// statement. InvalidInput for an insert without a SELECT.
std::vector<Statement> InsertsFrom(const Statement& statement, Dialect dialect);

}  // namespace tarn::sql
