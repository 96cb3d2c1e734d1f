// dbt_project.yml and profiles.yml: where the files of a dbt project lie, what it sets for whole
// folders of them, and what it is built for. Values only: nothing is read from a disk here.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/yaml.h"
#include "pipeline/model.h"
#include "pipeline/template_settings.h"

namespace tarn::pipeline {

inline constexpr const char* kDbtProjectFile = "dbt_project.yml";
inline constexpr const char* kProfilesFile = "profiles.yml";
inline constexpr const char* kSelectorsFile = "selectors.yml";

struct DbtProject {
    std::string name;
    std::string profile;
    std::vector<std::string> model_paths = {"models"};
    std::vector<std::string> seed_paths = {"seeds"};
    std::vector<std::string> test_paths = {"tests"};
    std::vector<std::string> macro_paths = {"macros"};
    std::vector<std::string> snapshot_paths = {"snapshots"};
    std::string packages_path = "dbt_packages";
    std::string target_path = "target";
    std::vector<std::string> clean_targets;  // what `tarn clean` removes
    std::string version;                     // of the project itself
    // Settings by folder: FolderConfig reads them.
    nlohmann::ordered_json models = nlohmann::ordered_json::object();
    nlohmann::ordered_json seeds = nlohmann::ordered_json::object();
    nlohmann::ordered_json snapshots = nlohmann::ordered_json::object();
    nlohmann::ordered_json tests = nlohmann::ordered_json::object();
    nlohmann::ordered_json sources = nlohmann::ordered_json::object();
    // As they stand: VarsFor gives those of one package.
    nlohmann::ordered_json vars = nlohmann::ordered_json::object();
    std::vector<std::string> on_run_start;
    std::vector<std::string> on_run_end;
    // `dispatch`: where adapter.dispatch looks, by namespace.
    std::map<std::string, std::vector<std::string>> dispatch;

    // Its variables for one package: those below the package's name win over those of all.
    nlohmann::ordered_json VarsFor(const std::string& package) const;
    // The first of `paths` that the file lies in; empty when it lies in none.
    static std::string FolderOf(const std::string& file, const std::vector<std::string>& paths);
};

// InvalidInput with its place: bad YAML, an unknown key (the nearest is named), a wrong value.
// Texts with Jinja in them are rendered with `settings` (var of --vars alone, env_var), those of
// settings by folder with `target`, too: without one they stay as they stand. So do variables,
// which are templates of who asks for them. `file` is its name: that of a package that the project
// uses has its folder before it.
DbtProject ParseDbtProject(const std::string& text, const TemplateSettings& settings,
                           const std::string& file = kDbtProjectFile,
                           const Target* target = nullptr);

// The settings of a resource: those of each folder on the way to it (`fqn`: project, folders,
// name), the nearest one winning; tags add up. dbt's rule: a key with `+` is a setting, one without
// it is a folder where its value is a map.
nlohmann::ordered_json FolderConfig(const nlohmann::ordered_json& tree,
                                    const std::vector<std::string>& fqn);

// The output that the profile's `target` names, or `wanted`. Without a profiles.yml, or a profile
// of that name in it: Tarn's own. InvalidInput: an output that is not there (the nearest is named).
Target ReadTarget(const std::string& profiles_text, const std::string& profile,
                  const std::string& wanted, const TemplateSettings& settings);

// As templates see it.
nlohmann::ordered_json ToJson(const Target& target);

}  // namespace tarn::pipeline
