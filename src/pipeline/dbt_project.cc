#include "pipeline/dbt_project.h"

#include <algorithm>

#include "base/text.h"
#include "pipeline/model_config.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

const std::vector<std::string>& ProjectKeys() {
    static const std::vector<std::string> keys = {"name",
                                                  "version",
                                                  "config-version",
                                                  "profile",
                                                  "require-dbt-version",
                                                  "model-paths",
                                                  "source-paths",
                                                  "seed-paths",
                                                  "data-paths",
                                                  "test-paths",
                                                  "macro-paths",
                                                  "analysis-paths",
                                                  "snapshot-paths",
                                                  "docs-paths",
                                                  "asset-paths",
                                                  "function-paths",
                                                  "target-path",
                                                  "log-path",
                                                  "packages-install-path",
                                                  "clean-targets",
                                                  "models",
                                                  "seeds",
                                                  "snapshots",
                                                  "sources",
                                                  "tests",
                                                  "data_tests",
                                                  "unit-tests",
                                                  "unit_tests",
                                                  "analyses",
                                                  "exposures",
                                                  "metrics",
                                                  "semantic-models",
                                                  "saved-queries",
                                                  "functions",
                                                  "vars",
                                                  "dispatch",
                                                  "quoting",
                                                  "query-comment",
                                                  "on-run-start",
                                                  "on-run-end",
                                                  "restrict-access",
                                                  "dbt-cloud",
                                                  "flags"};
    return keys;
}

std::string WithoutSlash(std::string path) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    return path.rfind("./", 0) == 0 ? path.substr(2) : path;
}

void ReadPaths(const YamlNode& root, const char* key, const char* older,
               std::vector<std::string>& paths) {
    auto node = root.Find(key);
    if (!node && older != nullptr) node = root.Find(older);
    if (!node) return;
    paths.clear();
    for (const std::string& path : node->AsStrings()) paths.push_back(WithoutSlash(path));
}

Json Tree(const YamlNode& root, const char* key, const TemplateSettings& settings,
          const Json& vars) {
    const auto node = root.Find(key);
    if (!node) return Json::object();
    if (!node->IsMap()) throw node->Mistake("expected settings by folder here");
    return RenderedTexts(Json::parse(node->ToJson()), settings, vars, Json::object(), node->Spot());
}

// A project's own variables: those below its name win over those of all.
Json VarsFor(const Json& vars, const std::string& name) {
    Json own = Json::object();
    for (const auto& [key, value] : vars.items()) {
        if (key != name || !value.is_object()) own[key] = value;
    }
    if (vars.contains(name) && vars[name].is_object()) own.update(vars[name]);
    return own;
}

}  // namespace

std::string DbtProject::FolderOf(const std::string& file, const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
        if (file.rfind(path + "/", 0) == 0) return path;
    }
    return "";
}

DbtProject ParseDbtProject(const std::string& text, const TemplateSettings& settings) {
    const YamlNode root = YamlNode::Parse(text, kDbtProjectFile);
    root.OnlyKeys(ProjectKeys());
    for (const char* key : {"on-run-start", "on-run-end"}) {
        const auto hooks = root.Find(key);
        if (hooks && !hooks->AsStrings().empty()) {
            throw Error(ErrorKind::kUnsupported, "`{}` is not run by this version", key)
                .At(hooks->Spot());
        }
    }
    DbtProject project;
    project.name = root.At("name").AsString();
    project.profile = root.StringOr("profile", "");
    ReadPaths(root, "model-paths", "source-paths", project.model_paths);
    ReadPaths(root, "seed-paths", "data-paths", project.seed_paths);
    ReadPaths(root, "test-paths", nullptr, project.test_paths);
    ReadPaths(root, "macro-paths", nullptr, project.macro_paths);
    project.packages_path =
        WithoutSlash(root.StringOr("packages-install-path", project.packages_path));
    project.vars = VarsFor(Tree(root, "vars", settings, Json::object()), project.name);
    project.models = Tree(root, "models", settings, project.vars);
    project.seeds = Tree(root, "seeds", settings, project.vars);
    return project;
}

DbtProject ParseDbtPackage(const std::string& text, const std::string& file) {
    const YamlNode root = YamlNode::Parse(text, file);
    DbtProject package;
    package.name = root.At("name").AsString();
    ReadPaths(root, "macro-paths", nullptr, package.macro_paths);
    ReadPaths(root, "test-paths", nullptr, package.test_paths);
    return package;
}

Json FolderConfig(const Json& tree, const std::vector<std::string>& fqn) {
    Json config = Json::object();
    const Json* level = &tree;
    for (size_t depth = 0; level != nullptr && level->is_object(); ++depth) {
        const Json* next = nullptr;
        for (const auto& [key, value] : level->items()) {
            if (!key.empty() && key.front() == '+') {
                LaySettings(Json::object({{key.substr(1), value}}), config);
            } else if (!value.is_object()) {
                LaySettings(Json::object({{key, value}}), config);
            } else if (depth < fqn.size() && key == fqn[depth]) {
                next = &value;
            }
        }
        level = next;
    }
    return config;
}

Target ReadTarget(const std::string& profiles_text, const std::string& profile,
                  const std::string& wanted, const TemplateSettings& settings) {
    Target target;
    if (!wanted.empty()) target.name = wanted;
    if (profiles_text.empty() || profile.empty()) return target;
    const YamlNode root = YamlNode::Parse(profiles_text, kProfilesFile);
    const auto own = root.Find(profile);
    if (!own) return target;
    const auto rendered = [&](const YamlNode& node) {
        const Json text = RenderedTexts(Json::parse(node.ToJson()), settings, Json::object(),
                                        Json::object(), node.Spot());
        return text.is_string() ? text.get<std::string>() : text.dump();
    };
    target.name = wanted;
    if (wanted.empty()) {
        const auto named = own->Find("target");
        target.name = named ? rendered(*named) : "default";
    }
    const YamlNode outputs = own->At("outputs");
    const auto output = outputs.Find(target.name);
    if (!output) {
        std::vector<std::string> known;
        for (const auto& [name, node] : outputs.Entries()) known.push_back(name);
        const auto nearest = NearestWord(target.name, known);
        throw outputs.Mistake(
            fmt::format("the profile {} has no output `{}`{}", profile, target.name,
                        nearest ? fmt::format(": did you mean `{}`?", *nearest) : ""));
    }
    target.type = rendered(output->At("type"));
    for (const char* key : {"schema", "dataset"}) {
        if (const auto schema = output->Find(key)) target.schema = rendered(*schema);
    }
    if (const auto threads = output->Find("threads")) {
        target.threads = ParseInt(rendered(*threads)).value_or(1);
    }
    return target;
}

Json ToJson(const Target& target) {
    return {{"name", target.name},
            {"type", target.type},
            {"schema", target.schema},
            {"threads", target.threads}};
}

}  // namespace tarn::pipeline
