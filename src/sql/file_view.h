// CREATE TEMPORARY VIEW name USING csv OPTIONS (path '/folder', header 'true'), as a view of a
// query that reads the files.
#pragma once

#include <optional>
#include <vector>

#include "sql/lexer.h"
#include "sql/source_map.h"

namespace tarn::sql {

// The engine's spelling of it; nothing for any other statement. Unsupported for a format that is
// not read, InvalidInput and Unsupported as FileQuery (file_reader.h) throws them.
std::optional<Rewritten> SpellFileView(const Statement& statement,
                                       const std::vector<Token>& tokens);

}  // namespace tarn::sql
