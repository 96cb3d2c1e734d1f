// Collations: texts are compared by their bytes, here and in every format that a table is kept in.
// Pure.
#pragma once

#include <string_view>

#include "sql/text_position.h"

namespace tarn::sql {

// Unsupported at `position`, with what to do instead, for a collation that is not of bytes.
void CheckCollation(std::string_view name, const TextPosition& position);

}  // namespace tarn::sql
