#include "pipeline/manifest.h"

#include "base/hash.h"
#include "base/text.h"
#include "pipeline/dbt_ids.h"
#include "pipeline/dbt_names.h"
#include "pipeline/dbt_project.h"
#include "pipeline/macro_text.h"
#include "pipeline/node_json.h"
#include "pipeline/vocabulary.h"
#include "sql/quote.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

// Behind the project's folder for files of its kind.
std::string PathBelow(const Project& project, const std::string& file) {
    const std::string folder = DbtProject::FolderOf(file, project.folders);
    return folder.empty() ? file : file.substr(folder.size() + 1);
}

Json Ids(const Inventory& inventory, const std::vector<size_t>& items) {
    Json ids = Json::array();
    for (const size_t item : items) ids.push_back(inventory.Items()[item].unique_id);
    return ids;
}

// What it reads, as ref() and source() name it.
void AddReads(const Inventory& inventory, const Item& item, Json& entry) {
    entry["refs"] = Json::array();
    entry["sources"] = Json::array();
    for (const size_t index : item.parents) {
        const Item& parent = inventory.Items()[index];
        if (parent.type == "source") {
            entry["sources"].push_back({parent.fqn[parent.fqn.size() - 2], parent.name});
        } else {
            const Json version =
                parent.is_version ? VersionJson(parent.fqn.back().substr(1)) : Json();
            entry["refs"].push_back(
                {{"name", parent.name}, {"package", nullptr}, {"version", version}});
        }
    }
    entry["metrics"] = Json::array();
    entry["depends_on"] = {{"macros", Json::array()}, {"nodes", Ids(inventory, item.parents)}};
}

Json Hooks(const Json& said) {
    Json hooks = Json::array();
    for (const Json& hook : said.is_array() ? said : Json::array({said})) {
        Json one = {{"sql", ""}, {"transaction", true}, {"index", nullptr}};
        if (hook.is_object()) {
            one["sql"] = hook.value("sql", "");
            one["transaction"] = hook.value("transaction", true);
        } else if (hook.is_string()) {
            one["sql"] = hook;
        }
        hooks.push_back(std::move(one));
    }
    return hooks;
}

// The settings as the schema has them: hooks are objects.
Json ConfigOf(const Item& item) {
    Json config = Json::object();
    for (const auto& [key, value] : item.config.items()) {
        const bool is_hook =
            key == "pre_hook" || key == "pre-hook" || key == "post_hook" || key == "post-hook";
        if (is_hook) {
            config[key.starts_with("pre") ? "pre-hook" : "post-hook"] = Hooks(value);
        } else {
            config[key] = value;
        }
    }
    return config;
}

Json Docs(const Item& item) {
    Json docs = {{"show", true}, {"node_color", nullptr}};
    const auto said = item.config.find("docs");
    if (said == item.config.end() || !said->is_object()) return docs;
    for (const char* key : {"show", "node_color"}) {
        if (said->contains(key)) docs[key] = (*said)[key];
    }
    return docs;
}

Json OfLimit(const std::optional<FreshnessLimit>& limit) {
    if (!limit) return nullptr;
    return {{"count", limit->count}, {"period", limit->period}};
}

Json OfFreshness(const Freshness& freshness) {
    return {{"warn_after", OfLimit(freshness.warn_after)},
            {"error_after", OfLimit(freshness.error_after)},
            {"filter", Nullable(freshness.filter)}};
}

// What every entry has.
Json Head(const Project& project, const Item& item) {
    return {{"name", item.name},
            {"resource_type", item.type},
            {"package_name", item.package},
            {"path", PathBelow(project, item.file)},
            {"original_file_path", item.file},
            {"unique_id", item.unique_id},
            {"fqn", item.fqn}};
}

struct Writer {
    const LoadedProject& loaded;
    const double created_at;
    const std::map<std::string, std::string>& compiled;

    void AddCode(const Item& item, const std::string& source, Json& entry) const {
        entry["raw_code"] = source;
        entry["checksum"] = {{"name", "sha256"}, {"checksum", Sha256Hex(source)}};
        if (item.type == "seed") return;
        entry["language"] = "sql";
        AddReads(loaded.inventory(), item, entry);
        const auto code = compiled.find(item.unique_id);
        entry["compiled"] = code != compiled.end();
        entry["extra_ctes_injected"] = false;
        entry["extra_ctes"] = Json::array();
        if (code == compiled.end()) return;
        entry["compiled_path"] = "target/compiled/" + SqlPath(item);
        entry["compiled_code"] = code->second;
    }

