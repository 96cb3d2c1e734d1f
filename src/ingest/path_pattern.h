// A glob over paths of files: `*` and `?` within a name, `**` over any number of folders. Pure,
// immutable.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::ingest {

class PathPattern {
public:
    // What is wrong with the pattern, or nothing.
    static std::optional<std::string> Mistake(std::string_view pattern);
    // Check: the pattern has no mistake.
    explicit PathPattern(std::string_view pattern);

    // Names that begin with "." match only a part of the pattern that does too.
    bool Matches(std::string_view path) const;
    // The folder that holds all matches, "" for the root itself; no wildcard stands in it.
    const std::string& Folder() const { return folder_; }
    // May a match lie deeper than directly in Folder().
    bool IsDeep() const { return is_deep_; }
    bool HasWildcard() const { return has_wildcard_; }

private:
    std::vector<std::string> parts_;
    std::string folder_;
    bool is_deep_ = false;
    bool has_wildcard_ = false;
};

}  // namespace tarn::ingest
