// The keywords of Tarn's SQL: the engine's own and the lakehouse's. For completion, and for telling
// a name from a keyword where that decides. Immutable.
#pragma once

#include <string_view>
#include <vector>

namespace tarn::sql {

enum class KeywordCategory {
    kReserved,      // never a name unless quoted
    kTypeFunction,  // a function or type, but no table or column (JOIN, LEFT, LIKE)
    kColumnName,    // a column, but no function
    kUnreserved,    // may be any name
};

struct Keyword {
    std::string_view name;  // lower case
    KeywordCategory category;
};

// All of them, sorted by name.
const std::vector<Keyword>& Keywords();

// May the word, unquoted, not be the name or alias of a table? Case does not matter.
bool IsReservedForTables(std::string_view word);

}  // namespace tarn::sql
