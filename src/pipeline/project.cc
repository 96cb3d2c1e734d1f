#include "pipeline/project.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "base/text.h"
#include "base/yaml.h"
#include "pipeline/dbt_project.h"
#include "pipeline/docs_blocks.h"
#include "pipeline/model_config.h"
#include "pipeline/model_yaml.h"

namespace tarn::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr uintmax_t kMaxFileBytes = 4u << 20;
constexpr size_t kMaxFiles = 100'000;

bool IsYaml(std::string_view path) { return path.ends_with(".yml") || path.ends_with(".yaml"); }
bool IsText(std::string_view path) {
    return path.ends_with(".sql") || path.ends_with(".md") || IsYaml(path);
}

std::string ReadText(const fs::path& path, const std::string& shown) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) throw Error(ErrorKind::kUnavailable, "{} cannot be read", shown);
    if (const auto bad = FirstInvalidUtf8(text.str())) {
        throw Error(ErrorKind::kInvalidInput, "{} is not UTF-8 (at byte {})", shown, *bad);
    }
    return text.str();
}

void AddFile(const fs::path& path, const std::string& shown, std::vector<ProjectFile>& files) {
    // The rows of a seed are the engine's to read.
    if (shown.ends_with(".csv")) return files.push_back({shown, ""});
    if (fs::file_size(path) > kMaxFileBytes) {
        throw Error(ErrorKind::kLimitExceeded, "{} is larger than {}", shown,
                    HumanBytes(kMaxFileBytes));
    }
    files.push_back({shown, ReadText(path, shown)});
}

void ReadFolder(const fs::path& root, const std::string& folder, std::vector<ProjectFile>& files) {
    if (!fs::is_directory(root / folder)) return;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / folder)) {
        const std::string shown = entry.path().lexically_relative(root).generic_string();
        if (!entry.is_regular_file() || !(IsText(shown) || shown.ends_with(".csv"))) continue;
        if (files.size() >= kMaxFiles)
            throw Error(ErrorKind::kLimitExceeded, "more than {} files in {}", kMaxFiles, folder);
        AddFile(entry.path(), shown, files);
    }
}

void ReadPackages(const fs::path& root, const std::string& folder,
                  std::vector<ProjectFile>& files) {
    if (!fs::is_directory(root / folder)) return;
    for (const fs::directory_entry& entry : fs::directory_iterator(root / folder)) {
        if (!fs::exists(entry.path() / kDbtProjectFile)) continue;
        const std::string shown = folder + "/" + entry.path().filename().string();
        const std::string description = shown + "/" + kDbtProjectFile;
        AddFile(root / description, description, files);
        const DbtProject package = ParseDbtPackage(files.back().text, description);
        for (const auto* paths : {&package.macro_paths, &package.test_paths}) {
            for (const std::string& path : *paths) ReadFolder(root, shown + "/" + path, files);
        }
    }
}

std::string StemOf(const std::string& path) {
    const std::string file = Split(path, '/').back();
    return file.substr(0, file.rfind('.'));
}

// The folders between the one of its kind and the file.
std::vector<std::string> FoldersBelow(const std::string& file, const std::string& folder) {
    std::vector<std::string> parts = Split(file.substr(folder.size() + 1), '/');
    parts.pop_back();
    return parts;
}

Model ModelOf(const ProjectFile& file, const std::string& folder, Resource resource) {
    Model model;
    model.resource = resource;
    model.folders = FoldersBelow(file.path, folder);
    model.name = model.ref_name = StemOf(file.path);
    model.file = file.path;
    model.sql = file.text;
    return model;
}

// "models/silver/x/flights.sql": schema silver, name flights.
void PlaceInLake(Model& model) {
    model.schema = model.folders.empty() ? "main" : model.folders.front();
    if (model.schema == "bronze" || model.schema == "silver" || model.schema == "gold")
        model.layer = model.schema;
}

