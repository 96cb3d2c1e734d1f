// The flags of the commands that work on a project (build, ls, compile, docs ...), named as dbt
// names them.
#pragma once

#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/compose.h"
#include "pipeline/loaded_project.h"
#include "pipeline/manifest.h"

namespace CLI {
class App;
}

namespace tarn::cli {

struct ProjectFlags {
    std::string lake;
    std::vector<std::string> select;
    std::vector<std::string> exclude;
    std::string selector;
    std::string indirect = "eager";
    std::vector<std::string> types;
    std::vector<std::string> without_types;
    std::string vars;
    std::string target;
    std::string target_folder;
    std::string profiles_folder;
    std::string profile;
    std::optional<int64_t> threads;
};

// Where the project lies and what it is built for.
void AddProjectOptions(CLI::App& command, ProjectFlags& flags);
void AddSelectionOptions(CLI::App& command, ProjectFlags& flags);
// `all`: the types that the command knows.
void AddTypeOptions(CLI::App& command, ProjectFlags& flags, const std::vector<std::string>& all);

// Puts the flags into the request. `all`: the types that are meant unless the flags say so.
// InvalidInput: --vars is no map.
void Fill(const ProjectFlags& flags, const std::vector<std::string>& all,
          pipeline::ProjectRequest& request);

// A map that a flag says as YAML. InvalidInput: it is none.
nlohmann::ordered_json MapOfFlag(const std::string& text, const std::string& flag);

// The variables of the process.
pipeline::Environment ProcessEnvironment();

// A lake, a session and the project in it, for commands that only look.
struct OpenProject {
    // `told`: where words of templates go.
    OpenProject(const ProjectFlags& flags, const std::vector<std::string>& types,
                const std::string& command, std::ostream& told = std::cerr);

    // What artifacts say of this run until now; `command`: dbt's word for it.
    pipeline::Invocation Invoked(const std::string& command) const;

    TimestampUs started;
    pipeline::ProjectRequest request{};
    pipeline::TemplateRun run{};
    std::unique_ptr<Lake> lake;
    std::unique_ptr<engine::Session> session;
    std::unique_ptr<pipeline::LoadedProject> loaded;
};

}  // namespace tarn::cli
