// A view of the lake as its catalog keeps it: the row's `sql` is the engine's text; how the user
// wrote it stands in properties of Tarn's own, so that it can be shown.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "duckdb/main/client_context.hpp"
#include "engine/table_directory.h"
#include "sql/dialect.h"

namespace tarn::engine::duck {

// Gives the row what the running CREATE VIEW says beside its query; where that is ALTER VIEW ...
// AS, what the view that is there had. InvalidInput for a property of Tarn's own.
void DescribeView(duckdb::ClientContext& client, const std::optional<DirectoryEntry>& existing,
                  DirectoryEntry& row);
// InvalidInput for a name that only Tarn may give.
void CheckPropertyName(const std::string& key);
// What the user set, without Tarn's own.
std::map<std::string, std::string> PropertiesOf(const DirectoryEntry& view);
// What CREATE VIEW says of its columns, by their places.
std::map<size_t, std::string> ColumnComments(const DirectoryEntry& view);
// The query as the user wrote it; of a view that an older Tarn made, as the engine spells it.
std::string QueryText(const DirectoryEntry& view);
// CREATE VIEW that makes one like it, for a session of the dialect that the view was written in.
std::string CreateViewText(const DirectoryEntry& view, sql::Dialect dialect);

}  // namespace tarn::engine::duck
