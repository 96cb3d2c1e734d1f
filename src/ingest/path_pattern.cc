#include "ingest/path_pattern.h"

#include <fmt/core.h>

#include "base/check.h"
#include "base/text.h"

namespace tarn::ingest {

namespace {

constexpr std::string_view kAnyFolders = "**";

bool IsWild(std::string_view part) { return part.find_first_of("*?") != std::string_view::npos; }

// Linear: a failed match goes back to the last star only, which is enough for `*`.
bool MatchesName(std::string_view pattern, std::string_view name) {
    if (name.starts_with('.') && !pattern.starts_with('.')) return false;
    size_t p = 0;
    size_t n = 0;
    size_t star = std::string_view::npos;
    size_t star_name = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            star_name = n;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
            ++p;
            ++n;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            n = ++star_name;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

}  // namespace

std::optional<std::string> PathPattern::Mistake(std::string_view pattern) {
    if (pattern.empty()) return "the path is empty";
    if (pattern.starts_with('/') || pattern.find("://") != std::string_view::npos) {
        return fmt::format("`{}` must be relative to the source's root; put the folder in `root`",
                           pattern);
    }
    if (pattern.find_first_of("[]{}\\") != std::string_view::npos) {
        return fmt::format("`{}`: known are `*`, `?` and `**`; give a list of paths instead",
                           pattern);
    }
    for (const std::string& part : Split(pattern, '/')) {
        if (part.empty() || part == "." || part == "..") {
            return fmt::format("`{}` has an empty part, `.` or `..`", pattern);
        }
        if (part != kAnyFolders && part.find(kAnyFolders) != std::string::npos) {
            return fmt::format("`{}`: `**` must stand alone between slashes", pattern);
        }
    }
    return std::nullopt;
}

PathPattern::PathPattern(std::string_view pattern) {
    Check(!Mistake(pattern).has_value(), "a path pattern was not checked");
    parts_ = Split(pattern, '/');
    std::vector<std::string> folder;
    size_t i = 0;
    for (; i + 1 < parts_.size() && !IsWild(parts_[i]); ++i) folder.push_back(parts_[i]);
    folder_ = Join(folder, "/");
    is_deep_ = i + 1 < parts_.size() || parts_.back() == kAnyFolders;
    has_wildcard_ = is_deep_ || IsWild(parts_.back());
}

// Row by row over the pattern's parts: which prefixes of the path are matched so far.
bool PathPattern::Matches(std::string_view path) const {
    const std::vector<std::string> names = Split(path, '/');
    std::vector<bool> reached(names.size() + 1, false);
    reached[0] = true;
    for (const std::string& part : parts_) {
        std::vector<bool> next(names.size() + 1, false);
        if (part == kAnyFolders) {
            bool open = false;
            for (size_t i = 0; i <= names.size(); ++i) {
                open = open || reached[i];
                next[i] = open;
                if (i < names.size() && names[i].starts_with('.')) open = false;
            }
        } else {
            for (size_t i = 0; i < names.size(); ++i)
                next[i + 1] = reached[i] && MatchesName(part, names[i]);
        }
        reached.swap(next);
    }
    return reached[names.size()];
}

}  // namespace tarn::ingest
