// What a new version of a contract changes, and for whom it breaks what. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "quality/contract.h"

namespace tarn::quality {

// Who has to change something before the new version may hold. Consumers: those who read the
// tables; producers: those who write them.
struct Breaks {
    bool consumers = false;
    bool producers = false;
    bool Any() const { return consumers || producers; }
};

struct ContractChange {
    std::string rule;   // "column-removed": a word of DiffRules
    std::string place;  // "events.user_id", "sla.max_delay_seconds"
    std::string was;    // as text; empty: was not there
    std::string is;
    Breaks breaks;
    std::string likely_rename;  // of a column that went: the one that came in its place
};

struct ContractDiff {
    std::vector<ContractChange> changes;  // tables and columns in the order of the new version
    // Does the new version's number say what the changes are: a breaking one raises the first
    // number, another one any.
    bool version_fits = true;

    bool IsBreaking() const;
};

ContractDiff Diff(const Contract& was, const Contract& is);

// For the reference page: each rule, and for whom a change by it breaks what.
struct DiffRule {
    std::string_view name;
    std::string_view meaning;
    Breaks breaks;
};
const std::vector<DiffRule>& DiffRules();

}  // namespace tarn::quality
