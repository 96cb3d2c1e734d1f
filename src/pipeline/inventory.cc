#include "pipeline/inventory.h"

#include <algorithm>
#include <map>
#include <regex>

#include "base/text.h"
#include "pipeline/dbt_ids.h"
#include "pipeline/dbt_project.h"
#include "pipeline/model_config.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> Fqn(const std::string& package, std::vector<std::string> folders,
                             const std::vector<std::string>& names) {
    folders.insert(folders.begin(), package);
    folders.insert(folders.end(), names.begin(), names.end());
    return folders;
}

// Those below the project's own folder for files of its kind.
std::vector<std::string> FoldersOf(const Project& project, const std::string& file) {
    const std::string root = DbtProject::FolderOf(file, project.folders);
    std::vector<std::string> parts = Split(root.empty() ? file : file.substr(root.size() + 1), '/');
    parts.pop_back();
    return parts;
}

Json ConfigOfModel(const Node& node) {
    Json config = node.settings;
    config["enabled"] = true;
    config["materialized"] =
        node.model->resource == Resource::kSeed ? "seed" : MaterializedName(node.config);
    config["tags"] = node.config.tags;
    if (!config.contains("meta")) config["meta"] = Json::object();
    for (const char* key : {"schema", "alias"}) {
        if (!config.contains(key)) config[key] = nullptr;
    }
    return config;
}

Json ConfigOfTest(const Node& node, const std::vector<std::string>& tags) {
    const quality::TestOptions& options = node.test_options;
    Json config = node.settings;
    config["enabled"] = true;
    config["materialized"] = "test";
    config["severity"] = options.severity == quality::Severity::kError ? "ERROR" : "WARN";
    config["tags"] = tags;
    config["where"] = Nullable(options.where);
    config["limit"] = options.limit ? Json(*options.limit) : Json();
    config["fail_calc"] = options.fail_calc;
    config["warn_if"] = options.warn_if;
    config["error_if"] = options.error_if;
    config["schema"] = options.schema.empty() ? Json("dbt_test__audit") : Json(options.schema);
    config["alias"] = Nullable(options.alias);
    config["store_failures"] = options.store_failures ? Json(*options.store_failures) : Json();
    return config;
}

std::vector<std::string> TagsOf(const Json& settings) {
    if (!settings.contains("tags")) return {};
    const Json& tags = settings["tags"];
    if (tags.is_string()) return {tags.get<std::string>()};
    std::vector<std::string> words;
    for (const Json& tag : tags) {
        if (tag.is_string()) words.push_back(tag.get<std::string>());
    }
    return words;
}

Item ItemOfModel(const Node& node) {
    const Model& model = *node.model;
    Item item;
    item.type = NameOf(model.resource);
    item.package = model.package;
    item.name = model.ref_name;
    item.unique_id = model.UniqueId();
    item.file = model.file;
    item.fqn = Fqn(item.package, model.folders, model.Words());
    item.is_version = !model.version.empty();
    item.tags = node.config.tags;
    item.config = ConfigOfModel(node);
    item.patch_file = model.yaml.file;
    return item;
}

Item ItemOfTest(const Project& project, const Node& node) {
    const SingularTest& test = *node.test;
    Item item;
    item.type = "test";
    item.package = test.package;
    item.name = test.name;
    item.unique_id = TestUniqueId(item.package, test);
    item.file = test.file;
    item.fqn = Fqn(item.package, FoldersOf(project, test.file), {test.name});
    item.tags = test.declared ? test.declared->tags : TagsOf(node.settings);
    if (test.declared) item.test_word = test.declared->word;
    item.config = ConfigOfTest(node, item.tags);
    return item;
}

Item ItemOfUnitTest(const Model& model, const UnitTest& test) {
    Item item;
    item.type = "unit_test";
    item.package = model.package;
    item.name = test.name;
    item.unique_id = UnitTestUniqueId(model, test);
    item.file = test.spot.file;
    item.fqn = Fqn(item.package, model.folders, {model.ref_name, test.name});
    item.config = {{"enabled", true}, {"tags", Json::array()}, {"meta", Json::object()}};
    return item;
}

// metric('revenue'): "revenue"; empty: it is no such call.
std::string MetricNamed(const std::string& call) {
    static const std::regex pattern(R"(\s*metric\(\s*['"]([^'"]+)['"]\s*\)\s*)");
    std::smatch found;
    return std::regex_match(call, found, pattern) ? found[1].str() : "";
}

}  // namespace

Inventory::Inventory(const Project& project, const Graph& graph, ModelContext& context) {
    AddNodes(project, graph);
    AddSources(project, graph);
    AddSemantics(project, graph, context);
    AddExposures(project, graph, context);
    for (size_t i = 0; i < items_.size(); ++i) {
        // Each once, in the order in which they are first named.
        std::vector<size_t> parents;
        for (const size_t parent : items_[i].parents) {
            if (std::find(parents.begin(), parents.end(), parent) == parents.end())
                parents.push_back(parent);
        }
        for (const size_t parent : parents) items_[parent].children.push_back(i);
        items_[i].parents = std::move(parents);
    }
}

void Inventory::Add(Item item) {
    // In a lake two schemas may have a model of one name.
    if (by_id_.count(item.unique_id) > 0 && item.fqn.size() > 2)
        item.unique_id = item.type + "." + Join(item.fqn, ".");
    by_id_.emplace(item.unique_id, items_.size());
    items_.push_back(std::move(item));
}

