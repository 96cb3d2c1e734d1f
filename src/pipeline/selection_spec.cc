#include "pipeline/selection_spec.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "base/yaml.h"

namespace tarn::pipeline {
namespace {

using Kind = SelectionSpec::Kind;

// The number of generations in front of or behind a `+`: empty is all of them.
Reach ReachOf(std::string_view digits, const std::string& raw) {
    if (digits.empty()) return {};
    const auto depth = ParseInt(digits);
    if (!depth)
        throw Error(ErrorKind::kInvalidInput, "`{}`: {} generations are too many", raw, digits);
    return {depth};
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsMethodLetter(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
}

void TakeParents(std::string_view& text, Criterion& criterion) {
    if (!text.empty() && text.front() == '@') {
        criterion.with_all_parents = true;
        text.remove_prefix(1);
    }
    size_t digits = 0;
    while (digits < text.size() && IsDigit(text[digits])) ++digits;
    if (digits >= text.size() || text[digits] != '+') return;
    criterion.parents = ReachOf(text.substr(0, digits), criterion.raw);
    text.remove_prefix(digits + 1);
}

void TakeChildren(std::string_view& text, Criterion& criterion) {
    size_t digits = 0;
    while (digits < text.size() && IsDigit(text[text.size() - 1 - digits])) ++digits;
    if (digits >= text.size() || text[text.size() - 1 - digits] != '+') return;
    criterion.children = ReachOf(text.substr(text.size() - digits), criterion.raw);
    text.remove_suffix(digits + 1);
}

void SetMethod(const std::string& word, Criterion& criterion) {
    std::vector<std::string> parts = Split(word, '.');
    criterion.method = parts.front();
    criterion.arguments.assign(parts.begin() + 1, parts.end());
}

Criterion ParseCriterion(const std::string& raw, IndirectSelection indirect) {
    Criterion criterion;
    criterion.raw = raw;
    criterion.indirect = indirect;
    std::string_view text = raw;
    TakeParents(text, criterion);
    TakeChildren(text, criterion);
    const size_t colon = text.find(':');
    const bool has_method =
        colon != std::string_view::npos && colon > 0 &&
        std::all_of(text.begin(), text.begin() + static_cast<long>(colon), IsMethodLetter);
    if (has_method) SetMethod(std::string(text.substr(0, colon)), criterion);
    criterion.value = text.substr(has_method ? colon + 1 : 0);
    if (criterion.value.empty())
        throw Error(ErrorKind::kInvalidInput, "the selector `{}` names nothing", raw);
    if (criterion.with_all_parents && criterion.children) {
        throw Error(ErrorKind::kInvalidInput, "the selector `{}`: `@` has all children already",
                    raw);
    }
    return criterion;
}

SelectionSpec Of(Criterion criterion) {
    SelectionSpec spec;
    spec.kind = Kind::kCriterion;
    spec.indirect = criterion.indirect;
    spec.criterion = std::move(criterion);
    return spec;
}

SelectionSpec Of(Kind kind, std::vector<SelectionSpec> parts, IndirectSelection indirect) {
    SelectionSpec spec;
    spec.kind = kind;
    spec.parts = std::move(parts);
    spec.indirect = indirect;
    return spec;
}

// Definitions of selectors.yml.
class DefinitionReader {
public:
    DefinitionReader(const std::map<std::string, SelectionSpec>& known, IndirectSelection indirect)
        : known_(known), indirect_(indirect) {}

    SelectionSpec Read(const YamlNode& node) const {
        try {
            if (node.IsScalar()) return Of(ParseCriterion(node.AsString(), indirect_));
            if (node.Has("union")) return Combined(node, "union", Kind::kUnion);
            if (node.Has("intersection"))
                return Combined(node, "intersection", Kind::kIntersection);
            return One(node);
        } catch (const Error& error) {
            if (!error.spot().file.empty()) throw;
            throw Error(error).At(node.Spot());
        }
    }

private:
    SelectionSpec Combined(const YamlNode& node, const std::string& key, Kind kind) const {
        node.OnlyKeys({key});
        std::vector<SelectionSpec> parts;
        std::optional<SelectionSpec> less;
        for (const YamlNode& part : node.At(key).Items()) {
            if (!part.IsMap() || !part.Has("exclude") || part.Has("method")) {
                parts.push_back(Read(part));
                continue;
            }
            if (less) throw part.Mistake("`exclude` stands once in a list");
            less = Excluded(part);
        }
        SelectionSpec spec = Of(kind, std::move(parts), indirect_);
        return less ? Difference(std::move(spec), std::move(*less)) : spec;
    }

    SelectionSpec Excluded(const YamlNode& node) const {
        std::vector<SelectionSpec> parts;
        for (const YamlNode& part : node.At("exclude").Items()) parts.push_back(Read(part));
        return Of(Kind::kUnion, std::move(parts), indirect_);
    }

    // {tag: nightly}, or {method: tag, value: nightly, ...}.
    SelectionSpec One(const YamlNode& node) const {
        const auto entries = node.Entries();
        Criterion criterion;
        criterion.indirect = indirect_;
        if (entries.size() == 1) {
            SetMethod(entries.front().first, criterion);
            criterion.value = entries.front().second.AsString();
            criterion.raw = entries.front().first + ":" + criterion.value;
            return Of(std::move(criterion));
        }
        node.OnlyKeys({"method", "value", "parents", "parents_depth", "children", "children_depth",
                       "childrens_parents", "indirect_selection", "exclude"});
        SetMethod(node.At("method").AsString(), criterion);
        criterion.value = node.At("value").AsString();
        criterion.raw = node.At("method").AsString() + ":" + criterion.value;
        if (node.BoolOr("parents", false)) criterion.parents = Depth(node, "parents_depth");
        if (node.BoolOr("children", false)) criterion.children = Depth(node, "children_depth");
        criterion.with_all_parents = node.BoolOr("childrens_parents", false);
        if (const auto word = node.Find("indirect_selection"))
            criterion.indirect = ParseIndirectSelection(word->AsOneOf(IndirectSelectionWords()));
        SelectionSpec spec =
            criterion.method == "selector" ? Inherited(node.At("value")) : Of(std::move(criterion));
        return node.Has("exclude") ? Difference(std::move(spec), Excluded(node)) : spec;
    }

    static Reach Depth(const YamlNode& node, std::string_view key) {
        const auto depth = node.Find(key);
        return depth ? Reach{depth->AsInt()} : Reach{};
    }

    SelectionSpec Inherited(const YamlNode& name) const {
        const auto found = known_.find(name.AsString());
        if (found == known_.end())
            throw name.Mistake("there is no selector of that name above this one");
        return found->second;
    }

    const std::map<std::string, SelectionSpec>& known_;
    const IndirectSelection indirect_;
};

}  // namespace

const std::vector<std::string>& IndirectSelectionWords() {
    static const std::vector<std::string> words = {"eager", "cautious", "buildable", "empty"};
    return words;
}

IndirectSelection ParseIndirectSelection(const std::string& word) {
    const auto& words = IndirectSelectionWords();
    const auto found = std::find(words.begin(), words.end(), word);
    if (found == words.end()) {
        throw Error(ErrorKind::kInvalidInput, "`{}` is not one of {}", word, Join(words, ", "));
    }
    return static_cast<IndirectSelection>(found - words.begin());
}

SelectionSpec ParseSelection(const std::vector<std::string>& texts, IndirectSelection indirect) {
    std::vector<SelectionSpec> united;
    for (const std::string& text : texts) {
        for (const std::string& word : Split(text, ' ')) {
            if (word.empty()) continue;
            std::vector<SelectionSpec> common;
            for (const std::string& part : Split(word, ','))
                common.push_back(Of(ParseCriterion(part, indirect)));
            united.push_back(Of(Kind::kIntersection, std::move(common), indirect));
        }
    }
    return Of(Kind::kUnion, std::move(united), indirect);
}

SelectionSpec Difference(SelectionSpec from, SelectionSpec less) {
    const IndirectSelection indirect = from.indirect;
    std::vector<SelectionSpec> parts;
    parts.push_back(std::move(from));
    parts.push_back(std::move(less));
    return Of(Kind::kDifference, std::move(parts), indirect);
}

NamedSelections NamedSelections::Parse(const std::string& text, const std::string& file,
                                       IndirectSelection indirect) {
    NamedSelections selections;
    const YamlNode root = YamlNode::Parse(text, file);
    root.OnlyKeys({"selectors", "version"});
    for (const YamlNode& one : root.At("selectors").Items()) {
        one.OnlyKeys({"name", "description", "default", "definition"});
        const std::string name = one.At("name").AsString();
        if (selections.by_name_.count(name) > 0)
            throw one.Mistake(fmt::format("the selector {} stands twice", name));
        SelectionSpec spec =
            DefinitionReader(selections.by_name_, indirect).Read(one.At("definition"));
        selections.by_name_.emplace(name, std::move(spec));
        if (!one.BoolOr("default", false)) continue;
        if (!selections.default_.empty())
            throw one.Mistake(fmt::format("{} is the default already", selections.default_));
        selections.default_ = name;
    }
    return selections;
}

const SelectionSpec& NamedSelections::At(const std::string& name) const {
    const auto found = by_name_.find(name);
    if (found != by_name_.end()) return found->second;
    std::vector<std::string> known;
    for (const auto& [word, spec] : by_name_) known.push_back(word);
    const auto nearest = NearestWord(name, known);
    throw Error(ErrorKind::kInvalidInput, "there is no selector `{}` in selectors.yml{}", name,
                nearest         ? fmt::format(": did you mean `{}`?", *nearest)
                : known.empty() ? ""
                                : ": known are " + Join(known, ", "));
}

const SelectionSpec* NamedSelections::Default() const {
    return default_.empty() ? nullptr : &by_name_.at(default_);
}

}  // namespace tarn::pipeline
