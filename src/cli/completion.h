// What the shell offers behind a word that is half typed. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tarn::cli {

struct Completion {
    std::string insert;                   // goes in at the cursor: as much as all candidates share
    std::vector<std::string> candidates;  // whole words, sorted; more than one: a list to show
};

// The word is what of letters, digits, `_` and `.` stands before the cursor. Names
// ("silver.events") keep their case; keywords (given in lower case) follow the case of what is
// typed.
Completion Complete(std::string_view before_cursor, const std::vector<std::string>& names,
                    const std::vector<std::string>& keywords);

}  // namespace tarn::cli