    Json Common(const Item& item, const std::string& schema, const std::string& alias) const {
        Json entry = Head(loaded.project(), item);
        entry["database"] = loaded.database();
        entry["schema"] = schema;
        entry["alias"] = alias;
        entry["config"] = ConfigOf(item);
        entry["tags"] = item.tags;
        entry["group"] = item.config.value("group", Json());
        entry["docs"] = Docs(item);
        entry["patch_path"] =
            item.patch_file.empty() ? Json() : Json(item.package + "://" + item.patch_file);
        entry["build_path"] = nullptr;
        entry["unrendered_config"] = Json::object();
        entry["created_at"] = created_at;
        return entry;
    }

    static Json ContractOf(const Node& node) {
        Json checksum;
        if (node.config.contract) checksum = Sha256Hex(ColumnsJson(node.model->columns).dump());
        return {{"enforced", node.config.contract},
                {"alias_types", true},
                {"checksum", std::move(checksum)}};
    }

    Json OfModel(const Item& item, const Node& node) const {
        const Model& model = *node.model;
        Json entry = Common(item, model.schema, model.name);
        entry["description"] = model.description;
        entry["columns"] = ColumnsJson(model.columns);
        entry["meta"] = item.config.value("meta", Json::object());
        const bool has_table = node.config.materialized != Materialized::kEphemeral;
        entry["relation_name"] = has_table ? Json(RelationName(loaded, item)) : Json();
        AddCode(item, model.sql, entry);
        if (item.type == "seed") {
            entry["root_path"] = loaded.project().root;
            entry["depends_on"] = {{"macros", Json::array()}};
        } else {
            entry["contract"] = ContractOf(node);
        }
        if (item.type != "model") return entry;
        entry["access"] = item.config.value("access", Json("protected"));
        entry["constraints"] = ConstraintsJson(model.constraints, false);
        entry["version"] = VersionJson(model.version);
        entry["latest_version"] = VersionJson(model.latest_version);
        entry["deprecation_date"] = nullptr;
        return entry;
    }

    Json OfTest(const Item& item, const Node& node) const {
        const SingularTest& test = *node.test;
        const engine::TableName kept =
            FailuresTable(loaded.project(), test.name, node.test_options);
        Json entry = Common(item, kept.schema, kept.name);
        entry["description"] = "";
        entry["columns"] = Json::object();
        entry["meta"] = Json::object();
        entry["relation_name"] = nullptr;
        AddCode(item, test.sql, entry);
        entry["contract"] = {{"enforced", false}, {"alias_types", true}, {"checksum", nullptr}};
        if (!test.declared) return entry;
        entry["path"] = test.name + ".sql";
        entry["column_name"] = Nullable(test.declared->column);
        entry["attached_node"] = node.tested_node
                                     ? Json(loaded.inventory().OfNode(*node.tested_node).unique_id)
                                     : Json();
        entry["test_metadata"] = TestMetadata(test);
        return entry;
    }

    static Json OfRows(const UnitRows& rows) {
        Json given = rows.text.empty() ? rows.rows : Json(rows.text);
        if (!rows.fixture.empty()) given = nullptr;
        return {{"rows", std::move(given)},
                {"format", rows.format},
                {"fixture", Nullable(rows.fixture)}};
    }

    Json OfUnitTest(const Item& item, const UnitTest& test) const {
        Json entry = Head(loaded.project(), item);
        entry["model"] = test.model;
        entry["description"] = "";
        entry["given"] = Json::array();
        for (const UnitInput& input : test.given) {
            Json one = OfRows(input.rows);
            one["input"] = input.input;
            entry["given"].push_back(std::move(one));
        }
        entry["expect"] = OfRows(test.expect);
        entry["overrides"] = {
            {"macros", test.macros}, {"vars", test.vars}, {"env_vars", test.env_vars}};
        entry["depends_on"] = {{"macros", Json::array()},
                               {"nodes", Ids(loaded.inventory(), item.parents)}};
        entry["config"] = item.config;
        entry["created_at"] = created_at;
        return entry;
    }

    Json OfHook(const BuildHook& hook) const {
        return {{"name", hook.name},
                {"resource_type", "operation"},
                {"package_name", hook.package},
                {"path", "hooks/" + hook.name + ".sql"},
                {"original_file_path", kDbtProjectFile},
                {"unique_id", UniqueId("operation", hook.package, hook.name)},
                {"fqn", {hook.package, "hooks", hook.name}},
                {"database", loaded.database()},
                {"schema", loaded.project().target.schema},
                {"alias", hook.name},
                {"checksum", {{"name", "sha256"}, {"checksum", Sha256Hex(hook.sql)}}},
                {"raw_code", hook.sql},
                {"language", "sql"},
                {"created_at", created_at}};
    }

