// What a task of a job can do: each verb is one command of Tarn, or a program of the user's, in a
// process of its own. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/yaml.h"

namespace tarn::pipeline {

struct JobVerb {
    std::string_view name;    // the key in YAML
    std::string_view saying;  // what may stand behind it, for the reference page
    std::string_view meaning;
};
const std::vector<JobVerb>& JobVerbs();
std::vector<std::string> JobVerbNames();

// What stands behind the verb, checked. InvalidInput at its place.
nlohmann::ordered_json ReadVerb(const std::string& verb, const YamlNode& saying);

// A task as a program: its arguments, and what it reads.
struct TaskProgram {
    bool is_shell = false;               // `arguments` has one text for the shell
    std::vector<std::string> arguments;  // of `tarn`, or the user's program and its arguments
    bool is_tarn = true;                 // `arguments` lacks the program: tarn itself
    std::string input;
};
// `saying` with its templates filled in.
TaskProgram ProgramOf(const std::string& verb, const nlohmann::ordered_json& saying);

}  // namespace tarn::pipeline
