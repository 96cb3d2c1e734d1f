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
                                                  "sync",
                                                  "flags"};
    return keys;
}

std::string WithoutSlash(std::string path) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    return path.rfind("./", 0) == 0 ? path.substr(2) : path;
}

// The file as it is read: what renders its texts.
struct Reader {
    const YamlNode& root;
    const TemplateSettings& settings;

    // dbt gives no variables of the project to its own file: only those of the command line.
    Json Rendered(const YamlNode& node, const Json& context = Json::object()) const {
        return RenderedTexts(Json::parse(node.ToJson()), settings, Json::object(), context,
                             node.Spot());
    }
    std::string Text(const char* key, const std::string& otherwise) const {
        const auto node = root.Find(key);
        if (!node) return otherwise;
        const std::string plain = node->AsString();
        const Json text = Rendered(*node);
        return text.is_string() ? text.get<std::string>() : plain;
    }
    void Paths(const char* key, const char* older, std::vector<std::string>& paths) const {
        auto node = root.Find(key);
        if (!node && older != nullptr) node = root.Find(older);
        if (!node) return;
        paths.clear();
        (void)node->AsStrings();  // refuses what is no list of texts
        const Json all = Rendered(*node);
        for (const Json& path : all.is_array() ? all : Json::array({all}))
            paths.push_back(WithoutSlash(path.is_string() ? path.get<std::string>() : path.dump()));
    }
    Json Tree(const char* key, const Target* target) const {
        const auto node = root.Find(key);
        if (!node) return Json::object();
        if (!node->IsMap()) throw node->Mistake("expected settings by folder here");
        if (target == nullptr) return Json::parse(node->ToJson());
        return Rendered(*node, {{"target", ToJson(*target)}});
    }
};

// Fields of an output that templates do not see.
bool IsSecret(const std::string& name) {
    for (const char* word : {"pass", "token", "key", "secret"}) {
        if (name.find(word) != std::string::npos) return true;
    }
    return false;
}

std::map<std::string, std::vector<std::string>> ReadDispatch(const YamlNode& root) {
    std::map<std::string, std::vector<std::string>> dispatch;
    const auto node = root.Find("dispatch");
    if (!node) return dispatch;
    for (const YamlNode& one : node->Items()) {
        one.OnlyKeys({"macro_namespace", "search_order"});
        dispatch[one.At("macro_namespace").AsString()] = one.At("search_order").AsStrings();
    }
    return dispatch;
}

}  // namespace

std::string DbtProject::FolderOf(const std::string& file, const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
        if (file.rfind(path + "/", 0) == 0) return path;
    }
    return "";
}

Json DbtProject::VarsFor(const std::string& package) const {
    Json own = Json::object();
    for (const auto& [key, value] : vars.items()) {
        if (key != package || !value.is_object()) own[key] = value;
    }
    if (vars.contains(package) && vars[package].is_object()) own.update(vars[package]);
    return own;
}

DbtProject ParseDbtProject(const std::string& text, const TemplateSettings& settings,
                           const std::string& file, const Target* target) {
    const YamlNode root = YamlNode::Parse(text, file);
    root.OnlyKeys(ProjectKeys());
    const Reader reader{root, settings};
    DbtProject project;
    if (const auto hooks = root.Find("on-run-start")) project.on_run_start = hooks->AsStrings();
    if (const auto hooks = root.Find("on-run-end")) project.on_run_end = hooks->AsStrings();
    project.name = root.At("name").AsString();
    project.profile = reader.Text("profile", "");
    reader.Paths("model-paths", "source-paths", project.model_paths);
    reader.Paths("seed-paths", "data-paths", project.seed_paths);
    reader.Paths("test-paths", nullptr, project.test_paths);
    reader.Paths("macro-paths", nullptr, project.macro_paths);
    reader.Paths("snapshot-paths", nullptr, project.snapshot_paths);
    project.packages_path =
        WithoutSlash(reader.Text("packages-install-path", project.packages_path));
    project.target_path = WithoutSlash(reader.Text("target-path", project.target_path));
    project.version = root.StringOr("version", "");
    project.clean_targets = {project.target_path};
    reader.Paths("clean-targets", nullptr, project.clean_targets);
    if (const auto vars = root.Find("vars")) project.vars = Json::parse(vars->ToJson());
    if (!project.vars.is_object()) throw root.At("vars").Mistake("expected variables by name here");
    project.dispatch = ReadDispatch(root);
    project.models = reader.Tree("models", target);
    project.seeds = reader.Tree("seeds", target);
    project.snapshots = reader.Tree("snapshots", target);
    project.tests = reader.Tree(root.Has("data_tests") ? "data_tests" : "tests", target);
    project.sources = reader.Tree("sources", target);
    return project;
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
    target.profile_name = profile;
    target.type = rendered(output->At("type"));
    for (const auto& [name, node] : output->Entries()) {
        if (node.IsScalar() && !IsSecret(name)) target.fields[name] = rendered(node);
    }
    for (const char* key : {"schema", "dataset"}) {
        if (const auto schema = output->Find(key)) target.schema = rendered(*schema);
    }
    if (const auto threads = output->Find("threads")) {
        target.threads = ParseInt(rendered(*threads)).value_or(1);
    }
    return target;
}

Json ToJson(const Target& target) {
    Json json = target.fields;
    json.update({{"name", target.name},
                 {"target_name", target.name},
                 {"type", target.type},
                 {"profile_name", target.profile_name},
                 {"database", target.database},
                 {"dbname", target.database},
                 {"schema", target.schema},
                 {"threads", target.threads}});
    return json;
}

}  // namespace tarn::pipeline