    Json OfSource(const Item& item) const {
        const SourceTable& table = *item.source;
        Json entry = Head(loaded.project(), item);
        entry["database"] = loaded.database();
        entry["schema"] = table.schema;
        entry["source_name"] = item.fqn[item.fqn.size() - 2];
        entry["source_description"] = table.source_description;
        entry["loader"] = table.loader;
        entry["loaded_at_field"] = Nullable(table.freshness.loaded_at_field);
        entry["loaded_at_query"] = Nullable(table.freshness.loaded_at_query);
        entry["freshness"] = table.freshness.IsAsked() ? OfFreshness(table.freshness) : Json();
        entry["identifier"] = table.name;
        entry["description"] = table.description;
        entry["columns"] = ColumnsJson(table.columns);
        entry["meta"] = table.meta;
        entry["source_meta"] = Json::object();
        entry["tags"] = item.tags;
        entry["config"] = {{"enabled", true}};
        entry["patch_path"] = nullptr;
        entry["unrendered_config"] = Json::object();
        entry["relation_name"] = RelationName(loaded, item);
        entry["created_at"] = created_at;
        return entry;
    }

    Json OfExposure(const Item& item) const {
        const Exposure& exposure = *item.exposure;
        Json entry = Head(loaded.project(), item);
        entry["type"] = exposure.type;
        entry["owner"] = {{"email", Nullable(exposure.owner_email)},
                          {"name", Nullable(exposure.owner_name)}};
        entry["description"] = exposure.description;
        entry["label"] = Nullable(exposure.label);
        entry["maturity"] = Nullable(exposure.maturity);
        entry["meta"] = exposure.meta;
        entry["tags"] = item.tags;
        entry["config"] = {{"enabled", true}};
        entry["unrendered_config"] = Json::object();
        entry["url"] = Nullable(exposure.url);
        AddReads(loaded.inventory(), item, entry);
        entry["created_at"] = created_at;
        return entry;
    }

    Json OfSemantic(const Item& item) const {
        Json entry = Head(loaded.project(), item);
        entry.update(item.semantic->body);
        entry["depends_on"] = {{"macros", Json::array()},
                               {"nodes", Ids(loaded.inventory(), item.parents)}};
        entry["created_at"] = created_at;
        if (item.type != "semantic_model") {
            entry["tags"] = item.tags;
            return entry;
        }
        entry["refs"] = Json::array();
        for (const size_t parent : item.parents) {
            const Item& model = loaded.inventory().Items()[parent];
            const auto table = TableOf(loaded, model);
            entry["refs"].push_back({{"name", model.name}, {"package", nullptr}});
            entry["node_relation"] = {{"alias", table->name},
                                      {"schema_name", table->schema},
                                      {"database", loaded.database()},
                                      {"relation_name", RelationName(loaded, model)}};
        }
        return entry;
    }

    Json Macros() const {
        Json macros = Json::object();
        for (const MacroFile& file : loaded.project().macros) {
            for (const MacroText& macro : MacrosOf(file.source)) {
                const std::string id = UniqueId("macro", file.package, macro.name);
                macros[id] = {{"name", macro.name},
                              {"resource_type", "macro"},
                              {"package_name", file.package},
                              {"path", file.file},
                              {"original_file_path", file.file},
                              {"unique_id", id},
                              {"macro_sql", macro.text},
                              {"depends_on", {{"macros", Json::array()}}},
                              {"description", ""},
                              {"meta", Json::object()},
                              {"docs", {{"show", true}, {"node_color", nullptr}}},
                              {"patch_path", nullptr},
                              {"arguments", Json::array()},
                              {"created_at", created_at},
                              {"supported_languages", nullptr}};
            }
        }
        return macros;
    }

    Json Groups() const {
        Json groups = Json::object();
        for (const Group& group : loaded.project().groups) {
            Json entry = GroupJson(group);
            entry["path"] = PathBelow(loaded.project(), group.file);
            const std::string id = entry["unique_id"];
            groups[id] = std::move(entry);
        }
        return groups;
    }

    Json DocsBlocks() const {
        Json docs = Json::object();
        const std::string& package = loaded.project().name;
        for (const auto& [name, text] : loaded.project().docs) {
            const std::string id = UniqueId("doc", package, name);
            docs[id] = {{"name", name},
                        {"resource_type", "doc"},
                        {"package_name", package},
                        {"path", ""},
                        {"original_file_path", ""},
                        {"unique_id", id},
                        {"block_contents", text}};
        }
        return docs;
    }

