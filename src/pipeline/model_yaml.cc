#include "pipeline/model_yaml.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "pipeline/data_test_sql.h"
#include "pipeline/dbt_project.h"
#include "pipeline/docs_blocks.h"
#include "pipeline/model_config.h"
#include "pipeline/unit_test_run.h"
#include "pipeline/vocabulary.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;
using Texts = std::vector<std::string>;

constexpr const char* kExternal = "external_location";

// What one properties file is read with.
struct Reading {
    const YamlFile& file;
    Project& project;

    // Refuses keys that are none. dbt lets words of people's own stand, mistyped ones among them:
    // there they are told of.
    void CheckKeys(const YamlNode& node, std::vector<std::string> known,
                   const std::vector<std::string>& of_dbt) const {
        if (!project.is_dbt || !node.IsMap()) return node.OnlyKeys(known);
        known.insert(known.end(), of_dbt.begin(), of_dbt.end());
        for (const auto& [key, value] : node.Entries()) {
            if (std::find(known.begin(), known.end(), key) != known.end()) continue;
            const auto nearest = NearestWord(key, known);
            const Error oddity = value.Mistake(
                fmt::format("unknown key `{}`{}", key,
                            nearest ? fmt::format(": did you mean `{}`?", *nearest) : ""));
            project.notices.push_back(oddity.what());
        }
    }
    Json Rendered(const Json& json, const TextSpot& spot) const {
        if (!project.is_dbt) return json;
        return RenderedTexts(json, file.settings, project.VarsOf(file.package),
                             {{"target", ToJson(project.target)}}, spot);
    }
    Json Settings(const YamlNode& node) const {
        return Rendered(Json::parse(node.ToJson()), node.Spot());
    }
    // What dbt_project.yml sets for what stands in this file under these words, by a tree of it:
    // the package's own settings, or those of the project over them.
    Json FolderSettings(Json DbtProject::*tree, const DbtProject* of, const Texts& words) const {
        if (of == nullptr) return Json::object();
        Texts fqn = {file.package};
        fqn.insert(fqn.end(), file.folders.begin(), file.folders.end());
        fqn.insert(fqn.end(), words.begin(), words.end());
        return FolderConfig(of->*tree, fqn);
    }
    std::string Description(const YamlNode& node) const {
        const auto found = node.Find("description");
        return found ? WithDocs(found->AsString(), project.docs, found->Spot()) : "";
    }
};

