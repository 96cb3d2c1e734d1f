// The columns of a table or a SELECT, and one of them by its name.
#pragma once

#include <string_view>
#include <vector>

#include "engine/session.h"

namespace tarn::engine {

// `from`: what a FROM may name, a table or a SELECT in parentheses; no row of it is read.
std::vector<ColumnInfo> ColumnsOf(Session& session, std::string_view from);

// The column of that name, of any case; null where there is none.
const ColumnInfo* FindColumn(const std::vector<ColumnInfo>& columns, std::string_view name);

}  // namespace tarn::engine
