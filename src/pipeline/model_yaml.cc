#include "pipeline/model_yaml.h"

#include <algorithm>

#include "base/text.h"
#include "pipeline/data_test_sql.h"
#include "pipeline/dbt_project.h"
#include "pipeline/docs_blocks.h"
#include "pipeline/model_config.h"
#include "pipeline/unit_test_run.h"
#include "pipeline/vocabulary.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

// What one properties file is read with.
struct Reading {
    const YamlFile& file;
    Project& project;

    std::vector<std::string> Known(const std::vector<Word>& words,
                                   const std::vector<std::string>& of_dbt) const {
        std::vector<std::string> known = NamesOf(words);
        if (project.is_dbt) known.insert(known.end(), of_dbt.begin(), of_dbt.end());
        return known;
    }
    Json Settings(const YamlNode& node) const {
        const Json json = Json::parse(node.ToJson());
        if (!project.is_dbt) return json;
        return RenderedTexts(json, file.settings, project.VarsOf(file.package),
                             {{"target", ToJson(project.target)}}, node.Spot());
    }
    std::string Description(const YamlNode& node) const {
        const auto found = node.Find("description");
        return found ? WithDocs(found->AsString(), project.docs, found->Spot()) : "";
    }
};

// In a dbt project a name is enough. Null, with a notice, when there is no such file: what is told
// of it may be left over, which is no mistake there.
Model* FindByName(const YamlNode& name_node, Resource resource, const Reading& reading) {
    const std::string name = name_node.AsString();
    std::vector<std::string> known;
    for (Model& model : reading.project.models) {
        if (model.resource != resource || model.package != reading.file.package) continue;
        if (model.ref_name == name) return &model;
        known.push_back(model.ref_name);
    }
    const auto nearest = NearestWord(name, known);
    const Error mistake = name_node.Mistake(
        fmt::format("there is no {} {} (no such file){}", NameOf(resource), name,
                    nearest ? fmt::format(": did you mean `{}`?", *nearest) : ""));
    reading.project.notices.push_back(mistake.what());
    return nullptr;
}

