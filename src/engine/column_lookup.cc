#include "engine/column_lookup.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace tarn::engine {

std::vector<ColumnInfo> ColumnsOf(Session& session, std::string_view from) {
    return session.Execute(fmt::format("SELECT * FROM {} LIMIT 0", from))->Columns();
}

const ColumnInfo* FindColumn(const std::vector<ColumnInfo>& columns, std::string_view name) {
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const ColumnInfo& column) {
        return EqualsIgnoreCase(column.name, name);
    });
    return found == columns.end() ? nullptr : &*found;
}

}  // namespace tarn::engine
