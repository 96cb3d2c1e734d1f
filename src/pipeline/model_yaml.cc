#include "pipeline/model_yaml.h"

#include <algorithm>

#include "base/text.h"
#include "pipeline/model_config.h"
#include "pipeline/vocabulary.h"

namespace tarn::pipeline {
namespace {

Model& FindModel(const YamlNode& name_node, const std::string& file, Project& project) {
    const std::string name = name_node.AsString();
    const std::vector<std::string> folders = Split(file, '/');
    const std::string schema = folders.size() > 2 ? folders[1] : "main";
    std::vector<Model*> found;
    std::vector<std::string> known;
    for (Model& model : project.models) {
        if (model.Id() == name || (model.name == name && model.schema == schema)) return model;
        if (model.name == name) found.push_back(&model);
        known.push_back(model.name);
    }
    if (found.size() == 1) return *found.front();
    if (found.size() > 1)
        throw name_node.Mistake(
            fmt::format("several models are named {}: say schema.{}", name, name));
    const auto nearest = NearestWord(name, known);
    throw name_node.Mistake(
        fmt::format("there is no model {} (no such .sql file below models/){}", name,
                    nearest ? fmt::format(": did you mean `{}`?", *nearest) : ""));
}

quality::Deduplication ReadDeduplicate(const YamlNode& node) {
    node.OnlyKeys({"keys", "order_by"});
    quality::Deduplication deduplicate;
    deduplicate.keys = node.At("keys").AsStrings();
    if (deduplicate.keys.empty()) throw node.Mistake("deduplicate needs at least one key");
    deduplicate.order_by = node.At("order_by").AsStrings();
    if (deduplicate.order_by.empty()) {
        throw node.Mistake(
            "deduplicate needs an order: without one, any of the duplicates might stay");
    }
    return deduplicate;
}

ModelColumn ReadColumn(const YamlNode& node, const std::string& model) {
    node.OnlyKeys(NamesOf(ColumnKeys()));
    ModelColumn column;
    column.name = node.At("name").AsString();
    column.description = node.StringOr("description", "");
    for (const char* key : {"data_tests", "tests"}) {
        if (const auto tests = node.Find(key)) {
            for (const YamlNode& test : tests->Items()) {
                column.tests.push_back(quality::ParseDataTest(test, model, column.name));
            }
        }
    }
    return column;
}

void ReadConfig(const YamlNode& node, Model& model) {
    node.OnlyKeys(NamesOf(ConfigKeys()));
    model.yaml_config = nlohmann::ordered_json::parse(node.ToJson());
    try {
        model.config = ParseConfig(model.yaml_config);
    } catch (const Error& error) {
        throw Error(error).At(node.Spot());
    }
}

void ReadModel(const YamlNode& node, const std::string& file, Project& project) {
    node.OnlyKeys(NamesOf(ModelKeys()));
    const YamlNode name_node = node.At("name");
    Model& model = FindModel(name_node, file, project);
    if (!model.yaml.file.empty()) {
        throw name_node.Mistake(fmt::format("the model {} is described twice: also at {}:{}",
                                            model.Id(), model.yaml.file, model.yaml.line));
    }
    model.yaml = node.Spot();
    model.description = node.StringOr("description", "");
    if (const auto layer = node.Find("layer"))
        model.layer = layer->AsOneOf({"bronze", "silver", "gold"});
    model.owner = node.StringOr("owner", "");
    model.service_level = node.StringOr("service_level", "");
    if (const auto consumers = node.Find("consumers")) model.consumers = consumers->AsStrings();
    if (const auto config = node.Find("config")) ReadConfig(*config, model);
    if (const auto tags = node.Find("tags")) {
        const std::vector<std::string> words = tags->AsStrings();
        model.config.tags.insert(model.config.tags.end(), words.begin(), words.end());
        model.yaml_config["tags"] = model.config.tags;
    }
    if (const auto columns = node.Find("columns")) {
        for (const YamlNode& column : columns->Items())
            model.columns.push_back(ReadColumn(column, model.name));
    }
    if (const auto rules = node.Find("expectations"))
        model.expectations = quality::ParseExpectations(*rules);
    if (const auto dedupe = node.Find("deduplicate")) model.deduplicate = ReadDeduplicate(*dedupe);
}

void ReadSource(const YamlNode& node, Project& project) {
    node.OnlyKeys({"name", "schema", "description", "tables", "meta", "tags"});
    const std::string schema = node.StringOr("schema", node.At("name").AsString());
    for (const YamlNode& table : node.At("tables").Items()) {
        table.OnlyKeys({"name", "description", "identifier", "columns", "meta", "tags"});
        project.sources.push_back(
            {schema, table.StringOr("identifier", table.At("name").AsString())});
    }
}

}  // namespace

void ReadModelYaml(const YamlNode& root, const std::string& file, Project& project) {
    root.OnlyKeys({"version", "models", "sources"});
    if (const auto models = root.Find("models")) {
        for (const YamlNode& model : models->Items()) ReadModel(model, file, project);
    }
    if (const auto sources = root.Find("sources")) {
        for (const YamlNode& source : sources->Items()) ReadSource(source, project);
    }
}

}  // namespace tarn::pipeline
