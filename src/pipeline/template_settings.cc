#include "pipeline/template_settings.h"

#include <algorithm>

#include "base/yaml.h"
#include "pipeline/jinja_environment.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

// Answers what texts of configuration may call.
class ConfigHost final : public TemplateHost {
public:
    ConfigHost(const TemplateSettings& settings, const Json& project_vars)
        : settings_(settings), project_vars_(project_vars) {}

    Json Call(const std::string& object, const std::string& member, const Json& positional,
              const Json& named) override {
        if (object == "var" && member.empty()) {
            return VarOf(settings_, project_vars_, positional, named);
        }
        if (object == "env_var" && member.empty()) return EnvVarOf(settings_, positional, named);
        throw Error(ErrorKind::kInvalidInput, "there is no `{}{}{}` in configuration", object,
                    member.empty() ? "" : ".", member);
    }

private:
    const TemplateSettings& settings_;
    const Json& project_vars_;
};

// Hooks are rendered when they run.
bool IsHook(const std::string& key) { return key.ends_with("-hook") || key.ends_with("_hook"); }

bool HoldsJinja(const std::string& text) {
    return text.find("{{") != std::string::npos || text.find("{%") != std::string::npos;
}

bool HoldsJinja(const Json& value) {
    if (value.is_string()) return HoldsJinja(value.get_ref<const std::string&>());
    if (!value.is_structured()) return false;
    const auto items = value.items();
    return std::any_of(items.begin(), items.end(), [](const auto& item) {
        return !IsHook(item.key()) && HoldsJinja(item.value());
    });
}

Json Typed(const std::string& text, const std::string& file) {
    if (text.empty()) return text;
    try {
        const YamlNode node = YamlNode::Parse(text, file);
        if (node.IsScalar()) return Json::parse(node.ToJson());
    } catch (const Error&) {
        // A text that is no YAML is a text.
    }
    return text;
}

Json Rendered(const Json& value, JinjaEnvironment& jinja, const Json& context,
              const TextSpot& spot) {
    if (value.is_string()) {
        const auto text = value.get<std::string>();
        if (!HoldsJinja(text)) return value;
        try {
            return Typed(jinja.Render(spot.file, text, context), spot.file);
        } catch (const Error& error) {
            throw Error(error).At(spot);
        }
    }
    if (!value.is_structured()) return value;
    Json all = value;
    for (auto& [key, inner] : all.items()) {
        if (!IsHook(key)) inner = Rendered(inner, jinja, context, spot);
    }
    return all;
}

// What stands behind the name, when the name is not set.
std::optional<Json> DefaultOf(const Json& positional, const Json& named) {
    if (positional.size() > 1) return positional[1];
    if (named.contains("default")) return named["default"];
    return std::nullopt;
}

}  // namespace

std::string TextArgument(const Json& positional, size_t index, const char* function) {
    if (index < positional.size() && positional[index].is_string())
        return positional[index].get<std::string>();
    throw Error(ErrorKind::kInvalidInput, "{} needs a text as argument {}", function, index + 1);
}

Json VarOf(const TemplateSettings& settings, const Json& project_vars, const Json& positional,
           const Json& named) {
    const std::string name = TextArgument(positional, 0, "var");
    if (settings.vars.contains(name)) return settings.vars[name];
    if (project_vars.contains(name)) return project_vars[name];
    if (auto otherwise = DefaultOf(positional, named)) return *std::move(otherwise);
    throw Error(ErrorKind::kInvalidInput,
                "var: `{}` is not set and has no default (--vars '{{{}: ...}}' sets it)", name,
                name);
}

Json EnvVarOf(const TemplateSettings& settings, const Json& positional, const Json& named) {
    const std::string name = TextArgument(positional, 0, "env_var");
    const auto value = settings.environment ? settings.environment(name) : std::nullopt;
    if (value) return *value;
    if (auto otherwise = DefaultOf(positional, named)) return *std::move(otherwise);
    throw Error(ErrorKind::kInvalidInput, "env_var: the environment variable {} is not set", name);
}

Json RenderedTexts(const Json& value, const TemplateSettings& settings, const Json& project_vars,
                   const Json& context, const TextSpot& spot) {
    // The usual case makes no environment.
    if (!HoldsJinja(value)) return value;
    ConfigHost host(settings, project_vars);
    JinjaEnvironment jinja(host, {"var", "env_var"});
    return Rendered(value, jinja, context, spot);
}

}  // namespace tarn::pipeline
