#include "pipeline/node_json.h"

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

Json ConfigJson(const Model& model) {
    Json config = model.settings.empty() ? model.yaml_config : model.settings;
    config["materialized"] = MaterializedOf(model);
    config["enabled"] = model.config.enabled;
    config["tags"] = model.config.tags;
    for (const char* key : {"meta", "schema", "alias", "unique_key"}) {
        if (config.contains(key)) continue;
        config[key] = std::string_view(key) == "meta" ? Json::object() : Json();
    }
    return config;
}

Json ColumnsJson(const Model& model) {
    Json columns = Json::object();
    for (const ModelColumn& column : model.columns) {
        columns[column.name] = {{"name", column.name},
                                {"description", column.description},
                                {"data_type", nullptr},
                                {"meta", Json::object()},
                                {"tags", Json::array()}};
    }
    return columns;
}

}  // namespace

Json NodeJson(const Model& model, const Project& project) {
    const Json config = ConfigJson(model);
    std::vector<std::string> fqn = {model.package};
    fqn.insert(fqn.end(), model.folders.begin(), model.folders.end());
    fqn.push_back(model.ref_name);
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
            {"columns", ColumnsJson(model)},
            {"tags", model.config.tags},
            {"meta", config["meta"]},
            {"config", config}};
}

Json NodeJson(const SingularTest& test, const Project& project) {
    const engine::TableName kept = FailuresTable(project, test.name, test.options);
    return {{"name", test.name},
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

Json GraphJson(const Project& project) {
    Json nodes = Json::object();
    for (const Model& model : project.models) nodes[model.UniqueId()] = NodeJson(model, project);
    for (const SingularTest& test : project.tests) {
        Json node = NodeJson(test, project);
        const std::string id = node["unique_id"];
        nodes[id] = std::move(node);
    }
    Json sources = Json::object();
    for (const SourceTable& table : project.sources) {
        const std::string source = table.said_source.empty() ? table.schema : table.said_source;
        const std::string name = table.said_table.empty() ? table.name : table.said_table;
        const std::string id = "source." + table.package + "." + source + "." + name;
        sources[id] = {{"name", name},
                       {"source_name", source},
                       {"resource_type", "source"},
                       {"package_name", table.package},
                       {"unique_id", id},
                       {"database", project.target.database},
                       {"schema", table.schema},
                       {"identifier", table.name}};
    }
    return {{"nodes", std::move(nodes)},
            {"sources", std::move(sources)},
            {"exposures", Json::object()},
            {"metrics", Json::object()}};
}

}  // namespace tarn::pipeline
