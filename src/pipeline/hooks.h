// Hooks: SQL that a project runs before and behind a model (`pre-hook`, `post-hook`) or a whole
// build (`on-run-start`, `on-run-end`), as templates that may ask the lake.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "pipeline/build.h"
#include "pipeline/model.h"
#include "pipeline/node_compiler.h"
#include "pipeline/template_lake.h"

namespace tarn::pipeline {

// Is a setting of this name one of hooks; they add up, and are rendered when they run.
bool IsHookKey(const std::string& key);

// The hooks of `pre-hook` or `post-hook`: a text, {sql: ...}, or a list of these. InvalidInput.
std::vector<std::string> ParseHooks(const std::string& key, const nlohmann::ordered_json& value);

struct HookRun {
    NodeCompiler& compiler;
    TemplateLake& lake;
    const Model* model = nullptr;  // whose hooks; null: the build's
    TextSpot spot;                 // of what says them
    nlohmann::ordered_json globals = nlohmann::ordered_json::object();
};

// Renders each and runs what comes of it, if anything does. Errors of the hook, at its place.
void RunHooks(const std::vector<std::string>& hooks, const HookRun& run);

// What `on-run-end` sees: results, schemas, database_schemas.
nlohmann::ordered_json EndOfRun(const std::vector<NodeReport>& reports,
                                const LoadedProject& loaded);

}  // namespace tarn::pipeline
