#include "sql/script_block.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "base/text.h"

namespace tarn::sql {
namespace {

// What a statement within a script begins with: no transaction's BEGIN has one of them behind it.
constexpr std::string_view kBeginStatements[] = {
    "ALTER",    "ATOMIC", "BEGIN", "CALL",    "CASE",     "CREATE",   "DECLARE",  "DELETE",
    "DESCRIBE", "DROP",   "END",   "EXECUTE", "FOR",      "FROM",     "IF",       "INSERT",
    "ITERATE",  "LEAVE",  "LOOP",  "MERGE",   "OPTIMIZE", "REPEAT",   "RESIGNAL", "RETURN",
    "SELECT",   "SET",    "SHOW",  "SIGNAL",  "TABLE",    "TRUNCATE", "UPDATE",   "USE",
    "VACUUM",   "VALUES", "WHILE", "WITH"};
// END of one of these does not end a block that BEGIN or CASE opened.
constexpr std::string_view kHaveOwnEnd[] = {"FOR", "IF", "LOOP", "REPEAT", "WHILE"};

template <class List>
bool Has(const List& list, std::string_view word) {
    return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

}  // namespace

void ScriptBlock::Note(std::string_view token) {
    if (state_ == State::kNone || state_ == State::kClosed) return;
    const std::string word = AsciiUpper(token);
    switch (state_) {
        case State::kStart:
            state_ = word == "BEGIN" ? State::kBegun : State::kLabel;
            break;
        case State::kLabel:
            state_ = word == ":" ? State::kStart : State::kNone;
            break;
        case State::kBegunLabel:
            state_ = word == ":" ? State::kOpen : State::kNone;
            break;
        case State::kBegun:
            NoteBegun(word);
            break;
        default:
            NoteWithin(word);
            break;
    }
}

void ScriptBlock::NoteBegun(std::string_view word) {
    if (word == "NOT") return;  // NOT ATOMIC, or NOT DEFERRABLE of a transaction
    depth_ = 1;
    if (!Has(kBeginStatements, word)) {
        const bool is_name = !word.empty() && word != ";";
        state_ = is_name ? State::kBegunLabel : State::kNone;
        return;
    }
    state_ = State::kOpen;
    NoteWithin(word);
}

void ScriptBlock::NoteWithin(std::string_view word) {
    const bool is_field = is_behind_dot_;
    is_behind_dot_ = word == ".";
    if (is_field) return;
    if (is_behind_end_) {
        is_behind_end_ = false;
        if (Has(kHaveOwnEnd, word)) return;
        --depth_;
        if (depth_ == 0) state_ = State::kClosed;
        if (word == "CASE" || depth_ == 0) return;
    }
    if (word == "END") {
        is_behind_end_ = true;
    } else if (word == "BEGIN" || word == "CASE") {
        ++depth_;
    }
}

}  // namespace tarn::sql
