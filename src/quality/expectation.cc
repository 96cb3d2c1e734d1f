#include "quality/expectation.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"

namespace tarn::quality {
namespace {

constexpr std::array<std::string_view, 4> kActions = {"warn", "drop", "quarantine", "fail"};
constexpr std::array<std::string_view, 4> kMeanings = {
    "the row is written, with dq_passed false and the rule in dq_failure_reason",
    "the row is left out and counted",
    "the row goes to quarantine.<model>, with the rules, the run and the time",
    "nothing is written and the model fails",
};

bool IsPlainWord(std::string_view text) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), plain);
}

Action ParseAction(const YamlNode& node) {
    const std::string word = node.AsOneOf({kActions.begin(), kActions.end()});
    const auto found = std::find(kActions.begin(), kActions.end(), word);
    return static_cast<Action>(found - kActions.begin());
}

}  // namespace

std::string_view NameOf(Action action) { return kActions.at(static_cast<size_t>(action)); }

std::string_view MeaningOf(Action action) { return kMeanings.at(static_cast<size_t>(action)); }

const std::vector<Action>& AllActions() {
    static const std::vector<Action> all = {Action::kWarn, Action::kDrop, Action::kQuarantine,
                                            Action::kFail};
    return all;
}

std::vector<Expectation> ParseExpectations(const YamlNode& list) {
    std::vector<Expectation> expectations;
    std::set<std::string> names;
    for (const YamlNode& item : list.Items()) {
        item.OnlyKeys({"name", "condition", "action", "description"});
        Expectation expectation;
        expectation.name = item.At("name").AsString();
        if (!IsPlainWord(expectation.name)) {
            throw item.At("name").Mistake("an expectation's name is made of letters, digits and _");
        }
        if (!names.insert(AsciiLower(expectation.name)).second) {
            throw item.At("name").Mistake(
                fmt::format("the expectation `{}` stands twice", expectation.name));
        }
        const YamlNode condition = item.At("condition");
        expectation.condition = std::string(Trim(condition.AsString()));
        expectation.spot = condition.Spot();
        if (expectation.condition.empty()) throw condition.Mistake("the condition is empty");
        expectation.action = ParseAction(item.At("action"));
        expectation.description = item.StringOr("description", "");
        expectations.push_back(std::move(expectation));
    }
    return expectations;
}

}  // namespace tarn::quality
