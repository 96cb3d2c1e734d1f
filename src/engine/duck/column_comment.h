// What a column's metadata says of it in words.
#pragma once

#include <optional>
#include <string>

#include "table/type.h"

namespace tarn::engine::duck {

// Nothing for a column without one; metadata of columns is anybody's JSON.
std::optional<std::string> CommentOf(const table::Field& field);
// In the place of one that is there.
void SetComment(table::Field& field, const std::string& comment);

}  // namespace tarn::engine::duck
