#include "cli/completion.h"

#include <algorithm>

#include "base/text.h"

namespace tarn::cli {

namespace {

bool IsWordByte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || static_cast<unsigned char>(c) >= 0x80;
}

std::string_view LastWord(std::string_view text) {
    size_t begin = text.size();
    while (begin > 0 && IsWordByte(text[begin - 1])) --begin;
    return text.substr(begin);
}

bool StartsWithIgnoringCase(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() && EqualsIgnoreCase(text.substr(0, prefix.size()), prefix);
}

// What of all candidates is the same, without regard to case.
std::string SharedPrefix(const std::vector<std::string>& candidates) {
    std::string shared = candidates.front();
    for (const std::string& candidate : candidates) {
        size_t same = 0;
        while (same < shared.size() && same < candidate.size() &&
               AsciiLower(shared.substr(same, 1)) == AsciiLower(candidate.substr(same, 1))) {
            ++same;
        }
        shared.resize(same);
    }
    return shared;
}

}  // namespace

Completion Complete(std::string_view before_cursor, const std::vector<std::string>& names,
                    const std::vector<std::string>& keywords) {
    const std::string_view word = LastWord(before_cursor);
    Completion completion;
    if (word.empty()) return completion;
    for (const std::string& name : names) {
        if (StartsWithIgnoringCase(name, word)) completion.candidates.push_back(name);
    }
    const bool lower = AsciiLower(word) == word;
    for (const std::string& keyword : keywords) {
        if (!StartsWithIgnoringCase(keyword, word)) continue;
        completion.candidates.push_back(lower ? keyword : AsciiUpper(keyword));
    }
    auto& found = completion.candidates;
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    if (found.empty()) return completion;
    const std::string shared = SharedPrefix(found);
    if (shared.size() > word.size()) completion.insert = shared.substr(word.size());
    if (found.size() == 1) completion.insert += ' ';
    return completion;
}

}  // namespace tarn::cli
