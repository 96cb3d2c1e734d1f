// What the user and the machine give to every template: variables and the environment, with the
// functions var() and env_var() over them; and texts of configuration files that hold Jinja.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace tarn::pipeline {

// The run that templates are rendered for.
struct TemplateRun {
    std::string id;
    int64_t started_us = 0;         // since 1970
    std::string command = "build";  // flags.WHICH
    bool full_refresh = false;
    bool store_failures = false;
    nlohmann::ordered_json arguments;              // of the command line: invocation_args_dict
    std::function<int64_t()> now_us;               // absent: the time never changes
    std::function<void(const std::string&)> tell;  // words for who runs it; absent: for nobody
};

struct TemplateSettings {
    // Of --vars; they win over the project's own.
    nlohmann::ordered_json vars = nlohmann::ordered_json::object();
    // The environment, for env_var; the command line gives it. Absent: no variable is set.
    std::function<std::optional<std::string>(const std::string&)> environment;
    TemplateRun run = {};
};

// The text at a place of a call's arguments. InvalidInput when there is none.
std::string TextArgument(const nlohmann::ordered_json& positional, size_t index,
                         const char* function);

// var('name', default). `project_vars` are asked behind those of the settings. InvalidInput: it is
// not set and has no default.
nlohmann::ordered_json VarOf(const TemplateSettings& settings,
                             const nlohmann::ordered_json& project_vars,
                             const nlohmann::ordered_json& positional,
                             const nlohmann::ordered_json& named);
// env_var('NAME', default). InvalidInput: as above.
nlohmann::ordered_json EnvVarOf(const TemplateSettings& settings,
                                const nlohmann::ordered_json& positional,
                                const nlohmann::ordered_json& named);

// The value with every text in it rendered that holds Jinja, typed anew as YAML types a scalar
// ("true" is true): `+enabled: "{{ var('x') }}"`; but for hooks, which wait. Knows var, env_var and
// what `context` holds. InvalidInput with file, line and column within the text's own place.
nlohmann::ordered_json RenderedTexts(const nlohmann::ordered_json& value,
                                     const TemplateSettings& settings,
                                     const nlohmann::ordered_json& project_vars,
                                     const nlohmann::ordered_json& context, const TextSpot& spot);

}  // namespace tarn::pipeline
