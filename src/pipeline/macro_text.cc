#include "pipeline/macro_text.h"

#include <cctype>

namespace tarn::pipeline {
namespace {

bool IsLetter(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// The word at `at`, behind blanks and the marks that trim them.
std::string WordAt(const std::string& text, size_t& at) {
    while (at < text.size() && !IsLetter(text[at]) && text[at] != '%') ++at;
    const size_t begin = at;
    while (at < text.size() && IsLetter(text[at])) ++at;
    return text.substr(begin, at - begin);
}

}  // namespace

std::vector<MacroText> MacrosOf(const std::string& source) {
    std::vector<MacroText> macros;
    MacroText open;
    size_t begin = 0;
    for (size_t block = source.find("{%"); block != std::string::npos;
         block = source.find("{%", block + 2)) {
        size_t at = block + 2;
        const std::string word = WordAt(source, at);
        if (word == "macro" || word == "test" || word == "data_test") {
            begin = block;
            open.name = (word == "macro" ? "" : "test_") + WordAt(source, at);
        } else if (word == "endmacro" || word == "endtest" || word == "enddata_test") {
            const size_t end = source.find("%}", at);
            if (end == std::string::npos) break;
            open.text = source.substr(begin, end + 2 - begin);
            macros.push_back(open);
        }
    }
    return macros;
}

}  // namespace tarn::pipeline