void Inventory::AddNodes(const Project& project, const Graph& graph) {
    for (size_t i = 0; i < graph.Nodes().size(); ++i) {
        const Node& node = graph.Nodes()[i];
        Item item;
        if (node.unit != nullptr) {
            item = ItemOfUnitTest(*graph.Nodes()[*node.tested_node].model, *node.unit);
            item.parents = {*node.tested_node};
        } else {
            item = node.model != nullptr ? ItemOfModel(node) : ItemOfTest(project, node);
            item.parents = node.parents;
        }
        item.node = i;
        item.is_of_root = item.package == project.name;
        item.node_id = node.id;
        Add(std::move(item));
    }
}

size_t Inventory::SourceItem(const Project& project, const SourceTable& table) {
    const std::string key = AsciiLower(table.SaidId());
    if (const auto found = source_by_said_.find(key); found != source_by_said_.end())
        return found->second;
    const std::string source = table.said_source.empty() ? table.schema : table.said_source;
    Item item;
    item.type = "source";
    item.package = table.package.empty() ? project.name : table.package;
    item.is_of_root = item.package == project.name;
    item.name = table.said_table.empty() ? table.name : table.said_table;
    item.unique_id = UniqueId("source", item.package, source + "." + item.name);
    item.file = table.file;
    item.fqn = Fqn(item.package, FoldersOf(project, table.file), {source, item.name});
    item.tags = table.tags;
    item.config = {{"enabled", true}, {"tags", table.tags}, {"meta", table.meta}};
    item.source = &table;
    source_by_said_.emplace(key, items_.size());
    Add(std::move(item));
    return items_.size() - 1;
}

void Inventory::AddSources(const Project& project, const Graph& graph) {
    for (const SourceTable& table : project.sources) SourceItem(project, table);
    // Those that no YAML names: what the lake ingests, and tables that are there.
    for (size_t i = 0; i < graph.Nodes().size(); ++i) {
        for (const SourceTable& table : graph.Nodes()[i].sources) {
            const size_t source = SourceItem(project, table);
            items_[i].parents.push_back(source);
        }
    }
}

void Inventory::AddParents(const Project& project, const Graph& graph, ModelContext& context,
                           const std::pair<std::string, TextSpot>& call, Item& item) {
    const auto& [text, spot] = call;
    if (const std::string metric = MetricNamed(text); !metric.empty()) {
        item.parents.push_back(Named("metric", metric, spot));
        return;
    }
    try {
        const RenderUse use = context.Discover(spot.file, "{{ " + text + " }}", nullptr, false);
        for (const Relation& relation : use.relations) {
            if (relation.model != nullptr) {
                item.parents.push_back(static_cast<size_t>(graph.Find(relation.Id())));
                continue;
            }
            found_sources_.push_back(
                {relation.schema, relation.name, relation.said_source, relation.said_table});
            item.parents.push_back(SourceItem(project, found_sources_.back()));
        }
    } catch (const Error& error) {
        throw Error(error).At(spot);
    }
}

size_t Inventory::Named(const std::string& type, const std::string& name,
                        const TextSpot& spot) const {
    std::vector<std::string> known;
    for (size_t i = 0; i < items_.size(); ++i) {
        if (items_[i].type != type) continue;
        if (items_[i].name == name) return i;
        known.push_back(items_[i].name);
    }
    const auto nearest = NearestWord(name, known);
    throw Error(ErrorKind::kInvalidInput, "there is no {} `{}`{}", type, name,
                nearest ? fmt::format(": did you mean `{}`?", *nearest) : "")
        .At(spot);
}

void Inventory::AddSemantics(const Project& project, const Graph& graph, ModelContext& context) {
    std::map<std::string, size_t> measures;  // to the semantic model that has them
    const size_t first = items_.size();
    for (const SemanticEntry& entry : project.semantics) {
        Item item;
        item.type = entry.type;
        item.package = entry.package;
        item.is_of_root = item.package == project.name;
        item.name = entry.name;
        item.unique_id = UniqueId(entry.type, item.package, item.name);
        item.file = entry.file;
        item.fqn = Fqn(item.package, FoldersOf(project, entry.file), {item.name});
        item.tags = entry.tags;
        item.config = entry.body.value("config", Json::object());
        item.semantic = &entry;
        if (!entry.model.empty())
            AddParents(project, graph, context, {entry.model, entry.spot}, item);
        for (const std::string& measure : entry.own_measures)
            measures.emplace(measure, items_.size());
        Add(std::move(item));
    }
    for (size_t i = first; i < items_.size(); ++i) {
        const SemanticEntry& entry = *items_[i].semantic;
        for (const std::string& measure : entry.measures) {
            if (const auto of = measures.find(measure); of != measures.end())
                items_[i].parents.push_back(of->second);
        }
        for (const std::string& metric : entry.metrics)
            items_[i].parents.push_back(Named("metric", metric, entry.spot));
    }
}

void Inventory::AddExposures(const Project& project, const Graph& graph, ModelContext& context) {
    for (const Exposure& exposure : project.exposures) {
        Item item;
        item.type = "exposure";
        item.package = exposure.package;
        item.is_of_root = item.package == project.name;
        item.name = exposure.name;
        item.unique_id = UniqueId("exposure", item.package, item.name);
        item.file = exposure.file;
        item.fqn = Fqn(item.package, FoldersOf(project, exposure.file), {item.name});
        item.tags = exposure.tags;
        item.config = {{"enabled", true}, {"tags", exposure.tags}, {"meta", exposure.meta}};
        item.exposure = &exposure;
        for (const auto& call : exposure.depends_on)
            AddParents(project, graph, context, call, item);
        Add(std::move(item));
    }
}

std::optional<size_t> Inventory::Find(const std::string& unique_id) const {
    const auto found = by_id_.find(unique_id);
    return found == by_id_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace tarn::pipeline
