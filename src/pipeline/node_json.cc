#include "pipeline/node_json.h"

#include <map>

#include "base/text.h"
#include "pipeline/dbt_ids.h"
#include "pipeline/dbt_names.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

std::string MaterializedOf(const Model& model) {
    if (model.resource != Resource::kModel) return NameOf(model.resource);
    return model.settings.value("materialized", std::string("view"));
}

// What settings are where nobody says them, as templates look into them.
const Json& UnsaidSettings() {
    static const Json settings = {{"alias", nullptr},
                                  {"schema", nullptr},
                                  {"database", nullptr},
                                  {"meta", Json::object()},
                                  {"group", nullptr},
                                  {"unique_key", nullptr},
                                  {"incremental_strategy", nullptr},
                                  {"on_schema_change", "ignore"},
                                  {"full_refresh", nullptr},
                                  {"column_types", Json::object()},
                                  {"persist_docs", Json::object()},
                                  {"quoting", Json::object()},
                                  {"grants", Json::object()},
                                  {"packages", Json::array()},
                                  {"docs", {{"show", true}, {"node_color", nullptr}}},
                                  {"contract", {{"enforced", false}, {"alias_types", true}}},
                                  {"event_time", nullptr}};
    return settings;
}

Json ConfigJson(const Model& model) {
    Json config = model.settings.empty() ? model.yaml_config : model.settings;
    config["materialized"] = MaterializedOf(model);
    config["enabled"] = model.config.enabled;
    config["tags"] = model.config.tags;
    for (const auto& [key, value] : UnsaidSettings().items()) {
        if (!config.contains(key)) config[key] = value;
    }
    return config;
}

}  // namespace

Json ConstraintsJson(const std::vector<Constraint>& constraints, bool of_column) {
    Json all = Json::array();
    for (const Constraint& constraint : constraints) {
        all.push_back({{"type", constraint.type},
                       {"name", nullptr},
                       {"expression", Nullable(constraint.expression)}});
        if (!of_column) all.back()["columns"] = constraint.columns;
    }
    return all;
}

Json ColumnsJson(const std::vector<ModelColumn>& columns) {
    Json all = Json::object();
    for (const ModelColumn& column : columns) {
        all[column.name] = {{"name", column.name},
                            {"description", column.description},
                            {"meta", column.meta},
                            {"data_type", Nullable(column.data_type)},
                            {"constraints", ConstraintsJson(column.constraints, true)},
                            {"quote", nullptr},
                            {"config", {{"meta", column.meta}, {"tags", column.tags}}},
                            {"tags", column.tags}};
        all[column.name].update(column.further);
    }
    return all;
}

Json NodeJson(const Model& model, const Project& project) {
    const Json config = ConfigJson(model);
    std::vector<std::string> fqn = {model.package};
    fqn.insert(fqn.end(), model.folders.begin(), model.folders.end());
    for (const std::string& word : model.Words()) fqn.push_back(word);
    return {{"name", model.ref_name},
            {"resource_type", NameOf(model.resource)},
            {"package_name", model.package},
            {"unique_id", model.UniqueId()},
            {"database", project.target.database},
            {"schema", model.schema},
            {"alias", model.name},
            {"relation_name", model.Id()},
            {"fqn", fqn},
            {"path", model.file},
            {"original_file_path", model.file},
            {"raw_code", model.sql},
            {"language", "sql"},
            {"description", model.description},
            {"columns", ColumnsJson(model.columns)},
            {"tags", model.config.tags},
            {"meta", config["meta"]},
            {"access", config.value("access", Json("protected"))},
            {"group", config.value("group", Json())},
            {"version", VersionJson(model.version)},
            {"latest_version", VersionJson(model.latest_version)},
            {"constraints", ConstraintsJson(model.constraints, false)},
            {"contract", {{"enforced", model.config.contract}}},
            {"docs", config.value("docs", Json{{"show", true}})},
            {"config", config}};
}

Json NodeJson(const SingularTest& test, const Project& project) {
    const engine::TableName kept = FailuresTable(project, test.name, test.options);
    Json json = {{"name", test.name},
                 {"resource_type", "test"},
                 {"package_name", test.package},
                 {"unique_id", TestUniqueId(test.package, test)},
                 {"database", project.target.database},
                 {"schema", kept.schema},
                 {"alias", kept.name},
                 {"path", test.file},
                 {"original_file_path", test.file},
                 {"raw_code", test.sql},
                 {"tags", Json::array()},
                 {"meta", Json::object()},
                 {"config", {{"severity", quality::NameOf(test.options.severity)}}}};
    if (!test.declared) return json;
    json["tags"] = test.declared->tags;
    json["column_name"] = Nullable(test.declared->column);
    json["test_metadata"] = TestMetadata(test);
    return json;
}

