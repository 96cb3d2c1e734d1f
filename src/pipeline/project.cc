#include "pipeline/project.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>

#include "base/text.h"
#include "base/yaml.h"
#include "pipeline/dbt_project.h"
#include "pipeline/docs_blocks.h"
#include "pipeline/file_text.h"
#include "pipeline/model_config.h"
#include "pipeline/model_yaml.h"
#include "pipeline/packages.h"
#include "pipeline/snapshot.h"

namespace tarn::pipeline {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// What stands in the place of a model in Python: it is there, can be selected and left out, and is
// refused when it is to be made.
constexpr const char* kPythonModel =
    "{% if execute %}{{ exceptions.raise_compiler_error('models in Python are not run by this "
    "version: write ' ~ model.path ~ ' as SQL, or leave it out (--exclude ' ~ model.name ~ '+)') "
    "}}{% endif %}select 1 as python";

constexpr const char* kFixtures = "fixtures";
constexpr uintmax_t kMaxFileBytes = 4u << 20;
constexpr size_t kMaxFiles = 100'000;

bool IsYaml(std::string_view path) { return path.ends_with(".yml") || path.ends_with(".yaml"); }
bool IsText(std::string_view path) {
    return path.ends_with(".sql") || path.ends_with(".md") || path.ends_with(".py") || IsYaml(path);
}

std::string ReadText(const fs::path& path, const std::string& shown) {
    auto text = TextOfFile(path);
    if (!text) throw Error(ErrorKind::kUnavailable, "{} cannot be read", shown);
    if (const auto bad = FirstInvalidUtf8(*text)) {
        throw Error(ErrorKind::kInvalidInput, "{} is not UTF-8 (at byte {})", shown, *bad);
    }
    return *std::move(text);
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

// The folders that a project or package has, below the folder that it lies in.
void ReadFolders(const fs::path& root, const std::string& folder, const DbtProject& layout,
                 std::vector<ProjectFile>& files) {
    std::set<std::string> folders;
    for (const auto* paths : {&layout.model_paths, &layout.seed_paths, &layout.test_paths,
                              &layout.macro_paths, &layout.snapshot_paths}) {
        folders.insert(paths->begin(), paths->end());
    }
    for (const std::string& name : folders) ReadFolder(root, folder + name, files);
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

Model ModelOf(const ProjectFile& file, std::vector<std::string> folders, Resource resource) {
    Model model;
    model.resource = resource;
    model.folders = std::move(folders);
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
        const bool is_same =
            project.is_dbt ? other.ref_name == model.ref_name && other.package == model.package
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

// The project itself (an empty folder), or a package that it uses.
struct Part {
    std::string folder;  // "dbt_packages/dbt_utils/": with the `/` at its end
    DbtProject layout;

    bool IsRoot() const { return folder.empty(); }
    bool Holds(const std::string& path) const { return path.starts_with(folder); }
    std::string Inside(const std::string& path) const { return path.substr(folder.size()); }
};

void AddMacros(const std::vector<ProjectFile>& files, const Part& part, Project& project) {
    for (const ProjectFile& file : files) {
        if (part.Holds(file.path) && HoldsMacros(part.Inside(file.path), part.layout))
            project.macros.push_back({part.layout.name, file.path, file.text});
    }
}

void AddSingularTest(const ProjectFile& file, const Part& part, const DbtProject& root,
                     Project& project) {
    const std::string path = part.Inside(file.path);
    const std::string& package = part.layout.name;
    const std::string tests = DbtProject::FolderOf(path, part.layout.test_paths);
    // Rows of unit tests lie there, too.
    const bool is_fixture = path.starts_with(tests + "/" + kFixtures + "/");
    const bool is_macro = HoldsGenericTests(path, part.layout);
    if (tests.empty() || !path.ends_with(".sql") || is_macro || is_fixture) return;
    SingularTest test{StemOf(file.path), file.path, file.text};
    test.package = package;
    std::vector<std::string> fqn = {package};
    for (std::string& folder : FoldersBelow(path, tests)) fqn.push_back(std::move(folder));
    fqn.push_back(test.name);
    Json folder = FolderConfig(part.layout.tests, fqn);
    if (!part.IsRoot()) folder.update(FolderConfig(root.tests, fqn));
    test.options = quality::ParseTestOptions(YamlNode::Parse(folder.dump(), file.path));
    project.tests.push_back(std::move(test));
}

// A model, seed or snapshot of a dbt project, with what the project's files say of its folder.
void AddWithFolder(Model model, const Part& part, const DbtProject& root, Project& project) {
    const auto tree = [&](const DbtProject& of) {
        if (model.resource == Resource::kSeed) return of.seeds;
        return model.resource == Resource::kSnapshot ? of.snapshots : of.models;
    };
    model.package = part.layout.name;
    std::vector<std::string> fqn = {model.package};
    fqn.insert(fqn.end(), model.folders.begin(), model.folders.end());
    fqn.push_back(model.ref_name);
    model.yaml_config = FolderConfig(tree(part.layout), fqn);
    if (!part.IsRoot()) model.over_config = FolderConfig(tree(root), fqn);
    if (model.resource == Resource::kSeed) model.yaml_config["materialized"] = "table";
    try {
        model.config = YamlConfigOf(model, SettingRule::kDbt);
        CheckMaterialized(model.config, project.materializations);
    } catch (const Error& error) {
        throw Error(error).At({part.folder + kDbtProjectFile, 1, 1}).With("of", model.file);
    }
    model.schema = project.target.schema;
    AddModel(std::move(model), project);
}

void AddOfDbt(const ProjectFile& file, const Part& part, const DbtProject& root, Project& project) {
    const std::string path = part.Inside(file.path);
    const auto folder = [&](const std::vector<std::string>& paths, const char* ending) {
        return path.ends_with(ending) ? DbtProject::FolderOf(path, paths) : "";
    };
    if (const auto seeds = folder(part.layout.seed_paths, ".csv"); !seeds.empty()) {
        AddWithFolder(ModelOf(file, FoldersBelow(path, seeds), Resource::kSeed), part, root,
                      project);
    }
    const std::string snapshots = folder(part.layout.snapshot_paths, ".sql");
    if (!snapshots.empty()) {
        for (SnapshotBlock& block : SnapshotBlocks(file.text, file.path)) {
            Model model = ModelOf(file, FoldersBelow(path, snapshots), Resource::kSnapshot);
            model.name = model.ref_name = block.name;
            model.sql = std::move(block.text);
            AddWithFolder(std::move(model), part, root, project);
        }
        return;
    }
    if (const auto models = folder(part.layout.model_paths, ".py"); !models.empty()) {
        Model model = ModelOf(file, FoldersBelow(path, models), Resource::kModel);
        model.sql = kPythonModel;
        AddWithFolder(std::move(model), part, root, project);
    }
    if (const auto models = folder(part.layout.model_paths, ".sql"); !models.empty()) {
        AddWithFolder(ModelOf(file, FoldersBelow(path, models), Resource::kModel), part, root,
                      project);
    }
}

// Of a lake without a dbt_project.yml.
DbtProject LakeLayout() {
    DbtProject layout;
    layout.seed_paths.clear();
    layout.snapshot_paths.clear();
    return layout;
}

// Where the packages lie that files of `folder` name by a path (`- local: ../shared`).
std::vector<std::string> LocalPackages(const std::string& text, const std::string& file,
                                       const std::string& folder) {
    std::vector<std::string> folders;
    for (PackageEntry& entry : ParsePackages(text, file, folder)) {
        if (!entry.local.empty()) folders.push_back(std::move(entry.local));
    }
    return folders;
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
                            !DbtProject::FolderOf(path, layout.seed_paths).empty() ||
                            !DbtProject::FolderOf(path, layout.snapshot_paths).empty());
}

// The packages of a project: those that its files and theirs name by a path, and those that lie in
// its folder of packages. A package that is there twice is taken once.
std::vector<Part> PackagesOf(const Part& root, const std::vector<ProjectFile>& files,
                             const TemplateSettings& settings, const Target& target) {
    std::vector<std::string> folders;
    const auto add_local = [&](const std::string& folder) {
        for (const char* name : kPackageFiles) {
            const ProjectFile* file = Find(files, folder + name);
            if (file == nullptr) continue;
            for (std::string& local : LocalPackages(file->text, file->path, folder)) {
                if (std::find(folders.begin(), folders.end(), local) == folders.end())
                    folders.push_back(std::move(local));
            }
        }
    };
    add_local("");
    for (const ProjectFile& file : files) {
        const std::string& path = file.path;
        const std::string in = root.layout.packages_path + "/";
        if (!path.starts_with(in) || !path.ends_with(std::string("/") + kDbtProjectFile)) continue;
        folders.push_back(path.substr(0, path.size() - std::strlen(kDbtProjectFile)));
    }
    std::vector<Part> packages;
    for (size_t i = 0; i < folders.size(); ++i) {
        add_local(std::string(folders[i]));
        const ProjectFile* file = Find(files, folders[i] + kDbtProjectFile);
        if (file == nullptr) continue;
        Part part{folders[i], ParseDbtProject(file->text, settings, file->path, &target)};
        const bool is_there = part.layout.name == root.layout.name ||
                              std::any_of(packages.begin(), packages.end(), [&](const Part& other) {
                                  return other.layout.name == part.layout.name;
                              });
        if (!is_there) packages.push_back(std::move(part));
    }
    return packages;
}

// As dbt has it: what the project says to a package wins over what that says itself.
Json PackageVars(const Part& package, const DbtProject& root) {
    Json vars = package.layout.VarsFor(package.layout.name);
    vars.update(root.VarsFor(package.layout.name));
    return vars;
}

YamlFile YamlFileOf(const ProjectFile& file, const Part& part, const DbtProject& root,
                    const ProjectOptions& options) {
    const std::string path = part.Inside(file.path);
    const DbtProject& layout = part.layout;
    std::string folder;
    for (const auto* paths : {&layout.model_paths, &layout.seed_paths, &layout.snapshot_paths}) {
        if (folder.empty()) folder = DbtProject::FolderOf(path, *paths);
    }
    return {file.path,
            layout.name,
            options.settings,
            &layout,
            FoldersBelow(path, folder),
            part.IsRoot() ? nullptr : &root};
}

void AddFolders(const Part& part, Project& project) {
    const DbtProject& layout = part.layout;
    for (const auto* paths :
         {&layout.model_paths, &layout.seed_paths, &layout.snapshot_paths, &layout.test_paths}) {
        for (const std::string& path : *paths) project.folders.push_back(part.folder + path);
    }
}

void AddPart(const Part& part, const DbtProject& root, const std::vector<ProjectFile>& files,
             const ProjectOptions& options, Project& project) {
    AddFolders(part, project);
    for (const ProjectFile& file : files) {
        if (!part.Holds(file.path)) continue;
        AddSingularTest(file, part, root, project);
        AddOfDbt(file, part, root, project);
        if (file.path.ends_with(".md")) ReadDocsBlocks(file.text, file.path, project.docs);
    }
    for (const ProjectFile& file : files) {
        if (!part.Holds(file.path) || !IsOfYaml(part.Inside(file.path), part.layout)) continue;
        ReadModelYaml(YamlNode::Parse(file.text, file.path), YamlFileOf(file, part, root, options),
                      project);
    }
}

void AddHooks(const DbtProject& layout, Project& project) {
    const auto add = [&](const std::vector<std::string>& from, const char* when,
                         std::vector<BuildHook>& to) {
        for (size_t i = 0; i < from.size(); ++i)
            to.push_back({layout.name, fmt::format("{}-{}-{}", layout.name, when, i), from[i]});
    };
    add(layout.on_run_start, "on-run-start", project.on_run_start);
    add(layout.on_run_end, "on-run-end", project.on_run_end);
}

// The names behind a word that a block begins with: `{% materialization name, ... %}`.
void AddNamesBehind(std::string_view word, std::string_view text, std::set<std::string>& names) {
    for (size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
        std::string_view before = Trim(text.substr(0, at));
        if (before.ends_with('-') || before.ends_with('+')) before.remove_suffix(1);
        const std::string_view name = Trim(text.substr(at + word.size()));
        if (before.ends_with("{%"))
            names.emplace(name.substr(0, name.find_first_of(", (\n\r\t-%")));
    }
}

// In any file that may hold macros.
void AddMaterializations(const std::vector<ProjectFile>& files, std::set<std::string>& names) {
    for (const ProjectFile& file : files) {
        if (file.path.ends_with(".sql")) AddNamesBehind("materialization", file.text, names);
    }
}

void AddDbt(const std::vector<ProjectFile>& files, const ProjectOptions& options,
            Project& project) {
    const std::string& text = Find(files, kDbtProjectFile)->text;
    // Which profile it names is known before what it sets for that profile's target.
    const std::string named = ParseDbtProject(text, options.settings).profile;
    const ProjectFile* profiles = Find(files, kProfilesFile);
    const std::string lake = project.name;
    project.target = ReadTarget(profiles == nullptr ? "" : profiles->text,
                                options.profile.empty() ? named : options.profile, options.target,
                                options.settings);
    project.target.database = lake;
    const Part root{"", ParseDbtProject(text, options.settings, kDbtProjectFile, &project.target)};
    project.is_dbt = true;
    AddMaterializations(files, project.materializations);
    project.name = root.layout.name;
    project.vars = root.layout.VarsFor(root.layout.name);
    project.dispatch = root.layout.dispatch;
    const std::vector<Part> packages = PackagesOf(root, files, options.settings, project.target);
    for (const Part& part : packages)
        project.package_vars[part.layout.name] = PackageVars(part, root.layout);
    // Files below a package's folder are the package's alone.
    std::vector<ProjectFile> own;
    for (const ProjectFile& file : files) {
        const bool is_package = std::any_of(packages.begin(), packages.end(),
                                            [&](const Part& p) { return p.Holds(file.path); });
        if (!is_package) own.push_back(file);
    }
    AddMacros(own, root, project);
    for (const Part& part : packages) AddMacros(files, part, project);
    for (const Part& part : packages) AddPart(part, root.layout, files, options, project);
    AddPart(root, root.layout, own, options, project);
    for (const std::string& tests : root.layout.test_paths)
        project.fixture_paths.push_back(tests + "/" + kFixtures);
    // As dbt has it: those of packages first.
    for (const Part& part : packages) AddHooks(part.layout, project);
    AddHooks(root.layout, project);
}

void AddLake(const std::vector<ProjectFile>& files, const ProjectOptions& options,
             Project& project) {
    Part part{"", LakeLayout()};
    part.layout.name = project.name;
    AddFolders(part, project);
    AddMacros(files, part, project);
    for (const ProjectFile& file : files) {
        AddSingularTest(file, part, part.layout, project);
        if (file.path.rfind("models/", 0) != 0 || !file.path.ends_with(".sql")) continue;
        Model model = ModelOf(file, FoldersBelow(file.path, "models"), Resource::kModel);
        model.package = project.name;
        PlaceInLake(model);
        AddModel(std::move(model), project);
    }
    for (const ProjectFile& file : files) {
        if (!IsOfYaml(file.path, part.layout)) continue;
        ReadModelYaml(YamlNode::Parse(file.text, file.path),
                      {file.path, project.name, options.settings}, project);
    }
}

void ReadPackage(const fs::path& root, const std::string& folder, const ProjectOptions& options,
                 std::set<std::string>& read, std::vector<ProjectFile>& files);

void ReadNamedPackages(const fs::path& root, const std::string& folder,
                       const ProjectOptions& options, std::set<std::string>& read,
                       std::vector<ProjectFile>& files) {
    for (const char* name : kPackageFiles) {
        if (!fs::exists(root / (folder + name))) continue;
        AddFile(root / (folder + name), folder + name, files);
        const std::string text = files.back().text;
        for (const std::string& local : LocalPackages(text, folder + name, folder))
            ReadPackage(root, local, options, read, files);
    }
}

// Reads a package and those that it names, each folder once.
void ReadPackage(const fs::path& root, const std::string& folder, const ProjectOptions& options,
                 std::set<std::string>& read, std::vector<ProjectFile>& files) {
    const std::string description = folder + kDbtProjectFile;
    if (!read.insert(folder).second || !fs::exists(root / description)) return;
    AddFile(root / description, description, files);
    const DbtProject package = ParseDbtProject(files.back().text, options.settings, description);
    ReadFolders(root, folder, package, files);
    ReadNamedPackages(root, folder, options, read, files);
}

void ReadPackages(const fs::path& root, const std::string& folder, const ProjectOptions& options,
                  std::vector<ProjectFile>& files) {
    std::set<std::string> read;
    ReadNamedPackages(root, "", options, read, files);
    if (!fs::is_directory(root / folder)) return;
    for (const fs::directory_entry& entry : fs::directory_iterator(root / folder)) {
        const std::string shown = folder + "/" + entry.path().filename().string() + "/";
        ReadPackage(root, shown, options, read, files);
    }
}

}  // namespace

Project ParseProject(const std::string& name, const std::vector<ProjectFile>& given,
                     const ProjectOptions& options) {
    Project project;
    project.name = name;
    std::vector<ProjectFile> files = given;
    std::sort(files.begin(), files.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    if (Find(files, kDbtProjectFile) != nullptr) {
        AddDbt(files, options, project);
    } else {
        AddLake(files, options, project);
    }
    project.LeaveOutDisabled();
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
        ReadPackages(root, layout.packages_path, options, files);
    }
    ReadFolders(root, "", layout, files);
    if (fs::exists(fs::path(root) / kSelectorsFile))
        AddFile(fs::path(root) / kSelectorsFile, kSelectorsFile, files);
    Project project = ParseProject(name, files, options);
    project.root = root;
    return project;
}

}  // namespace tarn::pipeline
