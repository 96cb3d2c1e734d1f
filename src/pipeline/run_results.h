// dbt's run_results.json (version 6): how each node of a build went; and what a later `retry` takes
// from it. Pure.
#pragma once

#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "pipeline/build.h"
#include "pipeline/manifest.h"

namespace tarn::pipeline {

// One entry of `results`.
nlohmann::ordered_json ResultOf(const LoadedProject& loaded, const NodeReport& node);

nlohmann::ordered_json RunResults(const LoadedProject& loaded, const BuildReport& report,
                                  const Invocation& invocation);

// What an earlier run_results.json leaves to do.
struct Unfinished {
    std::string command;  // "build"
    nlohmann::ordered_json arguments = nlohmann::ordered_json::object();
    std::set<std::string> unique_ids;  // what failed or was skipped
};
// InvalidInput: the text is none of dbt's run results.
Unfinished ReadUnfinished(const std::string& text, const std::string& file);

}  // namespace tarn::pipeline
