#include "quality/contract_diff.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "quality/contract_type.h"

namespace tarn::quality {
namespace {

constexpr Breaks kNobody{};
constexpr Breaks kConsumers{true, false};
constexpr Breaks kProducers{false, true};
constexpr Breaks kBoth{true, true};

std::string Words(double number) { return fmt::format("{}", number); }

class Comparison {
public:
    Comparison(const Contract& was, const Contract& is) : was_(was), is_(is) {}

    ContractDiff Run() {
        if (was_.owner != is_.owner) Add("owner-changed", "owner", was_.owner, is_.owner);
        for (const ContractTable& table : is_.tables) {
            const ContractTable* before = was_.Find(table.name);
            if (before == nullptr) {
                Add("table-added", table.name, "", table.name);
            } else {
                OfTable(*before, table);
            }
        }
        for (const ContractTable& table : was_.tables) {
            if (is_.Find(table.name) == nullptr) Add("table-removed", table.name, table.name, "");
        }
        OfService();
        OfPolicy();
        diff_.version_fits = Fits();
        return std::move(diff_);
    }

private:
    void Add(std::string_view rule, std::string place, std::string was, std::string is,
             std::string rename = "") {
        const auto& rules = DiffRules();
        const auto found = std::find_if(rules.begin(), rules.end(),
                                        [&](const DiffRule& one) { return one.name == rule; });
        Check(found != rules.end(), "every change has a rule");
        diff_.changes.push_back({std::string(rule), std::move(place), std::move(was), std::move(is),
                                 found->breaks, std::move(rename)});
    }

    static const ContractField* Find(const ContractTable& table, const std::string& name) {
        for (const ContractField& field : table.fields) {
            if (EqualsIgnoreCase(field.name, name)) return &field;
        }
        return nullptr;
    }

    // Of the columns that came, the one that the column that went most likely is now.
    static std::string LikelyName(const ContractField& gone, const ContractTable& was,
                                  const ContractTable& is) {
        const auto folded = [](const std::string& name) {
            std::string letters = AsciiLower(name);
            std::erase_if(letters, [](char c) { return c == '_' || c == '-' || c == ' '; });
            return letters;
        };
        std::map<std::string, std::string> came;  // by folded name
        std::vector<std::string> names;
        for (const ContractField& field : is.fields) {
            if (Find(was, field.name) != nullptr) continue;
            if (Compare(gone.type, field.type) == TypeRelation::kOther) continue;
            if (!gone.description.empty() && gone.description == field.description)
                return field.name;
            names.push_back(folded(field.name));
            came[names.back()] = field.name;
        }
        const auto nearest = NearestWord(folded(gone.name), names);
        return nearest ? came[*nearest] : "";
    }

    void OfTable(const ContractTable& was, const ContractTable& is) {
        for (const ContractField& field : is.fields) {
            const std::string place = is.name + "." + field.name;
            const ContractField* before = Find(was, field.name);
            if (before != nullptr) {
                OfField(*before, field, place);
            } else {
                Add(field.nullable ? "column-added" : "required-column-added", place, "",
                    field.type);
            }
        }
        for (const ContractField& field : was.fields) {
            if (Find(is, field.name) == nullptr)
                Add("column-removed", is.name + "." + field.name, field.type, "",
                    LikelyName(field, was, is));
        }
        OfRules(was, is);
    }

    void OfRules(const ContractTable& was, const ContractTable& is) {
        const auto text = [](const ContractRule& rule) {
            return (rule.metric.empty() ? rule.query : rule.metric) + " " + rule.must_be +
                   (rule.in_percent ? " %" : "");
        };
        std::map<std::string, std::string> before;
        for (const ContractRule& rule : was.rules) before[rule.name] = text(rule);
        for (const ContractRule& rule : is.rules) {
            const auto found = before.find(rule.name);
            const std::string place = is.name + "." + rule.name;
            if (found == before.end()) {
                Add("rule-added", place, "", text(rule));
                continue;
            }
            if (found->second != text(rule)) Add("rule-changed", place, found->second, text(rule));
            before.erase(found);
        }
        for (const auto& [name, said] : before) Add("rule-removed", is.name + "." + name, said, "");
    }

    void OfField(const ContractField& was, const ContractField& is, const std::string& place) {
        const TypeRelation relation = Compare(was.type, is.type);
        if (relation == TypeRelation::kWider) Add("type-widened", place, was.type, is.type);
        if (relation == TypeRelation::kNarrower) Add("type-narrowed", place, was.type, is.type);
        if (relation == TypeRelation::kOther) Add("type-changed", place, was.type, is.type);
        if (was.nullable != is.nullable) {
            Add(is.nullable ? "null-allowed" : "null-forbidden", place,
                was.nullable ? "nullable" : "not null", is.nullable ? "nullable" : "not null");
        }
        if (was.unique != is.unique)
            Add(is.unique ? "made-unique" : "no-longer-unique", place, "", "");
        if (was.primary_key != is.primary_key) {
            Add("key-changed", place, std::to_string(was.primary_key),
                std::to_string(is.primary_key));
        }
        OfValues(was, is, place);
        Bound(was.min_length, is.min_length, place + ".min_length", false);
        Bound(was.max_length, is.max_length, place + ".max_length", true);
        if (was.pattern != is.pattern || was.minimum != is.minimum || was.maximum != is.maximum ||
            was.excludes_minimum != is.excludes_minimum ||
            was.excludes_maximum != is.excludes_maximum) {
            Add("range-changed", place, was.pattern + was.minimum + ".." + was.maximum,
                is.pattern + is.minimum + ".." + is.maximum);
        }
        if (was.classification != is.classification)
            Add("classification-changed", place, was.classification, is.classification);
        if (was.description != is.description)
            Add("description-changed", place, was.description, is.description);
    }