    Json Selectors() const {
        Json selectors = Json::object();
        const std::string& text = loaded.project().selectors;
        if (text.empty()) return selectors;
        const YamlNode root = YamlNode::Parse(text, kSelectorsFile);
        for (const YamlNode& one : root.At("selectors").Items())
            selectors[one.At("name").AsString()] = Json::parse(one.ToJson());
        return selectors;
    }
};

}  // namespace

Json ArtifactMetadata(const Invocation& invocation, const std::string& artifact, int version) {
    return {{"dbt_schema_version",
             fmt::format("https://schemas.getdbt.com/dbt/{}/v{}.json", artifact, version)},
            {"dbt_version", kDbtVersion},
            {"generated_at", FormatTimestamp(invocation.now)},
            {"invocation_id", invocation.id},
            {"invocation_started_at", FormatTimestamp(invocation.started)},
            {"env", Json::object()}};
}

std::optional<engine::TableName> TableOf(const LoadedProject& loaded, const Item& item) {
    if (item.source != nullptr) return engine::TableName{item.source->schema, item.source->name};
    if (!item.node) return std::nullopt;
    const Model* model = loaded.graph().Nodes()[*item.node].model;
    if (model == nullptr) return std::nullopt;
    return engine::TableName{model->schema, model->name};
}

std::string RelationName(const LoadedProject& loaded, const Item& item) {
    const auto table = TableOf(loaded, item);
    if (!table) return "";
    return sql::QuoteIdentifier(loaded.database()) + "." + sql::QuoteIdentifier(table->schema) +
           "." + sql::QuoteIdentifier(table->name);
}

std::string SqlPath(const Item& item) {
    // Of one file there may be several.
    const bool is_one = item.test_word.empty() && item.type != "snapshot";
    if (is_one) return item.package + "/" + item.file;
    return item.package + "/" + item.file + "/" + item.name + ".sql";
}

Json Manifest(const LoadedProject& loaded, const Invocation& invocation,
              const std::map<std::string, std::string>& compiled) {
    const Inventory& inventory = loaded.inventory();
    const Writer writer{loaded, static_cast<double>(ToUnixUs(invocation.started)) / 1e6, compiled};
    Json manifest = {{"metadata", ArtifactMetadata(invocation, "manifest", 12)}};
    manifest["metadata"]["project_name"] = loaded.project().name;
    manifest["metadata"]["adapter_type"] = loaded.project().target.type;
    for (const char* key : {"nodes", "sources", "macros", "docs", "exposures", "metrics", "groups",
                            "selectors", "disabled", "parent_map", "child_map", "group_map",
                            "saved_queries", "semantic_models", "unit_tests", "functions"}) {
        manifest[key] = Json::object();
    }
    // Appended, not looked up: a map that keeps its order is searched from its begin.
    std::map<std::string, Json::object_t> parts;
    for (const Item& item : inventory.Items()) {
        if (item.source != nullptr) {
            parts["sources"].emplace_back(item.unique_id, writer.OfSource(item));
        } else if (item.exposure != nullptr) {
            parts["exposures"].emplace_back(item.unique_id, writer.OfExposure(item));
        } else if (item.semantic != nullptr) {
            parts[PartOf(item.type)].emplace_back(item.unique_id, writer.OfSemantic(item));
        } else {
            const Node& node = loaded.graph().Nodes()[*item.node];
            if (node.unit != nullptr) {
                parts["unit_tests"].emplace_back(item.unique_id,
                                                 writer.OfUnitTest(item, *node.unit));
            } else {
                parts["nodes"].emplace_back(item.unique_id, node.model != nullptr
                                                                ? writer.OfModel(item, node)
                                                                : writer.OfTest(item, node));
            }
        }
        if (const Json group = item.config.value("group", Json()); group.is_string())
            manifest["group_map"][group.get<std::string>()].push_back(item.unique_id);
        parts["parent_map"].emplace_back(item.unique_id, Ids(inventory, item.parents));
        parts["child_map"].emplace_back(item.unique_id, Ids(inventory, item.children));
    }
    for (const auto* hooks : {&loaded.project().on_run_start, &loaded.project().on_run_end}) {
        for (const BuildHook& hook : *hooks) {
            const std::string id = UniqueId("operation", hook.package, hook.name);
            parts["nodes"].emplace_back(id, writer.OfHook(hook));
            parts["parent_map"].emplace_back(id, Json::array());
            parts["child_map"].emplace_back(id, Json::array());
        }
    }
    for (auto& [key, part] : parts) manifest[key] = std::move(part);
    manifest["macros"] = writer.Macros();
    manifest["docs"] = writer.DocsBlocks();
    manifest["groups"] = writer.Groups();
    manifest["selectors"] = writer.Selectors();
    return manifest;
}

}  // namespace tarn::pipeline
