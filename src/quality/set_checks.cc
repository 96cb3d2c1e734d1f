#include "base/text.h"
#include "quality/check_sql.h"

namespace tarn::quality {

const std::vector<SetCheck>& SetChecks() {
    static const std::vector<SetCheck> all = [] {
        std::vector<SetCheck> checks;
        for (const auto& part : {ValueChecks(), PatternChecks(), SetOfValueChecks(),
                                 AggregateChecks(), SeveralColumnChecks(), TableChecks(),
                                 OtherTableChecks(), TimeChecks(), MetricChecks(), AnomalyChecks()})
            checks.insert(checks.end(), part.begin(), part.end());
        return checks;
    }();
    return all;
}

const SetCheck* FindSetCheck(std::string_view word) {
    const size_t dot = word.rfind('.');
    const bool is_qualified = dot != std::string_view::npos;
    const std::string_view name = is_qualified ? word.substr(dot + 1) : word;
    const auto has = [](std::string_view words, std::string_view one) {
        for (const std::string& other : WordsIn(words)) {
            if (other == one) return true;
        }
        return false;
    };
    for (const SetCheck& check : SetChecks()) {
        if (check.name != name && !has(check.spellings, name)) continue;
        if (!is_qualified || has(check.packages, word.substr(0, dot))) return &check;
    }
    return nullptr;
}

std::vector<std::string> SetCheckWords() {
    std::vector<std::string> words;
    for (const SetCheck& check : SetChecks()) {
        words.emplace_back(check.name);
        for (std::string& spelling : WordsIn(check.spellings)) words.push_back(std::move(spelling));
    }
    return words;
}

}  // namespace tarn::quality
