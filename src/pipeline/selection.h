// What a selection means in a project. Pure.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pipeline/inventory.h"
#include "pipeline/selection_spec.h"

namespace tarn::pipeline {

// What a command is asked for.
struct SelectionRequest {
    std::vector<std::string> select{};   // empty: all
    std::vector<std::string> exclude{};  // and of these: none
    std::string selector{};              // one of selectors.yml, in place of both
    IndirectSelection indirect = IndirectSelection::kEager;
    std::vector<std::string> types{};  // only items of these types; empty: all
    // Only these, by their unique ids; absent: all.
    std::optional<std::set<std::string>> only = std::nullopt;
};

// Which items are meant, in their order. dbt's rules: operators of the graph, methods, union by
// space, intersection by comma; a test comes along with what it reads (IndirectSelection).
// InvalidInput: an unknown method or value of one, or a name that nothing has (the nearest is
// given). A method that nothing meets selects nothing.
std::vector<size_t> Select(const Inventory& inventory, const SelectionRequest& request,
                           const NamedSelections& named);

// The items that meet the criterion by its method alone. InvalidInput as above.
std::set<size_t> MatchesOf(const Inventory& inventory, const Criterion& criterion);

}  // namespace tarn::pipeline