void AddModel(Model model, Project& project) {
    for (const Model& other : project.models) {
        const bool is_same = project.is_dbt ? other.ref_name == model.ref_name
                                            : EqualsIgnoreCase(other.name, model.name) &&
                                                  EqualsIgnoreCase(other.schema, model.schema);
        if (!is_same) continue;
        throw Error(ErrorKind::kInvalidInput, "the {} {} stands twice: also in {}",
                    NameOf(model.resource), project.is_dbt ? model.ref_name : model.Id(),
                    other.file)
            .At({model.file, 1, 1});
    }
    project.models.push_back(std::move(model));
}

// tests/generic/: macros that are tests, and no tests of their own.
bool HoldsGenericTests(const std::string& path, const DbtProject& layout) {
    const std::string tests = DbtProject::FolderOf(path, layout.test_paths);
    return !tests.empty() && path.starts_with(tests + "/generic/");
}

bool HoldsMacros(const std::string& path, const DbtProject& layout) {
    return path.ends_with(".sql") && (HoldsGenericTests(path, layout) ||
                                      !DbtProject::FolderOf(path, layout.macro_paths).empty());
}

// Macros and tests, which both kinds of project have.
void AddShared(const ProjectFile& file, const DbtProject& layout, Project& project) {
    if (HoldsMacros(file.path, layout))
        project.macros.push_back({project.name, file.path, file.text});
    const bool is_test = file.path.ends_with(".sql") && !HoldsGenericTests(file.path, layout) &&
                         !DbtProject::FolderOf(file.path, layout.test_paths).empty();
    if (is_test) project.tests.push_back({StemOf(file.path), file.path, file.text});
}

void AddOfDbt(const ProjectFile& file, const DbtProject& layout, Project& project) {
    const std::string models = DbtProject::FolderOf(file.path, layout.model_paths);
    const std::string seeds = DbtProject::FolderOf(file.path, layout.seed_paths);
    const bool is_seed = !seeds.empty() && file.path.ends_with(".csv");
    if (!is_seed && (models.empty() || !file.path.ends_with(".sql"))) return;
    Model model =
        ModelOf(file, is_seed ? seeds : models, is_seed ? Resource::kSeed : Resource::kModel);
    std::vector<std::string> fqn = {project.name};
    fqn.insert(fqn.end(), model.folders.begin(), model.folders.end());
    fqn.push_back(model.ref_name);
    model.yaml_config = FolderConfig(is_seed ? layout.seeds : layout.models, fqn);
    if (is_seed) model.yaml_config["materialized"] = "table";
    try {
        model.config = ParseConfig(model.yaml_config, SettingRule::kDbt);
    } catch (const Error& error) {
        throw Error(error).At({kDbtProjectFile, 1, 1}).With("of", model.file);
    }
    model.schema = project.target.schema;
    AddModel(std::move(model), project);
}

// Of a lake without a dbt_project.yml.
DbtProject LakeLayout() {
    DbtProject layout;
    layout.seed_paths.clear();
    return layout;
}

// The macros of a package that lies in `folder`.
void AddPackage(const ProjectFile& description, const std::vector<ProjectFile>& files,
                Project& project) {
    const std::string folder =
        description.path.substr(0, description.path.size() - std::strlen(kDbtProjectFile));
    const DbtProject package = ParseDbtPackage(description.text, description.path);
    for (const ProjectFile& file : files) {
        if (!file.path.starts_with(folder)) continue;
        if (HoldsMacros(file.path.substr(folder.size()), package))
            project.macros.push_back({package.name, file.path, file.text});
    }
}

bool IsPackage(const std::string& path, const DbtProject& layout) {
    return path.starts_with(layout.packages_path + "/") &&
           path.ends_with(std::string("/") + kDbtProjectFile);
}

std::optional<fs::path> FindProfiles(const std::string& root, const ProjectOptions& options) {
    const auto variable = [&](const char* name) {
        return options.settings.environment ? options.settings.environment(name).value_or("") : "";
    };
    std::string said = options.profiles_folder;
    if (said.empty()) said = variable("DBT_PROFILES_DIR");
    if (!said.empty()) {
        const fs::path file = fs::path(said) / kProfilesFile;
        if (fs::exists(file)) return file;
        throw Error(ErrorKind::kInvalidInput, "there is no {}", file.string());
    }
    std::vector<fs::path> folders = {root};
    if (const std::string home = variable("HOME"); !home.empty())
        folders.push_back(fs::path(home) / ".dbt");
    for (const fs::path& folder : folders) {
        if (fs::exists(folder / kProfilesFile)) return folder / kProfilesFile;
    }
    return std::nullopt;
}