Model& FindInLake(const YamlNode& name_node, const std::string& file, Project& project) {
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

// Those that are not left out.
std::vector<quality::DataTest> ReadTests(const Reading& reading, const YamlNode& node,
                                         const std::string& model, const std::string& column) {
    std::vector<quality::DataTest> tests;
    for (const char* key : {"data_tests", "tests"}) {
        const auto written = node.Find(key);
        if (!written) continue;
        for (const YamlNode& test : written->Items()) {
            tests.push_back(quality::ParseDataTest(test, model, column));
            std::vector<std::string> fqn = {reading.file.package};
            fqn.insert(fqn.end(), reading.file.folders.begin(), reading.file.folders.end());
            fqn.push_back(tests.back().name);
            if (const Json folder = FolderConfig(reading.file.tests, fqn); !folder.empty()) {
                tests.back().folder_options = folder.dump();
                tests.back().options = quality::OptionsOf(tests.back(), "{}");
            }
            if (!tests.back().options.enabled) tests.pop_back();
        }
    }
    return tests;
}

ModelColumn ReadColumn(const Reading& reading, const YamlNode& node, const std::string& model) {
    node.OnlyKeys(reading.Known(ColumnKeys(), DbtColumnKeys()));
    ModelColumn column;
    column.name = node.At("name").AsString();
    column.description = reading.Description(node);
    column.tests = ReadTests(reading, node, model, column.name);
    return column;
}

void ReadConfig(const Reading& reading, const YamlNode& node, Model& model) {
    if (!reading.project.is_dbt) node.OnlyKeys(NamesOf(ConfigKeys()));
    LaySettings(reading.Settings(node), model.yaml_config);
    try {
        model.config = YamlConfigOf(model, RuleOf(reading.project));
    } catch (const Error& error) {
        throw Error(error).At(node.Spot());
    }
}

void ReadModel(const Reading& reading, const YamlNode& node, Resource resource) {
    Project& project = reading.project;
    node.OnlyKeys(reading.Known(ModelKeys(), DbtModelKeys()));
    const YamlNode name_node = node.At("name");
    Model* found = project.is_dbt ? FindByName(name_node, resource, reading)
                                  : &FindInLake(name_node, reading.file.name, project);
    if (found == nullptr) return;
    Model& model = *found;
    if (!model.yaml.file.empty()) {
        throw name_node.Mistake(fmt::format("the model {} is described twice: also at {}:{}",
                                            model.Id(), model.yaml.file, model.yaml.line));
    }
    model.yaml = node.Spot();
    model.description = reading.Description(node);
    if (const auto layer = node.Find("layer"))
        model.layer = layer->AsOneOf({"bronze", "silver", "gold"});
    model.owner = node.StringOr("owner", "");
    model.service_level = node.StringOr("service_level", "");
    if (const auto consumers = node.Find("consumers")) model.consumers = consumers->AsStrings();
    if (const auto config = node.Find("config")) ReadConfig(reading, *config, model);
    if (const auto tags = node.Find("tags")) {
        LaySettings({{"tags", tags->AsStrings()}}, model.yaml_config);
        model.config = YamlConfigOf(model, RuleOf(project));
    }
    if (const auto columns = node.Find("columns")) {
        for (const YamlNode& column : columns->Items())
            model.columns.push_back(ReadColumn(reading, column, model.ref_name));
    }
    model.tests = ReadTests(reading, node, model.ref_name, "");
    if (const auto rules = node.Find("expectations"))
        model.expectations = quality::ParseExpectations(*rules);
    if (const auto dedupe = node.Find("deduplicate")) model.deduplicate = ReadDeduplicate(*dedupe);
}

// A snapshot that stands in YAML alone: of a relation as it is.
void AddSnapshot(const Reading& reading, const YamlNode& node) {
    Model model;
    model.resource = Resource::kSnapshot;
    model.package = reading.file.package;
    model.name = model.ref_name = node.At("name").AsString();
    model.file = reading.file.name;
    model.sql = "select * from {{ " + node.At("relation").AsString() + " }}";
    model.schema = reading.project.target.schema;
    std::vector<std::string> fqn = {model.package, model.ref_name};
    model.yaml_config = FolderConfig(reading.file.snapshots, fqn);
    model.config = YamlConfigOf(model, SettingRule::kDbt);
    reading.project.models.push_back(std::move(model));
}

void ReadUnitTest(const Reading& reading, const YamlNode& node) {
    UnitTest test = ParseUnitTest(node);
    if (!test.enabled) return;
    Model* model = FindByName(node.At("model"), Resource::kModel, reading);
    if (model == nullptr) throw node.At("model").Mistake("a unit test is of a model that is there");
    model->unit_tests.push_back(std::move(test));
}

void ReadSourceTests(const Reading& reading, const YamlNode& table, const SourceTable& source) {
    const std::string name = source.said_source + "_" + source.said_table;
    std::vector<quality::DataTest> tests = ReadTests(reading, table, name, "");
    if (const auto columns = table.Find("columns")) {
        for (const YamlNode& column : columns->Items()) {
            for (auto& test : ReadTests(reading, column, name, column.At("name").AsString()))
                tests.push_back(std::move(test));
        }
    }
    const std::string relation =
        fmt::format("source('{}', '{}')", source.said_source, source.said_table);
    for (quality::DataTest& test : tests) {
        test.name = "source_" + test.name;
        reading.project.tests.push_back(TestOf(test, relation, reading.file.package));
    }
}

// Tags and words of a source, and of a table of it, add up; so do those of `config`.
void AddWords(const YamlNode& node, SourceTable& source) {
    if (const auto tags = node.Find("tags")) {
        for (const std::string& tag : tags->AsStrings()) source.tags.push_back(tag);
    }
    if (const auto meta = node.Find("meta")) source.meta.update(Json::parse(meta->ToJson()));
    if (const auto config = node.Find("config")) AddWords(*config, source);
}

// What all tables of a source share.
SourceTable SourceOf(const Reading& reading, const YamlNode& node) {
    SourceTable source;
    source.file = reading.file.name;
    source.package = reading.file.package;
    source.source_description = reading.Description(node);
    source.loader = node.StringOr("loader", "");
    AddWords(node, source);
    LayFreshness(node, source.freshness);
    return source;
}

void ReadSource(const Reading& reading, const YamlNode& node) {
    const std::vector<std::string> source_keys = {"name",   "schema", "description",
                                                  "tables", "meta",   "tags"};
    const std::vector<std::string> table_keys = {"name",    "description", "identifier",
                                                 "columns", "meta",        "tags"};
    const auto known = [&](std::vector<std::string> keys) {
        if (reading.project.is_dbt)
            keys.insert(keys.end(), DbtSourceKeys().begin(), DbtSourceKeys().end());
        return keys;
    };
    node.OnlyKeys(known(source_keys));
    const std::string name = node.At("name").AsString();
    const auto written = node.Find("schema");
    const Json schema = written ? reading.Settings(*written) : Json(name);
    const SourceTable common = SourceOf(reading, node);
    for (const YamlNode& table : node.At("tables").Items()) {
        table.OnlyKeys(known(table_keys));
        SourceTable source = common;
        source.said_source = name;
        source.said_table = table.At("name").AsString();
        source.schema = schema.is_string() ? schema.get<std::string>() : schema.dump();
        source.name = table.StringOr("identifier", source.said_table);
        source.description = reading.Description(table);
        AddWords(table, source);
        LayFreshness(table, source.freshness);
        if (const auto columns = table.Find("columns")) {
            for (const YamlNode& column : columns->Items()) {
                source.columns.push_back(
                    {column.At("name").AsString(), reading.Description(column), {}});
            }
        }
        for (const YamlNode& level : {node, table}) {
            const auto config = level.Find("config");
            if (config) source.event_time = config->StringOr("event_time", source.event_time);
        }
        ReadSourceTests(reading, table, source);
        reading.project.sources.push_back(std::move(source));
    }
}

}  // namespace

