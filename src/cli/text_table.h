// Rows as an aligned table for people: numbers to the right, NULL told apart, wide characters
// counted as they show. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/session.h"

namespace tarn::cli {

// Bytes of the UTF-8 character at text[at]; 1 for what is none.
size_t CharacterBytes(std::string_view text, size_t at);
// Columns of a terminal that the text takes: wide East Asian letters and emoji two, combining marks
// none.
size_t DisplayWidth(std::string_view text);

// Header, rule and rows, each line ended.
std::string TextTable(const std::vector<engine::ColumnInfo>& columns,
                      const std::vector<engine::TextRow>& rows);

}  // namespace tarn::cli
