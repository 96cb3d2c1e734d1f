#include "pipeline/project.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/text.h"
#include "base/yaml.h"
#include "pipeline/model_yaml.h"

namespace tarn::pipeline {
namespace {

namespace fs = std::filesystem;

constexpr uintmax_t kMaxFileBytes = 4u << 20;
constexpr size_t kMaxFiles = 100'000;

bool HasEnding(std::string_view path, std::string_view ending) {
    return path.size() > ending.size() && path.substr(path.size() - ending.size()) == ending;
}

bool IsYaml(std::string_view path) { return HasEnding(path, ".yml") || HasEnding(path, ".yaml"); }

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

void ReadFolder(const fs::path& root, const std::string& folder, std::vector<ProjectFile>& files) {
    if (!fs::is_directory(root / folder)) return;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root / folder)) {
        const std::string shown = entry.path().lexically_relative(root).generic_string();
        if (!entry.is_regular_file() || !(HasEnding(shown, ".sql") || IsYaml(shown))) continue;
        if (entry.file_size() > kMaxFileBytes) {
            throw Error(ErrorKind::kLimitExceeded, "{} is larger than {}", shown,
                        HumanBytes(kMaxFileBytes));
        }
        if (files.size() >= kMaxFiles)
            throw Error(ErrorKind::kLimitExceeded, "more than {} files in {}", kMaxFiles, folder);
        files.push_back({shown, ReadText(entry.path(), shown)});
    }
}

// "models/silver/x/flights.sql": schema silver, name flights.
Model ModelOf(const ProjectFile& file) {
    const std::vector<std::string> parts = Split(file.path, '/');
    Model model;
    model.schema = parts.size() > 2 ? parts[1] : "main";
    model.name = parts.back().substr(0, parts.back().size() - 4);
    model.file = file.path;
    model.sql = file.text;
    if (model.schema == "bronze" || model.schema == "silver" || model.schema == "gold")
        model.layer = model.schema;
    return model;
}

void AddModel(const ProjectFile& file, Project& project) {
    Model model = ModelOf(file);
    for (const Model& other : project.models) {
        if (!EqualsIgnoreCase(other.Id(), model.Id())) continue;
        throw Error(ErrorKind::kInvalidInput, "the model {} stands twice: also in {}", model.Id(),
                    other.file)
            .At({file.path, 1, 1});
    }
    project.models.push_back(std::move(model));
}

std::string StemOf(const std::string& path) {
    const std::string file = Split(path, '/').back();
    return file.substr(0, file.rfind('.'));
}

}  // namespace

Project ParseProject(const std::string& name, const std::vector<ProjectFile>& given) {
    Project project;
    project.name = name;
    std::vector<ProjectFile> files = given;
    std::sort(files.begin(), files.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    for (const ProjectFile& file : files) {
        if (!HasEnding(file.path, ".sql")) continue;
        if (file.path.rfind("models/", 0) == 0) AddModel(file, project);
        if (file.path.rfind("macros/", 0) == 0)
            project.macros.push_back({name, file.path, file.text});
        if (file.path.rfind("tests/", 0) == 0)
            project.tests.push_back({StemOf(file.path), file.path, file.text});
    }
    for (const ProjectFile& file : files) {
        if (IsYaml(file.path) && file.path.rfind("models/", 0) == 0) {
            ReadModelYaml(YamlNode::Parse(file.text, file.path), file.path, project);
        }
    }
    std::erase_if(project.models, [](const Model& model) { return !model.config.enabled; });
    return project;
}

Project LoadProject(const std::string& root, const std::string& name) {
    if (fs::exists(fs::path(root) / "dbt_project.yml")) {
        throw Error(ErrorKind::kUnsupported,
                    "dbt_project.yml: dbt projects are not run by this version");
    }
    std::vector<ProjectFile> files;
    for (const char* folder : {"models", "macros", "tests"}) ReadFolder(root, folder, files);
    Project project = ParseProject(name, files);
    project.root = root;
    return project;
}

}  // namespace tarn::pipeline
