#include "cli/project_flags.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include <CLI/CLI.hpp>

#include "base/yaml.h"
#include "cli/commands.h"

namespace tarn::cli {

namespace {

// Taken, so that what calls dbt can call tarn; nothing here that they could change.
void AddFlagsWithoutEffect(CLI::App& command) {
    for (const char* flag :
         {"--partial-parse,--no-partial-parse", "--use-colors,--no-use-colors",
          "--version-check,--no-version-check", "--static-parser,--no-static-parser",
          "--print,--no-print", "--debug,--no-debug", "-q,--quiet,--no-quiet",
          "--write-json,--no-write-json", "--populate-cache,--no-populate-cache",
          "--cache-selected-only,--no-cache-selected-only",
          "--send-anonymous-usage-stats,--no-send-anonymous-usage-stats",
          "--use-colors-file,--no-use-colors-file", "--introspect,--no-introspect"}) {
        command.add_flag(flag)->group("");
    }
    for (const char* option : {"--log-format", "--log-level", "--log-path", "--log-format-file",
                               "--log-level-file", "--printer-width"}) {
        command.add_option(option)->group("");
    }
}

}  // namespace

nlohmann::ordered_json MapOfFlag(const std::string& text, const std::string& flag) {
    if (text.empty()) return nlohmann::ordered_json::object();
    const YamlNode map = YamlNode::Parse(text, flag);
    if (!map.IsMap()) throw map.Mistake("expected `{key: value}`");
    return nlohmann::ordered_json::parse(map.ToJson());
}

void AddProjectOptions(CLI::App& command, ProjectFlags& flags) {
    AddFlagsWithoutEffect(command);
    command
        .add_option("--lake,--project-dir", flags.lake,
                    "the lake's folder (default: the nearest one upward with tarn.yml)")
        ->type_name("DIR");
    command.add_option("--vars", flags.vars, "variables of the project, as YAML")
        ->type_name("YAML");
    command.add_option("-t,--target", flags.target, "the output of a dbt project's profile")
        ->type_name("NAME");
    command
        .add_option("--profiles-dir", flags.profiles_folder,
                    "where profiles.yml lies (default: DBT_PROFILES_DIR, the project, ~/.dbt)")
        ->type_name("DIR");
    command.add_option("--profile", flags.profile, "the profile (default: as the project says)")
        ->type_name("NAME");
    command
        .add_option("--target-path", flags.target_folder,
                    "where artifacts go (default: as the project says, else target)")
        ->type_name("DIR");
    command
        .add_option("--threads", flags.threads,
                    "what target.threads says; nodes run one after another, each on all cores")
        ->type_name("N");
}

void AddSelectionOptions(CLI::App& command, ProjectFlags& flags) {
    command
        .add_option("-s,--select,-m,--models", flags.select,
                    "only these: NAME, +NAME with what it reads, NAME+ with what reads it, "
                    "2+NAME, @NAME, tag:, path:, source:, config.x: ...; a,b is both")
        ->type_name("WHAT");
    command.add_option("--exclude", flags.exclude, "and none of these")->type_name("WHAT");
    command.add_option("--selector", flags.selector, "a selection of selectors.yml")
        ->type_name("NAME");
    command
        .add_option("--indirect-selection", flags.indirect,
                    "tests that come along: eager (of anything selected), cautious (of nothing "
                    "else), buildable (of that and what it is made from), empty (none)")
        ->check(CLI::IsMember(pipeline::IndirectSelectionWords()).description(""))
        ->type_name("HOW")
        ->capture_default_str();
}

void AddTypeOptions(CLI::App& command, ProjectFlags& flags, const std::vector<std::string>& all) {
    command.add_option("--resource-type,--resource-types", flags.types, "only of these types")
        ->check(CLI::IsMember(all).description(""))
        ->type_name("TYPE");
    command
        .add_option("--exclude-resource-type,--exclude-resource-types", flags.without_types,
                    "and of none of these")
        ->check(CLI::IsMember(all).description(""))
        ->type_name("TYPE");
}

void Fill(const ProjectFlags& flags, const std::vector<std::string>& all,
          pipeline::ProjectRequest& request) {
    request.select = flags.select;
    request.exclude = flags.exclude;
    request.selector = flags.selector;
    request.indirect = pipeline::ParseIndirectSelection(flags.indirect);
    request.types = flags.types.empty() ? all : flags.types;
    std::erase_if(request.types, [&](const std::string& type) {
        return std::count(flags.without_types.begin(), flags.without_types.end(), type) > 0;
    });
    request.vars = MapOfFlag(flags.vars, "--vars");
    request.target = flags.target;
    request.target_folder = flags.target_folder;
    request.profiles_folder = flags.profiles_folder;
    request.profile = flags.profile;
    request.threads = flags.threads;
}

pipeline::Environment ProcessEnvironment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    };
}

OpenProject::OpenProject(const ProjectFlags& flags, const std::vector<std::string>& types,
                         const std::string& command, std::ostream& told)
    : started(RealClock().Now()) {
    Fill(flags, types, request);
    lake = Lake::Open(FindLake(flags.lake));
    session = lake->Connect("tarn " + command);
    run.id = NewUuid(lake->clock(), lake->random());
    run.started_us = ToUnixUs(started);
    run.command = command;
    run.now_us = [&clock = lake->clock()] { return ToUnixUs(clock.Now()); };
    run.tell = [&told](const std::string& words) { told << words << "\n"; };
    loaded = RefuseBeforeWork([&] {
        return std::make_unique<pipeline::LoadedProject>(
            request, pipeline::ProjectParts{lake->catalog(), *session, lake->store(),
                                            ProcessEnvironment(), run});
    });
}

pipeline::Invocation OpenProject::Invoked(const std::string& command) const {
    return {run.id,
            command,
            started,
            lake->clock().Now(),
            {{"select", request.select}, {"vars", request.vars}}};
}

}  // namespace tarn::cli