    void OfValues(const ContractField& was, const ContractField& is, const std::string& place) {
        const auto missing = [](const std::vector<std::string>& from,
                                const std::vector<std::string>& in) {
            std::vector<std::string> gone;
            for (const std::string& value : from) {
                if (std::find(in.begin(), in.end(), value) == in.end()) gone.push_back(value);
            }
            return Join(gone, ", ");
        };
        if (was.allowed_values.empty() != is.allowed_values.empty()) {
            Add(is.allowed_values.empty() ? "values-freed" : "values-restricted", place,
                Join(was.allowed_values, ", "), Join(is.allowed_values, ", "));
            return;
        }
        const std::string added = missing(is.allowed_values, was.allowed_values);
        const std::string gone = missing(was.allowed_values, is.allowed_values);
        if (!added.empty()) Add("value-added", place, "", added);
        if (!gone.empty()) Add("value-removed", place, gone, "");
    }

    // `greater_frees`: a greater bound promises less.
    template <typename T>
    void Bound(const std::optional<T>& was, const std::optional<T>& is, const std::string& place,
               bool greater_frees) {
        if (was == is) return;
        const auto text = [](const std::optional<T>& value) {
            return value ? Words(static_cast<double>(*value)) : "";
        };
        const bool frees = !is || (was && (*is > *was) == greater_frees);
        Add(frees ? "promise-loosened" : "promise-tightened", place, text(was), text(is));
    }

    void OfService() {
        const ServiceLevel& was = was_.service;
        const ServiceLevel& is = is_.service;
        Bound(was.max_delay_seconds, is.max_delay_seconds, "sla.max_delay_seconds", true);
        Bound(was.min_daily_volume, is.min_daily_volume, "sla.min_daily_volume", false);
        Bound(was.max_null_rate_pct, is.max_null_rate_pct, "sla.max_null_rate_pct", true);
    }

    void OfPolicy() {
        const BreakingChangePolicy& was = was_.policy;
        const BreakingChangePolicy& is = is_.policy;
        if (was.notice_days != is.notice_days) {
            Add(is.notice_days < was.notice_days ? "policy-loosened" : "policy-tightened",
                "breaking_change_policy.notice_days", std::to_string(was.notice_days),
                std::to_string(is.notice_days));
        }
        for (const std::string& who : was.approval_required_from) {
            const auto& now = is.approval_required_from;
            if (std::find(now.begin(), now.end(), who) == now.end())
                Add("policy-loosened", "breaking_change_policy.approval_required_from", who, "");
        }
        for (const std::string& who : is.approval_required_from) {
            const auto& then = was.approval_required_from;
            if (std::find(then.begin(), then.end(), who) == then.end())
                Add("policy-tightened", "breaking_change_policy.approval_required_from", "", who);
        }
        if (was.migration_support && !is.migration_support)
            Add("policy-loosened", "breaking_change_policy.migration_support", "true", "false");
    }

    bool Fits() const {
        if (diff_.changes.empty()) return true;
        const auto first = [](const std::string& version) {
            return ParseInt(Split(version, '.').front()).value_or(0);
        };
        if (diff_.IsBreaking()) return first(is_.version) > first(was_.version);
        return is_.version != was_.version;
    }

    const Contract& was_;
    const Contract& is_;
    ContractDiff diff_;
};

}  // namespace

const std::vector<DiffRule>& DiffRules() {
    static const std::vector<DiffRule> rules = {
        {"table-added", "a table came", kNobody},
        {"table-removed", "a table went", kConsumers},
        {"column-added", "a column came that may be NULL", kNobody},
        {"required-column-added", "a column came that may not be NULL", kProducers},
        {"column-removed", "a column went; the likely new name is told", kConsumers},
        {"type-widened", "a type holds more than it did", kConsumers},
        {"type-narrowed", "a type holds less than it did", kProducers},
        {"type-changed", "a type holds other values", kBoth},
        {"null-allowed", "a column may be NULL that could not", kConsumers},
        {"null-forbidden", "a column may no longer be NULL", kProducers},
        {"made-unique", "values must be unique", kProducers},
        {"no-longer-unique", "values may stand twice", kConsumers},
        {"key-changed", "the primary key has other columns or another order", kBoth},
        {"value-added", "a further value is allowed", kConsumers},
        {"value-removed", "a value is no longer allowed", kProducers},
        {"values-restricted", "only listed values are allowed", kProducers},
        {"values-freed", "any value is allowed", kConsumers},
        {"range-changed", "a pattern, a least or a greatest value is another", kBoth},
        {"promise-loosened", "a bound promises less", kConsumers},
        {"promise-tightened", "a bound promises more", kProducers},
        {"rule-added", "a quality rule came", kProducers},
        {"rule-changed", "a quality rule says something else", kBoth},
        {"rule-removed", "a quality rule went", kConsumers},
        {"policy-loosened", "less notice, fewer approvals or no support", kConsumers},
        {"policy-tightened", "more notice or approvals", kNobody},
        {"owner-changed", "somebody else answers for it", kNobody},
        {"classification-changed", "a column is classified otherwise", kNobody},
        {"description-changed", "a description says something else", kNobody},
    };
    return rules;
}

bool ContractDiff::IsBreaking() const {
    return std::any_of(changes.begin(), changes.end(),
                       [](const ContractChange& change) { return change.breaks.Any(); });
}

ContractDiff Diff(const Contract& was, const Contract& is) { return Comparison(was, is).Run(); }

}  // namespace tarn::quality
