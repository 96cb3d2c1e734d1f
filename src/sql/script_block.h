// SQL scripts: [label:] BEGIN ... END with statements and their ';' within, told from the BEGIN of
// a transaction. Fed with the words and symbols of a text one by one. A plain value.
#pragma once

#include <string_view>

namespace tarn::sql {

class ScriptBlock {
public:
    // The next word or symbol; empty for what is quoted.
    void Note(std::string_view token);
    // A script has begun and its END has not come: a ';' is within it.
    bool IsOpen() const { return state_ == State::kOpen; }
    bool MayBeScript() const { return state_ != State::kNone; }
    bool IsScript() const { return state_ == State::kOpen || state_ == State::kClosed; }

private:
    enum class State { kStart, kLabel, kBegun, kBegunLabel, kOpen, kClosed, kNone };
    void NoteBegun(std::string_view word);
    void NoteWithin(std::string_view word);

    State state_ = State::kStart;
    int depth_ = 0;
    bool is_behind_end_ = false;
    bool is_behind_dot_ = false;  // what follows is a part of a name
};

}  // namespace tarn::sql