const ProjectFile* Find(const std::vector<ProjectFile>& files, const std::string& path) {
    const auto found = std::find_if(files.begin(), files.end(),
                                    [&](const ProjectFile& file) { return file.path == path; });
    return found == files.end() ? nullptr : &*found;
}

bool IsOfYaml(const std::string& path, const DbtProject& layout) {
    return IsYaml(path) && (!DbtProject::FolderOf(path, layout.model_paths).empty() ||
                            !DbtProject::FolderOf(path, layout.seed_paths).empty());
}

}  // namespace

Project ParseProject(const std::string& name, const std::vector<ProjectFile>& given,
                     const ProjectOptions& options) {
    Project project;
    project.name = name;
    std::vector<ProjectFile> files = given;
    std::sort(files.begin(), files.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    DbtProject layout = LakeLayout();
    if (const ProjectFile* dbt = Find(files, kDbtProjectFile)) {
        layout = ParseDbtProject(dbt->text, options.settings);
        const ProjectFile* profiles = Find(files, kProfilesFile);
        project.is_dbt = true;
        project.name = layout.name;
        project.vars = layout.vars;
        project.target = ReadTarget(profiles == nullptr ? "" : profiles->text, layout.profile,
                                    options.target, options.settings);
    }
    for (const auto* paths : {&layout.model_paths, &layout.seed_paths, &layout.test_paths})
        project.folders.insert(project.folders.end(), paths->begin(), paths->end());
    for (const ProjectFile& file : files) {
        // Before the project's own macros, which win.
        if (project.is_dbt && IsPackage(file.path, layout)) AddPackage(file, files, project);
    }
    for (const ProjectFile& file : files) {
        AddShared(file, layout, project);
        if (project.is_dbt) {
            AddOfDbt(file, layout, project);
            if (file.path.ends_with(".md")) ReadDocsBlocks(file.text, file.path, project.docs);
        } else if (file.path.rfind("models/", 0) == 0 && file.path.ends_with(".sql")) {
            Model model = ModelOf(file, "models", Resource::kModel);
            PlaceInLake(model);
            AddModel(std::move(model), project);
        }
    }
    for (const ProjectFile& file : files) {
        if (!IsOfYaml(file.path, layout)) continue;
        ReadModelYaml(YamlNode::Parse(file.text, file.path), file.path, options.settings, project);
    }
    std::erase_if(project.models, [](const Model& model) { return !model.config.enabled; });
    if (const ProjectFile* selectors = Find(files, kSelectorsFile))
        project.selectors = selectors->text;
    return project;
}

Project LoadProject(const std::string& root, const std::string& name,
                    const ProjectOptions& options) {
    std::vector<ProjectFile> files;
    DbtProject layout = LakeLayout();
    if (fs::exists(fs::path(root) / kDbtProjectFile)) {
        AddFile(fs::path(root) / kDbtProjectFile, kDbtProjectFile, files);
        layout = ParseDbtProject(files.front().text, options.settings);
        if (const auto profiles = FindProfiles(root, options))
            AddFile(*profiles, kProfilesFile, files);
        ReadPackages(root, layout.packages_path, files);
    }
    std::set<std::string> folders;
    for (const auto* paths :
         {&layout.model_paths, &layout.seed_paths, &layout.test_paths, &layout.macro_paths}) {
        folders.insert(paths->begin(), paths->end());
    }
    for (const std::string& folder : folders) ReadFolder(root, folder, files);
    if (fs::exists(fs::path(root) / kSelectorsFile))
        AddFile(fs::path(root) / kSelectorsFile, kSelectorsFile, files);
    Project project = ParseProject(name, files, options);
    project.root = root;
    return project;
}

}  // namespace tarn::pipeline
