// What a selection says, in dbt's words: criteria (`+tag:nightly`, `path:models/staging`,
// `2+orders`) put together by union, intersection and difference; from the command line or from
// selectors.yml. Text only: what it means in a project is selection.h's.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace tarn::pipeline {

// Which tests come along with what is selected: those that read any of it; those that read nothing
// else; those that read nothing but it and what it is made from; none.
enum class IndirectSelection { kEager, kCautious, kBuildable, kEmpty };
// "eager". InvalidInput: it is none (the nearest is named).
IndirectSelection ParseIndirectSelection(const std::string& word);
const std::vector<std::string>& IndirectSelectionWords();

// How far a graph operator reaches; absent: not at all.
struct Reach {
    std::optional<int64_t> depth;  // absent: all the way
};

struct Criterion {
    std::string raw;                     // as written, for messages
    std::string method;                  // "tag"; empty: by the look of the value
    std::vector<std::string> arguments;  // of config.x.y: {"x", "y"}
    std::string value;
    std::optional<Reach> parents;   // `+x`, `2+x`
    std::optional<Reach> children;  // `x+`, `x+3`
    bool with_all_parents = false;  // `@x`: children, and all that these are made from
    IndirectSelection indirect = IndirectSelection::kEager;
};

struct SelectionSpec {
    enum class Kind { kCriterion, kUnion, kIntersection, kDifference };
    Kind kind = Kind::kUnion;
    Criterion criterion{};               // of kCriterion
    std::vector<SelectionSpec> parts{};  // of a difference: two
    IndirectSelection indirect = IndirectSelection::kEager;
};

// Of the command line: words in each text, and the texts, are united; `a,b` is what both mean.
SelectionSpec ParseSelection(const std::vector<std::string>& texts, IndirectSelection indirect);
SelectionSpec Difference(SelectionSpec from, SelectionSpec less);

// selectors.yml: selections by name.
class NamedSelections {
public:
    NamedSelections() = default;
    // InvalidInput with file, line and column: an unknown key or method, a selector twice, one that
    // names a later one.
    static NamedSelections Parse(const std::string& text, const std::string& file,
                                 IndirectSelection indirect);

    // InvalidInput: there is none of that name (the nearest is given).
    const SelectionSpec& At(const std::string& name) const;
    // Of the one that says `default: true`; null when none does.
    const SelectionSpec* Default() const;

private:
    std::map<std::string, SelectionSpec> by_name_;
    std::string default_;
};

}  // namespace tarn::pipeline
