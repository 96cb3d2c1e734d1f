// The macros of a file with their own text each, for artifacts. Pure.
#pragma once

#include <string>
#include <vector>

namespace tarn::pipeline {

struct MacroText {
    std::string name;  // of `{% test x %}`: "test_x"
    std::string text;  // from the opening block to the end of the closing one
};

// Blocks within comments are not told apart from those that stand: the file has been read as Jinja
// before.
std::vector<MacroText> MacrosOf(const std::string& source);

}  // namespace tarn::pipeline