// In a dbt project a name is enough, also where it is another kind's. Null, with a notice, when
// there is no such file: what is told of it may be left over, which is no mistake there.
Model* FindByName(const YamlNode& name_node, Resource resource, const Reading& reading) {
    const std::string name = name_node.AsString();
    std::vector<std::string> known;
    Model* other = nullptr;
    for (Model& model : reading.project.models) {
        if (model.package != reading.file.package) continue;
        const bool is_it = model.ref_name == name && model.version == model.latest_version;
        if (is_it && model.resource == resource) return &model;
        if (is_it) other = &model;
        if (model.resource == resource) known.push_back(model.ref_name);
    }
    if (other != nullptr) {
        const Error oddity = name_node.Mistake(fmt::format(
            "{} is a {}, and described as a {}", name, NameOf(other->resource), NameOf(resource)));
        reading.project.notices.push_back(oddity.what());
        return other;
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

// Options of a test that hold Jinja, rendered in place: `enabled: "{{ target.name == 'dev' }}"`.
// False: there are none.
bool RenderOptions(const Reading& reading, const TextSpot& spot, Json& options) {
    bool is_changed = false;
    for (const char* key :
         {"enabled", "severity", "limit", "warn_if", "error_if", "store_failures"}) {
        const auto said = options.find(key);
        if (said == options.end() || !said->is_string()) continue;
        if (said->get_ref<const std::string&>().find("{{") == std::string::npos) continue;
        *said = reading.Rendered(*said, spot);
        is_changed = true;
    }
    if (const auto config = options.find("config"); config != options.end() && config->is_object())
        is_changed = RenderOptions(reading, spot, *config) || is_changed;
    return is_changed;
}

quality::DataTest ParseTest(const Reading& reading, const YamlNode& node, const std::string& model,
                            const std::string& column) {
    if (!reading.project.is_dbt || !node.IsMap())
        return quality::ParseDataTest(node, model, column);
    Json json = Json::parse(node.ToJson());
    bool is_changed = RenderOptions(reading, node.Spot(), json);
    for (auto& [word, body] : json.items()) {
        if (body.is_object() && word != "config")
            is_changed = RenderOptions(reading, node.Spot(), body) || is_changed;
    }
    if (!is_changed) return quality::ParseDataTest(node, model, column);
    try {
        const YamlNode rendered = YamlNode::Parse(json.dump(), reading.file.name);
        quality::DataTest test = quality::ParseDataTest(rendered, model, column);
        test.spot = node.Spot();
        return test;
    } catch (const Error& error) {
        throw Error(error).At(node.Spot());
    }
}

// What is said of the test's folder stands below what its YAML says; what the project says of those
// of its packages, above it.
void LayFolderOptions(const Reading& reading, quality::DataTest& test) {
    const Json own = reading.FolderSettings(&DbtProject::tests, reading.file.layout, {test.name});
    const Json over = reading.FolderSettings(&DbtProject::tests, reading.file.over, {test.name});
    if (own.empty() && over.empty()) return;
    test.folder_options = own.dump();
    Json said = Json::parse(test.said_options);
    said.update(over);
    test.said_options = said.dump();
    test.options = quality::OptionsOf(test, "{}");
}

// Those that are not left out.
std::vector<quality::DataTest> ReadTests(const Reading& reading, const YamlNode& node,
                                         const std::string& model, const std::string& column) {
    std::vector<quality::DataTest> tests;
    for (const char* key : {"data_tests", "tests"}) {
        const auto written = node.Find(key);
        if (!written) continue;
        for (const YamlNode& test : written->Items()) {
            quality::DataTest one = ParseTest(reading, test, model, column);
            LayFolderOptions(reading, one);
            if (one.options.enabled) tests.push_back(std::move(one));
        }
    }
    return tests;
}

std::vector<Constraint> ReadConstraints(const YamlNode& node, const std::string& column) {
    std::vector<Constraint> constraints;
    const auto said = node.Find("constraints");
    if (!said) return constraints;
    for (const YamlNode& one : said->Items()) {
        one.OnlyKeys({"type", "name", "expression", "columns", "to", "to_columns",
                      "warn_unenforced", "warn_unsupported"});
        Constraint constraint;
        constraint.type = one.At("type").AsOneOf(
            {"not_null", "check", "unique", "primary_key", "foreign_key", "custom"});
        constraint.expression = one.StringOr("expression", "");
        if (!column.empty()) constraint.columns = {column};
        if (const auto columns = one.Find("columns")) constraint.columns = columns->AsStrings();
        if (constraint.type == "check" && constraint.expression.empty())
            throw one.Mistake("a check needs its `expression`");
        constraints.push_back(std::move(constraint));
    }
    return constraints;
}

// Tags and words of the node, and of its `config`, add up.
void AddWords(const Reading& reading, const YamlNode& node, std::vector<std::string>& tags,
              Json& meta) {
    if (const auto said = node.Find("tags")) {
        for (const std::string& tag : said->AsStrings()) tags.push_back(tag);
    }
    if (const auto said = node.Find("meta")) {
        const Json words = reading.Settings(*said);
        if (words.is_object()) meta.update(words);
    }
    if (const auto config = node.Find("config")) AddWords(reading, *config, tags, meta);
}

// Without its tests.
ModelColumn ReadColumn(const Reading& reading, const YamlNode& node) {
    ModelColumn column;
    column.name = node.At("name").AsString();
    column.description = reading.Description(node);
    column.data_type = node.StringOr("data_type", "");
    column.constraints = ReadConstraints(node, column.name);
    AddWords(reading, node, column.tags, column.meta);
    if (!reading.project.is_dbt) return column;
    std::vector<std::string> known = NamesOf(ColumnKeys());
    known.insert(known.end(), DbtColumnKeys().begin(), DbtColumnKeys().end());
    for (const auto& [key, value] : node.Entries()) {
        if (std::find(known.begin(), known.end(), key) == known.end())
            column.further[key] = Json::parse(value.ToJson());
    }
    return column;
}

ModelColumn ReadColumn(const Reading& reading, const YamlNode& node, const std::string& model) {
    reading.CheckKeys(node, NamesOf(ColumnKeys()), DbtColumnKeys());
    ModelColumn column = ReadColumn(reading, node);
    column.tests = ReadTests(reading, node, model, column.name);
    return column;
}

// Settings that stand beside `config` mean the same there.
void ReadConfig(const Reading& reading, const YamlNode& node, Model& model) {
    if (const auto config = node.Find("config")) {
        if (!reading.project.is_dbt) config->OnlyKeys(NamesOf(ConfigKeys()));
        LaySettings(reading.Settings(*config), model.yaml_config);
    }
    if (const auto tags = node.Find("tags"))
        LaySettings({{"tags", tags->AsStrings()}}, model.yaml_config);
    if (reading.project.is_dbt) {
        for (const char* key : {"meta", "docs", "group", "access"}) {
            if (const auto said = node.Find(key))
                LaySettings({{key, reading.Settings(*said)}}, model.yaml_config);
        }
    }
    try {
        model.config = YamlConfigOf(model, RuleOf(reading.project));
        CheckMaterialized(model.config, reading.project.materializations);
    } catch (const Error& error) {
        throw Error(error).At(node.Find("config").value_or(node).Spot());
    }
}

// What is said of a model, or of all versions of it.
void ReadShared(const Reading& reading, const YamlNode& node, Model& model) {
    if (!model.yaml.file.empty()) {
        throw node.At("name").Mistake(fmt::format("the model {} is described twice: also at {}:{}",
                                                  model.Id(), model.yaml.file, model.yaml.line));
    }
    model.yaml = node.Spot();
    model.description = reading.Description(node);
    if (const auto layer = node.Find("layer"))
        model.layer = layer->AsOneOf({"bronze", "silver", "gold"});
    model.owner = node.StringOr("owner", "");
    model.service_level = node.StringOr("service_level", "");
    if (const auto consumers = node.Find("consumers")) model.consumers = consumers->AsStrings();
    ReadConfig(reading, node, model);
    if (const auto columns = node.Find("columns")) {
        for (const YamlNode& column : columns->Items())
            model.columns.push_back(ReadColumn(reading, column, model.FullName()));
    }
    model.constraints = ReadConstraints(node, "");
    model.tests = ReadTests(reading, node, model.FullName(), "");
    if (const auto rules = node.Find("expectations"))
        model.expectations = quality::ParseExpectations(*rules);
    if (const auto dedupe = node.Find("deduplicate")) model.deduplicate = ReadDeduplicate(*dedupe);
}

// The columns that a version has: of those of all versions what `include` and `exclude` leave, and
// its own over them.
void ReadColumnsOfVersion(const Reading& reading, const YamlNode& node, Model& model) {
    const auto has = [](const std::vector<std::string>& names, const std::string& name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    for (const YamlNode& one : node.Items()) {
        if (!one.Has("include") && !one.Has("exclude")) continue;
        one.OnlyKeys({"include", "exclude"});
        const auto include = one.Find("include");
        const auto exclude = one.Find("exclude");
        const std::vector<std::string> in = include ? include->AsStrings() : Texts{"all"};
        const std::vector<std::string> out = exclude ? exclude->AsStrings() : Texts{};
        const bool is_all = in == Texts{"all"} || in == Texts{"*"};
        std::erase_if(model.columns, [&](const ModelColumn& column) {
            return (!is_all && !has(in, column.name)) || has(out, column.name);
        });
    }
    for (const YamlNode& one : node.Items()) {
        if (one.Has("include") || one.Has("exclude")) continue;
        ModelColumn column = ReadColumn(reading, one, model.FullName());
        std::erase_if(model.columns, [&](const ModelColumn& other) {
            return EqualsIgnoreCase(other.name, column.name);
        });
        model.columns.push_back(std::move(column));
    }
}

// The file of a version: the one that it names, `orders_v2`, or of the latest `orders` itself.
Model* FindVersion(const YamlNode& version, const std::string& name, bool is_latest,
                   const Reading& reading) {
    const std::string number = version.At("v").AsString();
    Texts stems = {name + "_v" + number, name + ".v" + number};
    if (is_latest) stems.push_back(name);
    if (const auto file = version.Find("defined_in")) stems = {file->AsString()};
    for (const std::string& stem : stems) {
        for (Model& model : reading.project.models) {
            const bool is_it = model.resource == Resource::kModel && model.name == stem &&
                               model.package == reading.file.package && model.version.empty();
            if (is_it) return &model;
        }
    }
    const Error mistake = version.Mistake(
        fmt::format("there is no version {} of {} (no file {}.sql)", number, name, stems.front()));
    reading.project.notices.push_back(mistake.what());
    return nullptr;
}

// Is a version later than another: as numbers where both are, as dbt orders them.
bool IsLater(const std::string& one, const std::string& other) {
    const auto number = [](const std::string& text) {
        double value = 0;
        const auto end = text.data() + text.size();
        const auto read = std::from_chars(text.data(), end, value);
        return read.ptr == end ? std::optional(value) : std::nullopt;
    };
    const auto a = number(one);
    const auto b = number(other);
    return a && b ? *a > *b : one > other;
}

void ReadVersions(const Reading& reading, const YamlNode& node, const YamlNode& versions) {
    const std::string name = node.At("name").AsString();
    std::string latest = node.StringOr("latest_version", "");
    if (latest.empty()) {
        for (const YamlNode& version : versions.Items()) {
            const std::string number = version.At("v").AsString();
            if (latest.empty() || IsLater(number, latest)) latest = number;
        }
    }
    for (const YamlNode& version : versions.Items()) {
        reading.CheckKeys(version, {}, DbtVersionKeys());
        const std::string number = version.At("v").AsString();
        Model* model = FindVersion(version, name, number == latest, reading);
        if (model == nullptr) continue;
        model->ref_name = name;
        model->version = number;
        model->latest_version = latest;
        ReadShared(reading, node, *model);
        ReadConfig(reading, version, *model);
        if (version.Has("description")) model->description = reading.Description(version);
        if (version.Has("constraints")) model->constraints = ReadConstraints(version, "");
        if (const auto columns = version.Find("columns"))
            ReadColumnsOfVersion(reading, *columns, *model);
        if (version.Has("data_tests") || version.Has("tests"))
            model->tests = ReadTests(reading, version, model->FullName(), "");
    }
}

void ReadModel(const Reading& reading, const YamlNode& node, Resource resource) {
    Project& project = reading.project;
    reading.CheckKeys(node, NamesOf(ModelKeys()), DbtModelKeys());
    const auto versions = node.Find("versions");
    if (project.is_dbt && versions && !versions->Items().empty())
        return ReadVersions(reading, node, *versions);
    const YamlNode name = node.At("name");
    Model* model = project.is_dbt ? FindByName(name, resource, reading)
                                  : &FindInLake(name, reading.file.name, project);
    if (model != nullptr) ReadShared(reading, node, *model);
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
    const Texts words = {model.ref_name};
    model.yaml_config = reading.FolderSettings(&DbtProject::snapshots, reading.file.layout, words);
    model.over_config = reading.FolderSettings(&DbtProject::snapshots, reading.file.over, words);
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

// What all tables of a source share.
SourceTable SourceOf(const Reading& reading, const YamlNode& node) {
    SourceTable source;
    source.file = reading.file.name;
    source.package = reading.file.package;
    source.source_description = reading.Description(node);
    source.loader = node.StringOr("loader", "");
    AddWords(reading, node, source.tags, source.meta);
    LayFreshness(node, source.freshness);
    return source;
}

// What is said of a table of a source by its folder, over that by `config` of the source and of the
// table; what the project says of one of its packages wins.
Json SourceConfig(const Reading& reading, const YamlNode& source, const YamlNode& table) {
    const Texts words = {source.At("name").AsString(), table.At("name").AsString()};
    Json all = reading.FolderSettings(&DbtProject::sources, reading.file.layout, words);
    for (const YamlNode& level : {source, table}) {
        const auto config = level.Find("config");
        const Json said = config ? reading.Settings(*config) : Json();
        if (said.is_object()) all.update(said);
    }
    all.update(reading.FolderSettings(&DbtProject::sources, reading.file.over, words));
    return all;
}

// The file, or the function over files, that dbt's adapter for DuckDB reads in a source's place;
// `{name}` and the like stand for what the source is called.
std::string ExternalOf(const SourceTable& source, const Json& config) {
    const Json said = config.value(kExternal, source.meta.value(kExternal, Json()));
    if (!said.is_string()) return "";
    auto location = said.get<std::string>();
    const std::pair<const char*, const std::string&> words[] = {
        {"{name}", source.said_table}, {"{identifier}", source.name}, {"{schema}", source.schema}};
    for (const auto& [word, value] : words) {
        for (size_t at = location.find(word); at != std::string::npos; at = location.find(word))
            location.replace(at, std::string_view(word).size(), value);
    }
    const bool is_call = location.find('(') != std::string::npos || location.starts_with('\'');
    return is_call ? location : sql::QuoteLiteral(location);
}

void ReadGroup(const Reading& reading, const YamlNode& node) {
    Group group{node.At("name").AsString(), reading.file.package, reading.file.name};
    if (const auto owner = node.Find("owner")) group.owner = Json::parse(owner->ToJson());
    reading.project.groups.push_back(std::move(group));
}

void ReadSource(const Reading& reading, const YamlNode& node) {
    const std::vector<std::string> source_keys = {"name",   "schema", "description",
                                                  "tables", "meta",   "tags"};
    const std::vector<std::string> table_keys = {"name",    "description", "identifier",
                                                 "columns", "meta",        "tags"};
    reading.CheckKeys(node, source_keys, DbtSourceKeys());
    const std::string name = node.At("name").AsString();
    const auto written = node.Find("schema");
    const Json schema = written ? reading.Settings(*written) : Json(name);
    const SourceTable common = SourceOf(reading, node);
    for (const YamlNode& table : node.At("tables").Items()) {
        reading.CheckKeys(table, table_keys, DbtSourceKeys());
        SourceTable source = common;
        source.said_source = name;
        source.said_table = table.At("name").AsString();
        source.schema = schema.is_string() ? schema.get<std::string>() : schema.dump();
        const auto identifier = table.Find("identifier");
        const Json named = identifier ? reading.Settings(*identifier) : Json(source.said_table);
        source.name = named.is_string() ? named.get<std::string>() : named.dump();
        source.description = reading.Description(table);
        AddWords(reading, table, source.tags, source.meta);
        LayFreshness(table, source.freshness);
        if (const auto columns = table.Find("columns")) {
            for (const YamlNode& column : columns->Items())
                source.columns.push_back(ReadColumn(reading, column));
        }
        const Json config = SourceConfig(reading, node, table);
        const Json event_time = config.value("event_time", Json());
        if (event_time.is_string()) source.event_time = event_time.get<std::string>();
        if (config.value("enabled", Json(true)) == Json(false)) continue;
        source.external = ExternalOf(source, config);
        ReadSourceTests(reading, table, source);
        reading.project.sources.push_back(std::move(source));
    }
}

void ReadSemantics(const Reading& reading, const YamlNode& root) {
    if (!reading.project.is_dbt) return;
    std::vector<SemanticEntry> entries;
    const auto each = [&](const char* key, const auto& read) {
        const auto nodes = root.Find(key);
        if (!nodes) return;
        for (const YamlNode& node : nodes->Items()) read(node);
    };
    const std::string& file = reading.file.name;
    each("semantic_models", [&](const YamlNode& node) {
        for (SemanticEntry& entry : ReadSemanticModel(node, file))
            entries.push_back(std::move(entry));
    });
    each("metrics", [&](const YamlNode& node) { entries.push_back(ReadMetric(node, file)); });
    each("saved_queries",
         [&](const YamlNode& node) { entries.push_back(ReadSavedQuery(node, file)); });
    for (SemanticEntry& entry : entries) {
        entry.package = reading.file.package;
        if (entry.enabled) reading.project.semantics.push_back(std::move(entry));
    }
}

}  // namespace

void ReadModelYaml(const YamlNode& root, const YamlFile& file, Project& project) {
    const Reading reading{file, project};
    reading.CheckKeys(root, {"version", "models", "sources", "exposures"}, DbtFileKeys());
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
    if (const auto groups = root.Find("groups")) {
        for (const YamlNode& group : groups->Items()) ReadGroup(reading, group);
    }
    if (const auto sources = root.Find("sources")) {
        for (const YamlNode& source : sources->Items()) ReadSource(reading, source);
    }
    ReadSemantics(reading, root);
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
