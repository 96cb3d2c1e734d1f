#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/commands.h"
#include "cli/compose.h"
#include "cli/project_flags.h"
#include "cli/run.h"
#include "cli/version.h"
#include "pipeline/clean_targets.h"
#include "pipeline/file_text.h"
#include "pipeline/packages.h"

namespace tarn::cli {

namespace {

constexpr const char* kCleanExamples =
    R"(Removes the folders that `clean-targets` of dbt_project.yml names, else the folder of
artifacts. Tables stay. Refused, with nothing removed, where one of them is not below the project or
holds its files or the lake's.

Examples:
  tarn clean
)";

constexpr const char* kDepsExamples =
    R"(Says which packages of packages.yml and dependencies.yml are there, and which are not. Tarn
downloads none: a package lies in a folder below dbt_packages, or is named by its path.

Examples:
  tarn deps
)";

constexpr const char* kDebugExamples =
    R"(Reads the project and its profile, opens the lake, and says what was found. Nothing runs.

Examples:
  tarn debug
  tarn debug -t prod
)";

pipeline::TemplateSettings SettingsOf(const ProjectFlags& flags) {
    return {MapOfFlag(flags.vars, "--vars"), ProcessEnvironment()};
}

pipeline::DbtProject LayoutOf(const std::string& root, const ProjectFlags& flags) {
    const auto text = pipeline::TextOfFile(std::filesystem::path(root) / pipeline::kDbtProjectFile);
    if (!text)
        throw Error(ErrorKind::kInvalidInput, "{} has no {}", root, pipeline::kDbtProjectFile);
    return pipeline::ParseDbtProject(*text, SettingsOf(flags));
}

int RunClean(const ProjectFlags& flags) {
    const catalog::LakeConfig lake = FindLake(flags.lake);
    const auto removed = RefuseBeforeWork(
        [&] { return pipeline::RemoveCleanTargets(lake, LayoutOf(lake.root, flags)); });
    for (const std::string& name : removed) std::cout << "removed " << name << "\n";
    if (removed.empty()) std::cout << "nothing to remove\n";
    return kDone;
}

int RunDeps(const ProjectFlags& flags) {
    const catalog::LakeConfig lake = FindLake(flags.lake);
    const auto packages = RefuseBeforeWork([&] {
        return pipeline::FindPackages(lake.root, LayoutOf(lake.root, flags), SettingsOf(flags));
    });
    for (const pipeline::FoundPackage& package : packages) {
        std::cout << package.name << (package.version.empty() ? "" : " ") << package.version
                  << " in " << package.folder << "\n";
    }
    if (packages.empty()) std::cout << "no packages are needed\n";
    return kDone;
}

int RunDebug(const ProjectFlags& flags) {
    const OpenProject open(flags, {}, "debug");
    const pipeline::Project& project = open.loaded->project();
    const pipeline::Target& target = project.target;
    std::cout << "tarn     " << kVersion << "\n"
              << "project  " << project.name << " in " << project.root << "\n"
              << "target   " << target.name << ": type " << target.type << ", schema "
              << target.schema
              << (target.profile_name.empty() ? ", of no profile"
                                              : ", of the profile " + target.profile_name)
              << "\n"
              << "lake     " << open.loaded->database() << ", tables in "
              << open.lake->config().warehouse << "\n"
              << "nodes    " << open.loaded->graph().Nodes().size() << "\n"
              << "All checks passed\n";
    return kDone;
}

void AddOne(CLI::App& app, Chosen& chosen, const std::string& name, const std::string& meaning,
            const char* examples, int (*run)(const ProjectFlags&)) {
    auto flags = std::make_shared<ProjectFlags>();
    CLI::App* command = app.add_subcommand(name, meaning);
    command->footer(examples);
    AddProjectOptions(*command, *flags);
    command->callback([flags, run, &chosen] {
        chosen.action = [flags, run](Interrupts&) { return run(*flags); };
    });
}

}  // namespace

void AddDbtCommands(CLI::App& app, Chosen& chosen) {
    AddOne(app, chosen, "clean", "Remove what runs of a dbt project left", kCleanExamples,
           &RunClean);
    AddOne(app, chosen, "deps", "Look for the packages of a dbt project", kDepsExamples, &RunDeps);
    AddOne(app, chosen, "debug", "Check the project, its profile and the lake", kDebugExamples,
           &RunDebug);
}

}  // namespace tarn::cli