void ReadModelYaml(const YamlNode& root, const YamlFile& file, Project& project) {
    const Reading reading{file, project};
    root.OnlyKeys(project.is_dbt
                      ? DbtFileKeys()
                      : std::vector<std::string>{"version", "models", "sources", "exposures"});
    if (const auto models = root.Find("models")) {
        for (const YamlNode& model : models->Items()) ReadModel(reading, model, Resource::kModel);
    }
    if (const auto seeds = root.Find("seeds")) {
        for (const YamlNode& seed : seeds->Items()) ReadModel(reading, seed, Resource::kSeed);
    }
    if (const auto snapshots = root.Find("snapshots")) {
        for (const YamlNode& snapshot : snapshots->Items()) {
            if (snapshot.Find("relation")) AddSnapshot(reading, snapshot);
            ReadModel(reading, snapshot, Resource::kSnapshot);
        }
    }
    if (const auto tests = root.Find("unit_tests")) {
        for (const YamlNode& test : tests->Items()) ReadUnitTest(reading, test);
    }
    if (const auto sources = root.Find("sources")) {
        for (const YamlNode& source : sources->Items()) ReadSource(reading, source);
    }
    if (const auto exposures = root.Find("exposures")) {
        for (const YamlNode& node : exposures->Items()) {
            Exposure exposure = ReadExposure(node, file.name);
            exposure.package = file.package;
            exposure.description = reading.Description(node);
            if (exposure.enabled) project.exposures.push_back(std::move(exposure));
        }
    }
}

}  // namespace tarn::pipeline
