#include "pipeline/hooks.h"

#include <set>

#include "base/text.h"
#include "pipeline/node_json.h"
#include "pipeline/run_results.h"

namespace tarn::pipeline {
namespace {

using Json = nlohmann::ordered_json;

Json NodeJsonOf(const Node& node, const LoadedProject& loaded) {
    if (node.model != nullptr) return NodeJson(*node.model, loaded.project());
    if (node.test != nullptr) return NodeJson(*node.test, loaded.project());
    return NodeJson(*node.unit, *loaded.graph().Nodes()[*node.tested_node].model);
}

}  // namespace

bool IsHookKey(const std::string& key) {
    return key == "pre-hook" || key == "post-hook" || key == "pre_hook" || key == "post_hook";
}

std::vector<std::string> ParseHooks(const std::string& key, const Json& value) {
    if (value.is_null()) return {};
    if (value.is_array()) {
        std::vector<std::string> all;
        for (const Json& one : value) {
            for (std::string& hook : ParseHooks(key, one)) all.push_back(std::move(hook));
        }
        return all;
    }
    if (value.is_object() && value.contains("sql") && value["sql"].is_string())
        return {value["sql"].get<std::string>()};
    if (!value.is_string()) {
        throw Error(ErrorKind::kInvalidInput, "`{}` is SQL, `sql:` with it, or a list of these",
                    key);
    }
    // before_begin(...) and after_commit(...) give a map as text.
    const auto text = value.get<std::string>();
    const Json map = Json::parse(text, nullptr, false);
    if (map.is_object()) return ParseHooks(key, map);
    return {text};
}

void RunHooks(const std::vector<std::string>& hooks, const HookRun& run) {
    for (const std::string& hook : hooks) {
        try {
            const std::string sql = run.compiler.CompileHook(hook, run.model, run.globals);
            if (!Trim(sql).empty()) run.lake.Run(sql);
        } catch (const Error& error) {
            throw Error(error).At(run.spot).With("hook", hook);
        }
    }
}

Json EndOfRun(const std::vector<NodeReport>& reports, const LoadedProject& loaded) {
    const Project& project = loaded.project();
    Json results = Json::array();
    std::set<std::string> schemas;
    for (const NodeReport& report : reports) {
        const auto item = loaded.inventory().Find(report.unique_id);
        const Node& node = loaded.graph().Nodes()[*loaded.inventory().Items()[*item].node];
        if (node.model != nullptr) schemas.insert(node.model->schema);
        Json result = ResultOf(loaded, report);
        result["node"] = NodeJsonOf(node, loaded);
        results.push_back(std::move(result));
    }
    Json pairs = Json::array();
    for (const std::string& schema : schemas)
        pairs.push_back(Json::array({project.target.database, schema}));
    return {{"results", std::move(results)},
            {"schemas", schemas},
            {"database_schemas", std::move(pairs)}};
}

}  // namespace tarn::pipeline
