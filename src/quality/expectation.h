// Row-level expectations of a model: a condition that every row should meet and what becomes of a
// row that does not. A condition is met only when it is TRUE: FALSE and NULL are both violations.
// Values only.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/yaml.h"

namespace tarn::quality {

// Ordered by strength: the strongest action of a row's broken rules decides its fate.
enum class Action { kWarn, kDrop, kQuarantine, kFail };
std::string_view NameOf(Action action);     // "warn"
std::string_view MeaningOf(Action action);  // one line, for the reference page
const std::vector<Action>& AllActions();

struct Expectation {
    std::string name;  // a plain word, unique in its model; stands in dq_failure_reason and _rules
    std::string condition;  // a SQL boolean over the model's columns
    Action action = Action::kWarn;
    std::string description;
    TextSpot spot;  // of the condition
};

// Reads a list of {name, condition, action, description}. InvalidInput at the mistake: an unknown
// key or action, an empty condition, a name that is no plain word or stands twice.
std::vector<Expectation> ParseExpectations(const YamlNode& list);

}  // namespace tarn::quality
