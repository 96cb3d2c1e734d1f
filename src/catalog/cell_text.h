// Texts as they go into the store's cells.
#pragma once

#include <string>

namespace tarn::catalog {

// At most `limit` bytes, cut at a character's start, so that the text stays UTF-8.
std::string CutText(const std::string& text, size_t limit);

}  // namespace tarn::catalog