Json NodeJson(const UnitTest& test, const Model& model) {
    return {{"name", test.name},
            {"resource_type", "unit_test"},
            {"package_name", model.package},
            {"unique_id", UnitTestUniqueId(model, test)},
            {"model", model.ref_name},
            {"path", test.spot.file},
            {"original_file_path", test.spot.file}};
}

namespace {

Json SourceJson(const SourceTable& table, const Item& item, const Project& project) {
    return {{"name", item.name},
            {"source_name", item.fqn[item.fqn.size() - 2]},
            {"resource_type", "source"},
            {"package_name", item.package},
            {"unique_id", item.unique_id},
            {"fqn", item.fqn},
            {"database", project.target.database},
            {"schema", table.schema},
            {"identifier", table.name},
            {"relation_name", table.Id()},
            {"path", item.file},
            {"original_file_path", item.file},
            {"description", table.description},
            {"source_description", table.source_description},
            {"loader", table.loader},
            {"loaded_at_field", Nullable(table.freshness.loaded_at_field)},
            {"freshness", table.freshness.IsAsked() ? Json::object() : Json()},
            {"columns", ColumnsJson(table.columns)},
            {"tags", table.tags},
            {"meta", table.meta},
            {"config", item.config}};
}

Json ExposureJson(const Exposure& exposure, const Item& item) {
    return {{"name", item.name},
            {"resource_type", "exposure"},
            {"package_name", item.package},
            {"unique_id", item.unique_id},
            {"fqn", item.fqn},
            {"type", exposure.type},
            {"label", Nullable(exposure.label)},
            {"url", Nullable(exposure.url)},
            {"maturity", Nullable(exposure.maturity)},
            {"description", exposure.description},
            {"owner",
             {{"name", Nullable(exposure.owner_name)}, {"email", Nullable(exposure.owner_email)}}},
            {"path", item.file},
            {"original_file_path", item.file},
            {"tags", item.tags},
            {"meta", exposure.meta},
            {"config", item.config}};
}

Json SemanticJson(const SemanticEntry& entry, const Item& item) {
    Json json = {{"name", item.name},
                 {"resource_type", item.type},
                 {"package_name", item.package},
                 {"unique_id", item.unique_id},
                 {"fqn", item.fqn},
                 {"path", item.file},
                 {"original_file_path", item.file},
                 {"tags", item.tags}};
    json.update(entry.body);
    return json;
}

}  // namespace

Json GroupJson(const Group& group) {
    return {{"name", group.name},
            {"resource_type", "group"},
            {"package_name", group.package},
            {"unique_id", UniqueId("group", group.package, group.name)},
            {"path", group.file},
            {"original_file_path", group.file},
            {"owner", group.owner}};
}

std::string PartOf(const std::string& type) {
    return type == "saved_query" ? "saved_queries" : type + "s";
}

Json GraphJson(const Project& project, const Graph& graph, const Inventory& inventory) {
    Json json = {{"nodes", Json::object()},        {"sources", Json::object()},
                 {"exposures", Json::object()},    {"metrics", Json::object()},
                 {"groups", Json::object()},       {"semantic_models", Json::object()},
                 {"saved_queries", Json::object()}};
    // Appended, not looked up: a map that keeps its order is searched from its begin.
    std::map<std::string, Json::object_t> parts;
    for (const Item& item : inventory.Items()) {
        const Node* node = item.node ? &graph.Nodes()[*item.node] : nullptr;
        if (node != nullptr && node->unit != nullptr) continue;
        Json one;
        std::string part = "nodes";
        if (item.source != nullptr) {
            part = "sources";
            one = SourceJson(*item.source, item, project);
        } else if (item.exposure != nullptr) {
            part = "exposures";
            one = ExposureJson(*item.exposure, item);
        } else if (item.semantic != nullptr) {
            part = PartOf(item.type);
            one = SemanticJson(*item.semantic, item);
        } else {
            one = node->model != nullptr ? NodeJson(*node->model, project)
                                         : NodeJson(*node->test, project);
            one["config"].update(item.config);
            one["fqn"] = item.fqn;
            if (node->tested_node)
                one["attached_node"] = inventory.OfNode(*node->tested_node).unique_id;
        }
        Json reads = Json::array();
        for (const size_t parent : item.parents)
            reads.push_back(inventory.Items()[parent].unique_id);
        one["depends_on"] = {{"nodes", std::move(reads)}, {"macros", Json::array()}};
        parts[part].emplace_back(item.unique_id, std::move(one));
    }
    for (auto& [key, part] : parts) json[key] = std::move(part);
    for (const Group& group : project.groups) {
        Json entry = GroupJson(group);
        const std::string id = entry["unique_id"];
        json["groups"][id] = std::move(entry);
    }
    return json;
}

}  // namespace tarn::pipeline
